import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { CallContext } from '#aws/contract';
import { type DataKeys, Partition, Turns } from '#runtime';
import { MemoryStore } from '#storage/memory';
import { AddressBook } from './addressBook.ts';
import type { Delivery } from './delivery.ts';
import { defaultRetryPolicy, httpRetryTimeMs, managedRetryPolicy, messagingRetryPolicy } from './deliveryPolicy.ts';
import { pushQueuePath, smsQueuePath } from './directQueues.ts';
import { LargeFanOuts } from './largeFanOuts.ts';
import { createPlatformApplication } from './operations/createPlatformApplication.ts';
import { createPlatformEndpoint } from './operations/createPlatformEndpoint.ts';
import { setEndpointAttributes } from './operations/setEndpointAttributes.ts';
import { setPlatformApplicationAttributes } from './operations/setPlatformApplicationAttributes.ts';
import { setSMSAttributes } from './operations/setSMSAttributes.ts';
import { Pace } from './pace.ts';
import { optOut } from './phoneNumbers.ts';
import { readApplication } from './platformApplications.ts';
import { readEndpoint } from './platformEndpoints.ts';
import type { SubscriptionRecord } from './records.ts';
import { Replays } from './replays.ts';
import type { Sns } from './service.ts';
import { SigningKeys } from './signingIdentity.ts';
import { Topics } from './topics.ts';

const scope = { accountId: '111122223333', region: 'eu-west-1' };
const topicPath = { ...scope, name: 'orders' };
const topicArn = 'arn:aws:sns:eu-west-1:111122223333:orders';
const subscriptionId = '6f0d7a5c-1111-4222-8333-444455556666';
const queue = { accountId: 'sns', region: 'eu-west-1', name: subscriptionId };
const publishedAt = 1_700_000_000_000;
const { signal } = new AbortController();
const client = { gone: false, onGone: () => undefined };
const context: CallContext = { ...scope, requestId: 'r', accessKeyId: 'key', endpoint: 'http://here:4566', client };

let sns: Sns;
let book: AddressBook;

beforeEach(async () => {
  const partition = await Partition.open(new MemoryStore());
  const none = () => undefined;
  sns = {
    ...{
      partition,
      topics: new Topics(partition),
      signingKeys: new SigningKeys(partition),
      turns: new Turns(),
      pace: new Pace(),
    },
    ...{
      encoder: { prepare: () => none, keys: () => ({ ready: none }) },
      dataKeys: {} as DataKeys,
      deliveries: { watch: none, unwatch: none, count: none },
      smsSandbox: false,
    },
    enforceQuotas: false,
    replays: new Replays(partition, none),
    largeFanOuts: new LargeFanOuts(partition, none),
  };
  book = new AddressBook(sns, 'http://public:4566');
});
afterEach(() => sns.partition.close());

const deliveryOf = (more: Partial<Delivery> = {}): Delivery => ({
  ...{ kind: 'notification', topicArn, subscriptionArn: `${topicArn}:${subscriptionId}`, protocol: 'http', raw: false },
  ...{ endpoint: 'http://receiver/', messageId: 'id', publishedAt, message: 'hello', attributes: {} },
  ...more,
});

async function subscribe(more: Partial<SubscriptionRecord> = {}, topicAttributes: Record<string, string> = {}) {
  const { topic } = await sns.topics.create({
    ...{ ...topicPath, topicId: 'topic', createdAt: 0, attributes: topicAttributes, tags: {}, subscriptionsDeleted: 0 },
  });
  return sns.topics.putSubscription(topic, {
    ...{ subscriptionId, topic: topicPath, owner: scope.accountId, protocol: 'http', endpoint: 'http://receiver/' },
    ...{ attributes: {}, status: 'confirmed', createdAt: 0, confirmationWasAuthenticated: false },
    ...more,
  });
}

