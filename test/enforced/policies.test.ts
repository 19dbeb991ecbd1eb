/** What policies let users, services and topics do. */
import { CreateKeyCommand, EncryptCommand } from '@aws-sdk/client-kms';
import { CreateTopicCommand, PublishCommand, SetTopicAttributesCommand, SubscribeCommand } from '@aws-sdk/client-sns';
import {
  CreateQueueCommand,
  DeleteQueueCommand,
  ListQueuesCommand,
  ReceiveMessageCommand,
  SendMessageBatchCommand,
  SendMessageCommand,
  SetQueueAttributesCommand,
} from '@aws-sdk/client-sqs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { required } from '../../src/std/assert.ts';
import { account, allow, type Enforced, outcome, policy, queueArn, region, startEnforced } from './server.ts';

let enforced: Enforced;
beforeAll(async () => {
  enforced = await startEnforced({ accounts: ['111122223333'] });
});
afterAll(() => enforced.server.close());

const urlOf = (name: string) => `${enforced.server.endpoint}/${account}/${name}`;

async function queue(name: string, ...statements: readonly object[]): Promise<string> {
  const { sqs } = enforced.clients(enforced.root);
  const Attributes = statements.length === 0 ? {} : { Policy: policy(...statements) };
  await sqs.send(new CreateQueueCommand({ QueueName: name, Attributes }));
  return urlOf(name);
}

const send = (QueueUrl: string) => new SendMessageCommand({ QueueUrl, MessageBody: 'x' });

describe('a user', () => {
  it('without policies may do nothing, and is told so in the words of AWS', async () => {
    const QueueUrl = await queue('closed');
    const { sqs } = enforced.clients(await enforced.user('nobody'));
    await expect(sqs.send(send(QueueUrl))).rejects.toMatchObject({
      name: 'AccessDenied',
      $metadata: { httpStatusCode: 403 },
      message: `User: arn:aws:iam::${account}:user/nobody is not authorized to perform: sqs:SendMessage on resource: ${queueArn('closed')} because no identity-based policy allows the sqs:SendMessage action`,
    });
    expect(await outcome(sqs.send(new ListQueuesCommand({})))).toBe('AccessDenied');
  });

  it('may do what his policy allows, on what it allows it, in batches too', async () => {
    const [one, other] = [await queue('mine'), await queue('yours')];
    const { sqs } = enforced.clients(await enforced.user('sender', allow('sqs:SendMessage', queueArn('mine'))));
    expect(await outcome(sqs.send(send(one)))).toBe('done');
    expect(await outcome(sqs.send(send(other)))).toBe('AccessDenied');
    const Entries = [{ Id: 'a', MessageBody: 'x' }];
    expect(await outcome(sqs.send(new SendMessageBatchCommand({ QueueUrl: one, Entries })))).toBe('done');
    expect(await outcome(sqs.send(new SendMessageBatchCommand({ QueueUrl: other, Entries })))).toBe('AccessDenied');
    expect(await outcome(sqs.send(new DeleteQueueCommand({ QueueUrl: one })))).toBe('AccessDenied');
  });

  it('may do what the policy of the queue allows him', async () => {
    const arn = `arn:aws:iam::${account}:user/guest`;
    const key = await enforced.user('guest');
    const statement = { Principal: { AWS: arn }, ...allow('sqs:ReceiveMessage', queueArn('hospitable')) };
    const QueueUrl = await queue('hospitable', statement);
    const { sqs } = enforced.clients(key);
    expect(await outcome(sqs.send(new ReceiveMessageCommand({ QueueUrl })))).toBe('done');
    expect(await outcome(sqs.send(send(QueueUrl)))).toBe('AccessDenied');
  });

  it('and the root too, may not do what is denied', async () => {
    const deny = { Effect: 'Deny', Principal: '*', Action: 'sqs:SendMessage', Resource: queueArn('denied') };
    const QueueUrl = await queue('denied', deny);
    const { sqs } = enforced.clients(enforced.root);
    await expect(sqs.send(send(QueueUrl))).rejects.toMatchObject({
      name: 'AccessDenied',
      message: expect.stringContaining('with an explicit deny in a resource-based policy'),
    });
    // Who locked himself out can still open the door.
    await sqs.send(new SetQueueAttributesCommand({ QueueUrl, Attributes: { Policy: '' } }));
    expect(await outcome(sqs.send(send(QueueUrl)))).toBe('done');
  });

  it('is held to conditions: the address he comes from, the tags of the queue', async () => {
    const QueueUrl = await queue('tagged');
    const from = (address: string) => ({ Condition: { IpAddress: { 'aws:SourceIp': address } } });
    const near = enforced.clients(await enforced.user('near', allow('sqs:*', '*', from('127.0.0.0/8'))));
    const far = enforced.clients(await enforced.user('far', allow('sqs:*', '*', from('10.0.0.0/8'))));
    expect(await outcome(near.sqs.send(send(QueueUrl)))).toBe('done');
    expect(await outcome(far.sqs.send(send(QueueUrl)))).toBe('AccessDenied');
    const secure = { Condition: { Bool: { 'aws:SecureTransport': 'true' } } };
    const careful = enforced.clients(await enforced.user('careful', allow('sqs:*', '*', secure)));
    expect(await outcome(careful.sqs.send(send(QueueUrl)))).toBe('AccessDenied');
  });
});

