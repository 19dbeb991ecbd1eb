/** Signatures that are verified by processes at the edge: `--threads` with `--auth enforce`. */
import {
  CreateAccessKeyCommand,
  CreateUserCommand,
  DeleteUserPolicyCommand,
  GetAccessKeyLastUsedCommand,
  GetUserCommand,
  IAMClient,
  PutUserPolicyCommand,
  UpdateAccessKeyCommand,
} from '@aws-sdk/client-iam';
import {
  CreateQueueCommand,
  ReceiveMessageCommand,
  SendMessageCommand,
  SetQueueAttributesCommand,
  SQSClient,
} from '@aws-sdk/client-sqs';
import { GetSessionTokenCommand, STSClient } from '@aws-sdk/client-sts';
import { describe, expect, it } from 'vitest';
import { required } from '../../src/std/assert.ts';
import { Fixture, queueUrl } from '../crash/fixture.ts';
import { allow, type Key, outcome, policy, queueArn, region } from '../enforced/server.ts';

const fixture = new Fixture();
const root: Key = { accessKeyId: 'AKIAROOTROOTROOTROOT', secretAccessKey: 'a-secret-of-the-root-that-is-long-enough' };

async function start() {
  const env = { POSTHORN_ROOT_SECRET_ACCESS_KEY: root.secretAccessKey };
  const args = ['--auth', 'enforce', '--threads', '2', '--root-access-key-id', root.accessKeyId];
  const server = fixture.start(args, { env });
  const client = await fixture.connect(server);
  const of = (credentials: Key) => ({ endpoint: client.endpoint, region, credentials, maxAttempts: 1 });
  const iam = new IAMClient(of(root));
  const sqs = new SQSClient(of(root));
  await iam.send(new CreateUserCommand({ UserName: 'ann' }));
  const { AccessKey } = await iam.send(new CreateAccessKeyCommand({ UserName: 'ann' }));
  const { AccessKeyId: accessKeyId = '', SecretAccessKey: secretAccessKey = '' } = required(AccessKey, 'a key');
  await sqs.send(new CreateQueueCommand({ QueueName: 'orders' }));
  const ann: Key = { accessKeyId, secretAccessKey };
  return { of, iam, sqs, ann, QueueUrl: queueUrl(client, 'orders') };
}

const send = (QueueUrl: string) => new SendMessageCommand({ QueueUrl, MessageBody: 'x' });
const mayDo = (Action: string) => ({
  ...{ UserName: 'ann', PolicyName: 'own' },
  PolicyDocument: policy(allow(Action, queueArn('orders'))),
});

describe.skipIf(process.platform === 'win32')('processes at the edge, where signatures are enforced', () => {
  it('let in who is allowed, for as long as he is', async () => {
    const { of, iam, ann, QueueUrl } = await start();
    const sqs = new SQSClient(of(ann));
    expect(await outcome(sqs.send(send(QueueUrl)))).toBe('AccessDenied');
    await iam.send(new PutUserPolicyCommand(mayDo('sqs:SendMessage')));
    expect(await outcome(sqs.send(send(QueueUrl)))).toBe('done');
    expect(await outcome(sqs.send(send(QueueUrl)))).toBe('done');
    expect(await outcome(sqs.send(new ReceiveMessageCommand({ QueueUrl })))).toBe('AccessDenied');
    const { AccessKeyLastUsed } = await iam.send(new GetAccessKeyLastUsedCommand({ AccessKeyId: ann.accessKeyId }));
    expect(AccessKeyLastUsed).toMatchObject({ ServiceName: 'sqs', Region: region });
    await iam.send(new DeleteUserPolicyCommand({ UserName: 'ann', PolicyName: 'own' }));
    expect(await outcome(sqs.send(send(QueueUrl)))).toBe('AccessDenied');
    await iam.send(new PutUserPolicyCommand(mayDo('sqs:SendMessage')));
    const inactive = { UserName: 'ann', AccessKeyId: ann.accessKeyId, Status: 'Inactive' as const };
    expect(await outcome(sqs.send(send(QueueUrl)))).toBe('done');
    await iam.send(new UpdateAccessKeyCommand(inactive));
    expect(await outcome(sqs.send(send(QueueUrl)))).toBe('InvalidClientTokenId');
  });

  it('heed the policy of the queue as it is', async () => {
    const { of, iam, sqs, ann, QueueUrl } = await start();
    const guest = new SQSClient(of(ann));
    const { User } = await iam.send(new GetUserCommand({ UserName: 'ann' }));
    const statement = { Principal: { AWS: User?.Arn }, ...allow('sqs:*', queueArn('orders')) };
    const set = (Policy: string) => sqs.send(new SetQueueAttributesCommand({ QueueUrl, Attributes: { Policy } }));
    await set(policy(statement));
    expect(await outcome(guest.send(send(QueueUrl)))).toBe('done');
    const received = await guest.send(
      new ReceiveMessageCommand({ QueueUrl, MessageSystemAttributeNames: ['SenderId'] }),
    );
    expect(received.Messages?.[0]?.Attributes?.SenderId).toBe(User?.UserId);
    await set('');
    expect(await outcome(guest.send(send(QueueUrl)))).toBe('AccessDenied');
  });

  it('know sessions by their tokens, and nobody by a wrong signature', async () => {
    const { of, QueueUrl } = await start();
    const { Credentials } = await new STSClient(of(root)).send(new GetSessionTokenCommand({}));
    const {
      AccessKeyId: accessKeyId = '',
      SecretAccessKey: secretAccessKey = '',
      SessionToken = '',
    } = {
      ...Credentials,
    };
    const session = { accessKeyId, secretAccessKey, sessionToken: SessionToken };
    expect(await outcome(new SQSClient(of(session)).send(send(QueueUrl)))).toBe('done');
    const without = new SQSClient(of({ accessKeyId, secretAccessKey }));
    expect(await outcome(without.send(send(QueueUrl)))).toBe('InvalidClientTokenId');
    const forged = new SQSClient(of({ ...root, secretAccessKey: 'another secret' }));
    expect(await outcome(forged.send(send(QueueUrl)))).toBe('SignatureDoesNotMatch');
    const stranger = new SQSClient(of({ ...root, accessKeyId: 'AKIANOBODYNOBODYNOBO' }));
    expect(await outcome(stranger.send(send(QueueUrl)))).toBe('InvalidClientTokenId');
  });
});
