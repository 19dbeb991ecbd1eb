import { expect, it } from 'vitest';
import { Partition } from '../../src/runtime/index.ts';
import type { Delivery, SendContext } from '../../src/services/sns/delivery.ts';
import { createSenders, Outbox } from '../../src/services/sns/senders/index.ts';
import type { SnsSettings } from '../../src/services/sns/settings.ts';
import { MemoryStore } from '../../src/storage/memory.ts';
import { afterTest, contextOf, deliveryOf, httpEnd } from './ends.ts';

async function open(settings: SnsSettings = {}) {
  const partition = await Partition.open(new MemoryStore());
  const outbox = new Outbox(partition);
  const senders = createSenders({ settings, outbox, now: () => 1_800_000_000_000 });
  afterTest(() => partition.close());
  afterTest(() => senders.close());
  const send = (change: Partial<Delivery>, context: Partial<SendContext> = {}) => {
    const delivery = deliveryOf(change);
    return senders.of(delivery.protocol)?.(delivery, contextOf(delivery, context));
  };
  return { partition, senders, outbox, send };
}

const sms: Partial<Delivery> = {
  protocol: 'sms',
  endpoint: '+15550100',
  message: 'Your code is 1234',
  attributes: {
    'AWS.SNS.SMS.SenderID': { Type: 'String', Value: 'Bank' },
    'AWS.SNS.SMS.MaxPrice': { Type: 'Number', Value: '0.50' },
    'AWS.SNS.SMS.SMSType': { Type: 'String', Value: 'Transactional' },
    'AWS.MM.SMS.EntityId': { Type: 'String', Value: 'e1' },
    other: { Type: 'String', Value: 'x' },
  },
};

it('posts an SMS to the gateway as it is documented', async () => {
  const gateway = await httpEnd((response) => response.writeHead(202).end('{"id":1}'));
  const { send, outbox } = await open({ smsGatewayUrl: `${gateway.url.replace('//', '//me:key@')}/sms?x=1` });
  expect(await send(sms)).toMatchObject({ kind: 'delivered', statusCode: 202, providerResponse: '{"id":1}' });
  const [received] = gateway.received;
  expect(received).toMatchObject({ method: 'POST', path: '/sms?x=1' });
  expect(received?.headers).toMatchObject({
    'content-type': 'application/json',
    authorization: `Basic ${Buffer.from('me:key').toString('base64')}`,
  });
  expect(JSON.parse(received?.body ?? '')).toEqual({
    MessageId: deliveryOf().messageId,
    PhoneNumber: '+15550100',
    Message: 'Your code is 1234',
    SMSType: 'Transactional',
    SenderID: 'Bank',
    MaxPrice: '0.50',
    EntityId: 'e1',
    TopicArn: deliveryOf().topicArn,
    SubscriptionArn: deliveryOf().subscriptionArn,
  });
  expect((await outbox.list({ limit: 1 })).entries).toEqual([]);
});

it("takes the account's settings where the message has none", async () => {
  const gateway = await httpEnd((response) => response.writeHead(200).end());
  const { send } = await open({ smsGatewayUrl: gateway.url });
  const direct = { ...sms, topicArn: '', subscriptionArn: '', attributes: {} };
  await send(direct, { smsAttributes: { DefaultSenderID: 'Shop', DefaultSMSType: 'Transactional' } });
  await send(direct);
  const [given, plain] = gateway.received.map(({ body }) => JSON.parse(body));
  expect(given).toMatchObject({ SenderID: 'Shop', SMSType: 'Transactional' });
  expect(plain).toEqual({
    ...{ MessageId: deliveryOf().messageId, PhoneNumber: '+15550100', Message: 'Your code is 1234' },
    SMSType: 'Promotional',
  });
});

it('passes on what the gateway says', async () => {
  for (const [status, permanent] of [
    [400, true],
    [429, false],
    [500, false],
  ] as const) {
    const gateway = await httpEnd((response) => response.writeHead(status).end());
    const { send } = await open({ smsGatewayUrl: gateway.url });
    expect(await send(sms)).toMatchObject({ kind: 'failed', permanent, statusCode: status });
  }
});

it('reaches the services of the operator in production, wherever they are', async () => {
  const gateway = await httpEnd((response) => response.writeHead(200).end());
  const { send } = await open({ smsGatewayUrl: gateway.url, production: true });
  expect(await send(sms)).toMatchObject({ kind: 'delivered' });
  expect(await send({ protocol: 'http', endpoint: gateway.url })).toMatchObject({ kind: 'failed', permanent: true });
  expect(gateway.received).toHaveLength(1);
});

it('keeps SMS and pushes where nothing is configured for them', async () => {
  const { send, outbox } = await open();
  const push = { protocol: 'application', endpoint: 'arn:endpoint' };
  await send(sms);
  await send(push, { platform: { name: 'GCM', token: 'g', attributes: {} } });
  const attributes = { ApplePlatformBundleID: 'com.example.app' };
  await send(push, { platform: { name: 'APNS_SANDBOX', token: 'a', attributes } });
  await send(push, { platform: { name: 'ADM', token: 'k', attributes: {} } });
  await send(push, { platform: { name: 'BAIDU', token: 'b', attributes: {} } });
  const { entries } = await outbox.list({ limit: 10 });
  expect(entries.map(({ protocol, to, text }) => [protocol, to, text]).reverse()).toEqual([
    ['sms', '+15550100', 'Your code is 1234'],
    ['GCM', 'g', '{"message":{"data":{"default":"the message"},"token":"g"}}'],
    ['APNS_SANDBOX', 'a', '{"aps":{"alert":"the message"}}'],
    ['ADM', 'k', '{"data":{"default":"the message"}}'],
    ['BAIDU', 'b', 'the message'],
  ]);
  expect(entries[2]?.details).toMatchObject({ endpointArn: 'arn:endpoint', 'apns-topic': 'com.example.app' });
  expect(entries[4]?.details).toEqual({ SenderID: 'Bank', MaxPrice: '0.50', SMSType: 'Transactional', EntityId: 'e1' });
});

it('fails a push whose endpoint is gone', async () => {
  const { send } = await open();
  expect(await send({ protocol: 'application' })).toMatchObject({ kind: 'failed', permanent: true });
});

it('fails for now when the outbox can not be written', async () => {
  const { partition, send } = await open();
  await partition.close();
  expect(await send(sms)).toMatchObject({ kind: 'failed', permanent: false });
});

it('speaks no other protocols', async () => {
  const { senders } = await open();
  for (const protocol of ['sqs', 'lambda', 'firehose', '', '__proto__', 'toString']) {
    expect(senders.of(protocol)).toBeUndefined();
  }
});

it.each([
  [{ smtpUrl: 'mail.example.com:25' }, 'smtpUrl must be a URL that begins with smtp:// or smtps://.'],
  [{ smtpUrl: 'http://mail.example.com' }, 'smtpUrl must be'],
  [{ fcmUrl: 'fcm' }, 'fcmUrl must be a URL that begins with http:// or https://.'],
  [{ allowedHosts: ['ok.example.com', 'http://x'] }, 'allowedHosts has "http://x"'],
])('refuses the settings %j', async (settings, text) => {
  const partition = await Partition.open(new MemoryStore());
  afterTest(() => partition.close());
  expect(() => createSenders({ settings, outbox: new Outbox(partition) })).toThrow(text);
});