describe('a topic', () => {
  async function topic(name: string): Promise<string> {
    const { TopicArn } = await enforced.clients(enforced.root).sns.send(new CreateTopicCommand({ Name: name }));
    return required(TopicArn, 'a topic');
  }

  it('takes messages of those whom its policy or their own allow it', async () => {
    const TopicArn = await topic('news');
    const publish = new PublishCommand({ TopicArn, Message: 'x' });
    const { sns } = enforced.clients(await enforced.user('reporter'));
    await expect(sns.send(publish)).rejects.toMatchObject({
      name: 'AuthorizationErrorException',
      message: `User: arn:aws:iam::${account}:user/reporter is not authorized to perform: SNS:Publish on resource: ${TopicArn} because no identity-based policy allows the SNS:Publish action`,
    });
    const statement = {
      ...{ Effect: 'Allow', Principal: { AWS: `arn:aws:iam::${account}:user/reporter` } },
      ...{ Action: 'SNS:Publish', Resource: TopicArn },
    };
    await enforced
      .clients(enforced.root)
      .sns.send(
        new SetTopicAttributesCommand({ TopicArn, AttributeName: 'Policy', AttributeValue: policy(statement) }),
      );
    expect(await outcome(sns.send(publish))).toBe('done');
  });

  it('sends to queues whose policies let it, and to the dead-letter queue what others refuse', async () => {
    const TopicArn = await topic('senders');
    const lets = (name: string, arn: string) => ({
      ...{ Effect: 'Allow', Principal: { Service: 'sns.amazonaws.com' }, Action: 'sqs:SendMessage' },
      ...{ Resource: queueArn(name), Condition: { ArnEquals: { 'aws:SourceArn': arn } } },
    });
    const elsewhere = `arn:aws:sns:${region}:${account}:other`;
    const open = await queue('open', lets('open', TopicArn));
    const shut = await queue('shut', lets('shut', elsewhere));
    const dead = await queue('dead', lets('dead', TopicArn));
    const { sns, sqs } = enforced.clients(enforced.root);
    const RedrivePolicy = JSON.stringify({ deadLetterTargetArn: queueArn('dead') });
    for (const name of ['open', 'shut']) {
      const Attributes = { RawMessageDelivery: 'true', ...(name === 'shut' && { RedrivePolicy }) };
      await sns.send(new SubscribeCommand({ TopicArn, Protocol: 'sqs', Endpoint: queueArn(name), Attributes }));
    }
    await sns.send(new PublishCommand({ TopicArn, Message: 'news' }));
    const bodies = async (QueueUrl: string) => {
      const { Messages = [] } = await sqs.send(new ReceiveMessageCommand({ QueueUrl }));
      return Messages.map(({ Body }) => Body);
    };
    expect([await bodies(open), await bodies(shut), await bodies(dead)]).toEqual([['news'], [], ['news']]);
    // A changed policy counts from the next message on.
    const Policy = policy(lets('shut', TopicArn));
    await sqs.send(new SetQueueAttributesCommand({ QueueUrl: shut, Attributes: { Policy } }));
    await sns.send(new PublishCommand({ TopicArn, Message: 'more' }));
    expect(await bodies(shut)).toEqual(['more']);
  });
});

describe('another account', () => {
  const other = '111122223333';

  it('reaches a queue that is opened to it, by those of its users that may, and never administers it', async () => {
    const key = required(enforced.server.otherRootKeys[0], 'the key of the other account');
    expect(key.accountId).toBe(other);
    const statement = {
      Principal: { AWS: other },
      ...allow(['sqs:SendMessage', 'sqs:DeleteQueue'], queueArn('shared')),
    };
    const QueueUrl = await queue('shared', statement);
    const { sqs } = enforced.clients(key);
    expect(await outcome(sqs.send(send(QueueUrl)))).toBe('done');
    expect(await outcome(sqs.send(new ReceiveMessageCommand({ QueueUrl })))).toBe('AccessDenied');
    expect(await outcome(sqs.send(new DeleteQueueCommand({ QueueUrl })))).toBe('AccessDenied');
    // Its own queues are its own.
    await sqs.send(new CreateQueueCommand({ QueueName: 'private' }));
    const { QueueUrls = [] } = await sqs.send(new ListQueuesCommand({}));
    expect(QueueUrls).toEqual([`${enforced.server.endpoint}/${other}/private`]);
    const { sqs: first } = enforced.clients(enforced.root);
    expect(await outcome(first.send(send(QueueUrls[0] ?? '')))).toBe('AccessDenied');
  });
});

describe('a key', () => {
  it('is used by those whom its policy, or through it their own, allow it', async () => {
    const { KeyMetadata } = await enforced.clients(enforced.root).kms.send(new CreateKeyCommand({}));
    const encrypt = new EncryptCommand({ KeyId: KeyMetadata?.Arn, Plaintext: Buffer.from('x') });
    const without = enforced.clients(await enforced.user('without'));
    const having = enforced.clients(await enforced.user('having', allow('kms:Encrypt', KeyMetadata?.Arn)));
    expect(await outcome(without.kms.send(encrypt))).toBe('AccessDeniedException');
    expect(await outcome(having.kms.send(encrypt))).toBe('done');
  });
});