describe('the addressee of a topic’s message', () => {
  it('is an HTTP endpoint with its policy, for an hour', async () => {
    await subscribe({
      attributes: { RedrivePolicy: '{"deadLetterTargetArn":"arn:aws:sqs:eu-west-1:111122223333:dead"}' },
    });
    const found = await book.find(deliveryOf(), queue);
    expect(found).toMatchObject({
      ...{ retries: defaultRetryPolicy, retriesEndAt: publishedAt + httpRetryTimeMs, logName: topicArn },
      ...{ successSampleRate: 0, deadLetterQueue: { ...scope, name: 'dead' } },
    });
    const sending = found?.context(signal);
    expect(sending).toMatchObject({ contentType: 'text/plain; charset=UTF-8', publicUrl: 'http://public:4566' });
    expect(sending?.headers).toMatchObject({ 'x-amz-sns-message-type': 'Notification' });
    const envelope = JSON.parse(sending?.envelope() ?? '{}') as Record<string, string>;
    expect(envelope).toMatchObject({ Type: 'Notification', Message: 'hello', SignatureVersion: '1' });
    expect(envelope.UnsubscribeURL).toMatch(/^http:\/\/public:4566\//);
  });

  it('is found where its publisher found the server', async () => {
    await subscribe();
    const found = await book.find(deliveryOf({ publicUrl: 'http://other:1' }), queue);
    expect(JSON.parse(found?.context(signal).envelope() ?? '{}')).toMatchObject({
      SigningCertURL: expect.stringMatching(/^http:\/\/other:1\/SimpleNotificationService-/),
    });
  });

  it('goes by what the policy says now', async () => {
    const policy = { throttlePolicy: { maxReceivesPerSecond: 3 }, healthyRetryPolicy: null, sicklyRetryPolicy: null };
    await subscribe({
      attributes: { DeliveryPolicy: JSON.stringify({ ...policy, requestPolicy: null, guaranteed: false }) },
    });
    expect(await book.find(deliveryOf(), queue)).toMatchObject({ maxReceivesPerSecond: 3 });
  });

  it.each([
    ['email', messagingRetryPolicy],
    ['email-json', messagingRetryPolicy],
    ['lambda', managedRetryPolicy],
    ['firehose', managedRetryPolicy],
  ])('of the protocol %s has AWS’s retries', async (protocol, retries) => {
    await subscribe({ protocol, endpoint: 'somewhere' });
    const found = await book.find(deliveryOf({ protocol }), queue);
    expect(found?.retries).toBe(retries);
    expect(found?.retriesEndAt).toBeUndefined();
  });

  it.each([
    ['http', { HTTPSuccessFeedbackRoleArn: 'role', HTTPSuccessFeedbackSampleRate: '7' }, 7],
    ['https', { HTTPSuccessFeedbackRoleArn: 'role' }, 100],
    ['http', { HTTPSuccessFeedbackSampleRate: '7' }, 0],
    ['lambda', { HTTPSuccessFeedbackRoleArn: 'role' }, 0],
    ['firehose', { FirehoseSuccessFeedbackRoleArn: 'role', FirehoseSuccessFeedbackSampleRate: '0' }, 0],
    ['email', { HTTPSuccessFeedbackRoleArn: 'role' }, 0],
  ])('of %s with %o has %i %% of its successes noted', async (protocol, attributes, rate) => {
    await subscribe({ protocol }, attributes);
    expect((await book.find(deliveryOf({ protocol }), queue))?.successSampleRate).toBe(rate);
  });

  it.each<[string, Partial<SubscriptionRecord>, Partial<Delivery>]>([
    ['a pending subscription gets no messages', { status: 'pending', token: 't' }, {}],
    ['a confirmed one no confirmation', {}, { kind: 'confirmation', token: 't' }],
    [
      'a pending one no confirmation by an old token',
      { status: 'pending', token: 'u' },
      { kind: 'confirmation', token: 't' },
    ],
    ['one that is there no farewell', {}, { kind: 'unsubscribe-confirmation', token: 't' }],
    ['one that is gone no messages', {}, { subscriptionArn: `${topicArn}:00000000-1111-4222-8333-444455556666` }],
    ['that of a topic that is gone neither', {}, { topicArn: `${topicArn}-gone` }],
  ])('is nobody: %s', async (_, record, delivery) => {
    await subscribe(record);
    expect(await book.find(deliveryOf(delivery), queue)).toBeUndefined();
  });

  it('is asked to confirm, and told that it is over', async () => {
    await subscribe({ status: 'pending', token: 'token' });
    expect(await book.find(deliveryOf({ kind: 'confirmation', token: 'token' }), queue)).toBeDefined();
    const gone = `${topicArn}:00000000-1111-4222-8333-444455556666`;
    const farewell = deliveryOf({ kind: 'unsubscribe-confirmation', token: 'token', subscriptionArn: gone });
    expect(await book.find(farewell, queue)).toMatchObject({ retries: defaultRetryPolicy });
  });
});

describe('the addressee of an SMS', () => {
  const sms = (more: Partial<Delivery> = {}) =>
    deliveryOf({ protocol: 'sms', endpoint: '+15550100', topicArn: '', subscriptionArn: '', ...more });

  it('has the settings of the account', async () => {
    const attributes = {
      ...{ DefaultSenderID: 'me', DeliveryStatusIAMRole: 'role' },
      DeliveryStatusSuccessSamplingRate: '30',
    };
    await setSMSAttributes(sns, { attributes }, context);
    const found = await book.find(sms(), smsQueuePath(scope));
    expect(found).toMatchObject({ successSampleRate: 30, logName: 'sms/eu-west-1/111122223333' });
    expect(found?.refusal).toBeUndefined();
    expect(found?.context(signal).smsAttributes).toMatchObject({ DefaultSenderID: 'me' });
    const others = await book.find(sms(), smsQueuePath({ ...scope, accountId: '444455556666' }));
    expect(others?.context(signal).smsAttributes).toEqual({ MonthlySpendLimit: '1' });
  });

  it('is refused when it has opted out, of a topic too', async () => {
    await optOut(sns, scope, '+15550100');
    const refusal = 'Phone number is opted out';
    expect(await book.find(sms(), smsQueuePath(scope))).toMatchObject({ refusal });
    await subscribe({ protocol: 'sms', endpoint: '15550100' });
    expect(await book.find(deliveryOf({ protocol: 'sms', endpoint: '15550100' }), queue)).toMatchObject({ refusal });
  });

  it('is refused in the sandbox unless it is verified, but for its password', async () => {
    sns = { ...sns, smsSandbox: true };
    book = new AddressBook(sns, 'http://public:4566');
    const refusal = 'The account is in the SMS sandbox, and the phone number is not verified';
    expect(await book.find(sms(), smsQueuePath(scope))).toMatchObject({ refusal });
    expect((await book.find(sms({ kind: 'confirmation' }), smsQueuePath(scope)))?.refusal).toBeUndefined();
    const path = '111122223333/eu-west-1/+15550100';
    const value = { number: '+15550100', status: 'Verified' };
    await sns.partition.entities.write({ kind: 'sns-sandbox-number', path, value });
    expect((await book.find(sms(), smsQueuePath(scope)))?.refusal).toBeUndefined();
  });
});

describe('the addressee of a push', () => {
  const applicationOf = { ...scope, platform: 'GCM', name: 'app' };

  async function device(attributes: Record<string, string> = {}) {
    const Attributes = { PlatformCredential: 'secret', ...attributes };
    const created = await createPlatformApplication(sns, { Name: 'app', Platform: 'GCM', Attributes }, context);
    const { PlatformApplicationArn = '' } = created;
    const { EndpointArn = '' } = await createPlatformEndpoint(sns, { PlatformApplicationArn, Token: 'token' }, context);
    const application = await readApplication(sns, applicationOf);
    if (application === undefined) throw new Error('No application');
    const push = deliveryOf({ protocol: 'application', endpoint: EndpointArn, topicArn: '', subscriptionArn: '' });
    return { PlatformApplicationArn, EndpointArn, push, path: pushQueuePath(application) };
  }

  it('is known with its token and the credentials', async () => {
    const { push, path, PlatformApplicationArn } = await device({ SuccessFeedbackRoleArn: 'role' });
    const found = await book.find(push, path);
    expect(found).toMatchObject({
      logName: PlatformApplicationArn,
      successSampleRate: 100,
      retries: messagingRetryPolicy,
    });
    expect(found?.context(signal).platform).toEqual({
      ...{ name: 'GCM', token: 'token' },
      attributes: { PlatformCredential: 'secret', SuccessFeedbackRoleArn: 'role' },
    });
  });

  it('is refused when it or its application is disabled, or gone', async () => {
    const { push, path, EndpointArn, PlatformApplicationArn } = await device();
    await setEndpointAttributes(sns, { EndpointArn, Attributes: { Enabled: 'false' } }, context);
    expect((await book.find(push, path))?.refusal).toBe('Endpoint is disabled');
    const off = { PlatformApplicationArn, Attributes: { Enabled: 'false' } };
    await setPlatformApplicationAttributes(sns, off, context);
    expect((await book.find(push, path))?.refusal).toBe('Platform application is disabled');
    const endpoint = EndpointArn.replace(/.{4}$/, 'ffff');
    expect((await book.find({ ...push, endpoint }, path))?.refusal).toBe('Endpoint does not exist');
  });

  it('is turned off when its token is dead, but not when it has a new one', async () => {
    const { push, path, EndpointArn } = await device();
    const enabled = async () => {
      const endpointId = EndpointArn.split('/').at(-1) ?? '';
      return (await readEndpoint(sns, { application: applicationOf, endpointId }))?.endpoint.attributes.Enabled;
    };
    const old = await book.find(push, path);
    await setEndpointAttributes(sns, { EndpointArn, Attributes: { Token: 'new' } }, context);
    await old?.disable?.();
    expect(await enabled()).toBe('true');
    await (await book.find(push, path))?.disable?.();
    expect(await enabled()).toBe('false');
  });
});

it('knows the queues of all subscriptions but those of SQS, and those of direct messages', async () => {
  await subscribe();
  const topic = await sns.topics.find(topicPath);
  if (topic === undefined) throw new Error('No topic');
  const ids = ['7', '8'].map((digit) => subscriptionId.replace(/^./, digit));
  for (const [index, protocol] of ['sqs', 'email'].entries()) {
    await subscribe({ subscriptionId: ids[index] ?? '', protocol, endpoint: protocol });
  }
  await sns.partition.entities.write({ kind: 'sns-direct-queue', path: 'eu-west-1/sms-111122223333', value: {} });
  const found: string[] = [];
  for await (const { name } of book.queues()) found.push(name);
  expect(found).toEqual(['sms-111122223333', subscriptionId, ids[1]]);
});
