/** Topics and queues whose KMS key can't be used. */
import {
  CreateKeyCommand,
  DisableKeyCommand,
  EnableKeyCommand,
  KMSClient,
  ScheduleKeyDeletionCommand,
} from '@aws-sdk/client-kms';
import {
  KMSDisabledException,
  KMSInvalidStateException,
  KMSNotFoundException,
  PublishBatchCommand,
  PublishCommand,
} from '@aws-sdk/client-sns';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { describeOurs, endpoint, json, signerOf } from '../target.ts';
import { queue, sdk, subscribe, topic } from './fixtures.ts';

let kms: KMSClient;
beforeAll(() => {
  const { region, accessKeyId, secretAccessKey } = signerOf('kms');
  kms = new KMSClient({ endpoint: endpoint(), region, credentials: { accessKeyId, secretAccessKey }, maxAttempts: 1 });
});
afterAll(() => kms.destroy());

const newKey = async () => (await kms.send(new CreateKeyCommand({}))).KeyMetadata?.KeyId ?? '';
const publish = (TopicArn: string, Message = 'x') => sdk().send(new PublishCommand({ TopicArn, Message }));

describeOurs('a topic whose KMS key can not be used', () => {
  it('refuses Publish and PublishBatch while the key is disabled [model: KMSDisabledException]', async () => {
    const KeyId = await newKey();
    const TopicArn = await topic({ KmsMasterKeyId: KeyId });
    const subscribed = await queue();
    await subscribe(TopicArn, subscribed, { RawMessageDelivery: 'true' });
    await kms.send(new DisableKeyCommand({ KeyId }));
    const PublishBatchRequestEntries = [{ Id: 'a', Message: 'x' }];
    await expect(publish(TopicArn)).rejects.toBeInstanceOf(KMSDisabledException);
    await expect(sdk().send(new PublishBatchCommand({ TopicArn, PublishBatchRequestEntries }))).rejects.toBeInstanceOf(
      KMSDisabledException,
    );
    await kms.send(new EnableKeyCommand({ KeyId }));
    await publish(TopicArn, 'after');
    expect((await json.receiveOne(subscribed.url)).Body).toBe('after');
  });

  it('says what is wrong with the key [model: KMSInvalidStateException, KMSNotFoundException]', async () => {
    const KeyId = await newKey();
    const pending = await topic({ KmsMasterKeyId: KeyId });
    await kms.send(new ScheduleKeyDeletionCommand({ KeyId, PendingWindowInDays: 7 }));
    await expect(publish(pending)).rejects.toBeInstanceOf(KMSInvalidStateException);
    const absent = await topic({ KmsMasterKeyId: 'alias/not-there' });
    await expect(publish(absent)).rejects.toBeInstanceOf(KMSNotFoundException);
    await expect(publish(absent)).rejects.toThrow('alias/not-there is not found');
  });
});

describeOurs('a subscribed queue whose KMS key can not be used', () => {
  it('gets nothing, its dead-letter queue gets it, and others are not bothered [posthorn: failed delivery]', async () => {
    const KeyId = await newKey();
    const TopicArn = await topic();
    const [encrypted, dead, other] = [await queue({ KmsMasterKeyId: KeyId }), await queue(), await queue()];
    const raw = { RawMessageDelivery: 'true' };
    const RedrivePolicy = JSON.stringify({ deadLetterTargetArn: dead.arn });
    await subscribe(TopicArn, encrypted, { ...raw, RedrivePolicy });
    await subscribe(TopicArn, other, raw);
    await kms.send(new DisableKeyCommand({ KeyId }));
    await publish(TopicArn, 'one');
    expect((await json.receiveOne(other.url)).Body).toBe('one');
    expect((await json.receiveOne(dead.url)).Body).toBe('one');
    await kms.send(new EnableKeyCommand({ KeyId }));
    await publish(TopicArn, 'two');
    expect((await json.receiveOne(encrypted.url)).Body).toBe('two');
    expect(await json.attribute(dead.url, 'ApproximateNumberOfMessages')).toBe('0');
  });
});
