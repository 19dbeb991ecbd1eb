/** Queues whose KMS key can't be used. The codes are SQS's own, the texts those of KMS. */
import {
  CancelKeyDeletionCommand,
  CreateKeyCommand,
  DisableKeyCommand,
  EnableKeyCommand,
  KMSClient,
  ScheduleKeyDeletionCommand,
} from '@aws-sdk/client-kms';
import { KmsDisabled, SendMessageCommand } from '@aws-sdk/client-sqs';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { ExpectedError } from '../errors.ts';
import { type Api, describeOurs, endpoint, protocols, sdk, signerOf } from '../target.ts';

let kms: KMSClient;
beforeAll(() => {
  const { region, accessKeyId, secretAccessKey } = signerOf('kms');
  kms = new KMSClient({ endpoint: endpoint(), region, credentials: { accessKeyId, secretAccessKey }, maxAttempts: 1 });
});
afterAll(() => kms.destroy());

interface Key {
  readonly id: string;
  readonly arn: string;
}

async function newKey(signing = false): Promise<Key> {
  const asked = new CreateKeyCommand(signing ? { KeySpec: 'ECC_NIST_P256', KeyUsage: 'SIGN_VERIFY' } : {});
  const { KeyId = '', Arn = '' } = (await kms.send(asked)).KeyMetadata ?? {};
  return { id: KeyId, arn: Arn };
}

const disable = ({ id }: Key) => kms.send(new DisableKeyCommand({ KeyId: id }));
const enable = ({ id }: Key) => kms.send(new EnableKeyCommand({ KeyId: id }));
const disabled = ({ arn }: Key): ExpectedError => ({
  ...{ code: 'KmsDisabled', queryCode: 'KMS.DisabledException', status: 400, message: `${arn} is disabled.` },
});

const absent = '11111111-2222-3333-4444-555555555555';
const entries = (...bodies: readonly string[]) => bodies.map((MessageBody, n) => ({ Id: `id-${n}`, MessageBody }));

/** A queue whose key has not been used, so that nothing of it is in memory. */
const queueOf = (api: Api, { id }: Key) => api.queue({ KmsMasterKeyId: id });

describeOurs.each(protocols)('a KMS key that can not be used, over $name', (api) => {
  it('is no reason to refuse CreateQueue or SetQueueAttributes [aws: sse queue attributes]', async () => {
    const QueueUrl = await api.queue({ KmsMasterKeyId: absent });
    await api.ok('SetQueueAttributes', { QueueUrl, Attributes: { KmsMasterKeyId: 'alias/not-there' } });
  });

  it('refuses SendMessage, and all of SendMessageBatch, while it is disabled [model: KmsDisabled]', async () => {
    const key = await newKey();
    const QueueUrl = await queueOf(api, key);
    await disable(key);
    await api.refused('SendMessage', { QueueUrl, MessageBody: 'x' }, disabled(key));
    await api.refused('SendMessageBatch', { QueueUrl, Entries: entries('x', 'y') }, disabled(key));
    expect(await api.attribute(QueueUrl, 'ApproximateNumberOfMessages')).toBe('0');
    await enable(key);
    await api.ok('SendMessage', { QueueUrl, MessageBody: 'x' });
    expect((await api.receiveOne(QueueUrl)).Body).toBe('x');
  });

  it('is told after what is wrong with the message [posthorn: order of checks]', async () => {
    const key = await newKey();
    const QueueUrl = await queueOf(api, key);
    await disable(key);
    const { error } = await api.call('SendMessage', { QueueUrl, MessageBody: '\u0000' });
    expect(error?.queryCode).toBe('InvalidMessageContents');
    const { output } = await api.call('SendMessageBatch', { QueueUrl, Entries: entries('\u0000') });
    expect(output.Failed).toMatchObject([{ Code: 'InvalidMessageContents' }]);
  });

  it('that is pending deletion is in the wrong state, and works again when that is called off [model: KmsInvalidState]', async () => {
    const key = await newKey();
    const QueueUrl = await queueOf(api, key);
    await kms.send(new ScheduleKeyDeletionCommand({ KeyId: key.id, PendingWindowInDays: 7 }));
    await api.refused(
      'SendMessage',
      { QueueUrl, MessageBody: 'x' },
      {
        ...{ code: 'KmsInvalidState', queryCode: 'KMS.InvalidStateException', status: 400 },
        message: `${key.arn} is pending deletion.`,
      },
    );
    await kms.send(new CancelKeyDeletionCommand({ KeyId: key.id }));
    await enable(key);
    await api.ok('SendMessage', { QueueUrl, MessageBody: 'x' });
  });

  it('that does not exist is not found [model: KmsNotFound]', async () => {
    const message = `Key 'arn:aws:kms:eu-west-1:111122223333:key/${absent}' does not exist`;
    const notFound = { code: 'KmsNotFound', queryCode: 'KMS.NotFoundException', status: 400, message };
    const QueueUrl = await api.queue({ KmsMasterKeyId: absent });
    await api.refused('SendMessage', { QueueUrl, MessageBody: 'x' }, notFound);
    const ofAlias = 'Alias arn:aws:kms:eu-west-1:111122223333:alias/not-there is not found.';
    await api.ok('SetQueueAttributes', { QueueUrl, Attributes: { KmsMasterKeyId: 'alias/not-there' } });
    await api.refused('SendMessage', { QueueUrl, MessageBody: 'x' }, { ...notFound, message: ofAlias });
  });

  it('that is made for signatures has the wrong usage [model: KmsInvalidKeyUsage]', async () => {
    const QueueUrl = await queueOf(api, await newKey(true));
    const { error, status } = await api.call('SendMessage', { QueueUrl, MessageBody: 'x' });
    expect({ status, code: error?.queryCode }).toEqual({ status: 400, code: 'KMS.InvalidKeyUsageException' });
  });

  it('by which nothing was encrypted is nobody’s business: messages from before are received [posthorn: a message names its key]', async () => {
    const key = await newKey();
    const QueueUrl = await api.queueWith('in plain');
    await api.ok('SetQueueAttributes', { QueueUrl, Attributes: { KmsMasterKeyId: key.id } });
    await disable(key);
    expect((await api.receiveOne(QueueUrl)).Body).toBe('in plain');
    await api.ok('ReceiveMessage', { QueueUrl });
  });
});

describeOurs('KmsDisabled', () => {
  it('is an exception of its own in AWS’s client [model: KmsDisabled]', async () => {
    const key = await newKey();
    const [api] = protocols;
    const QueueUrl = (await api?.queue({ KmsMasterKeyId: key.id })) ?? '';
    await disable(key);
    const sent = sdk().send(new SendMessageCommand({ QueueUrl, MessageBody: 'x' }));
    await expect(sent).rejects.toBeInstanceOf(KmsDisabled);
  });
});
