import { GetSubscriptionAttributesCommand, SubscribeCommand } from '@aws-sdk/client-sns';
import { describe, expect, it } from 'vitest';
import { uniqueName } from '../target.ts';
import {
  fifoQueue,
  fifoTopic,
  queue,
  scopeOf,
  sdk,
  subscribe,
  subscribed,
  subscriptionAttributes,
  topic,
  topicNotFound,
} from './fixtures.ts';
import { type Input, invalid, invalidParameter, missing, ok, refused } from './queryCall.ts';

describe('Subscribe', () => {
  it('subscribes a queue at once [aws: sqs topic subscription confirmation]', async () => {
    const TopicArn = await topic();
    const { arn } = await queue();
    const { SubscriptionArn } = await ok('Subscribe', { TopicArn, Protocol: 'sqs', Endpoint: arn });
    expect(SubscriptionArn).toMatch(new RegExp(`^${TopicArn}:[0-9a-f-]{36}$`));
    expect(await subscriptionAttributes(SubscriptionArn as string)).toEqual({
      ConfirmationWasAuthenticated: 'true',
      Endpoint: arn,
      Owner: TopicArn.split(':')[4],
      PendingConfirmation: 'false',
      Protocol: 'sqs',
      RawMessageDelivery: 'false',
      SubscriptionArn,
      SubscriptionPrincipal: expect.stringMatching(/^arn:aws:iam::\d{12}:/),
      TopicArn,
    });
  });

  it('subscribes a queue that there is not [aws: subscribe unknown sqs queue]', async () => {
    const TopicArn = await topic();
    const Endpoint = `${scopeOf(TopicArn).replace(':sns:', ':sqs:')}:${uniqueName('never')}`;
    expect((await ok('Subscribe', { TopicArn, Protocol: 'sqs', Endpoint })).SubscriptionArn).toContain(TopicArn);
  });

  it.each([
    ['http', 'http://example.com/path'],
    ['https', 'https://user:password@example.com:8443/path?query'],
    ['email', 'somebody@example.com'],
    ['email-json', 'somebody@example.com'],
  ])('lets %s wait for its confirmation [aws: http subscription response]', async (Protocol, Endpoint) => {
    const TopicArn = await topic();
    const input = { TopicArn, Protocol, Endpoint };
    expect(await ok('Subscribe', input)).toEqual({ SubscriptionArn: 'pending confirmation' });
    const { SubscriptionArn } = await ok('Subscribe', { ...input, ReturnSubscriptionArn: true });
    expect(await subscriptionAttributes(SubscriptionArn as string)).toMatchObject({
      ConfirmationWasAuthenticated: 'false',
      Endpoint,
      PendingConfirmation: 'true',
      Protocol,
    });
  });

  it('subscribes a phone number at once [aws: subscribe sms endpoint]', async () => {
    const TopicArn = await topic();
    const { SubscriptionArn } = await ok('Subscribe', { TopicArn, Protocol: 'sms', Endpoint: '+123123123' });
    expect(await subscriptionAttributes(SubscriptionArn as string)).toMatchObject({
      ConfirmationWasAuthenticated: 'true',
      Endpoint: '+123123123',
      PendingConfirmation: 'false',
      Protocol: 'sms',
    });
  });

  it('finds one phone number however it is written [aws: subscribe sms obscure phone number]', async () => {
    const TopicArn = await topic();
    const first = await ok('Subscribe', { TopicArn, Protocol: 'sms', Endpoint: '+15551234567' });
    expect(await ok('Subscribe', { TopicArn, Protocol: 'sms', Endpoint: '+15/55-123.45 67' })).toEqual(first);
  });

  it.each([
    ['lambda', 'function:f', {}],
    ['firehose', 'deliverystream/s', { SubscriptionRoleArn: 'arn:aws:iam::111122223333:role/r' }],
  ])('subscribes %s at once [model: Subscribe]', async (Protocol, resource, Attributes) => {
    const TopicArn = await topic();
    const Endpoint = `${scopeOf(TopicArn).replace(':sns:', `:${Protocol}:`)}:${resource}`;
    const { SubscriptionArn } = await ok('Subscribe', { TopicArn, Protocol, Endpoint, Attributes });
    expect(await subscriptionAttributes(SubscriptionArn as string)).toMatchObject({ PendingConfirmation: 'false' });
  });

  it.each([
    ['test-protocol', 'x', 'Amazon SNS does not support this protocol string: test-protocol'],
    ['', 'x', 'Amazon SNS does not support this protocol string: '],
    ['http', 'https://example.com/', 'Endpoint must match the specified protocol'],
    ['https', 'http://example.com/', 'Endpoint must match the specified protocol'],
    ['http', 'example.com', 'Endpoint must match the specified protocol'],
    ['email', 'this is not an email', 'Email address'],
    ['sqs', 'http://sqs.eu-west-1.amazonaws.com/111122223333/queue', 'SQS endpoint ARN'],
    ['sqs', 'arn:aws:sns:eu-west-1:111122223333:topic', 'SQS endpoint ARN'],
    ['sqs', 'queue', 'SQS endpoint ARN'],
    ['lambda', 'f', 'Lambda endpoint ARN'],
  ])('refuses %s to %s [aws: subscribe with invalid protocol, with queue url]', async (Protocol, Endpoint, reason) => {
    const TopicArn = await topic();
    await refused('Subscribe', { TopicArn, Protocol, Endpoint }, invalidParameter(reason));
  });

  it.each(['invalid-number', 'NAA+15551234567', '12'])(
    'refuses the phone number %s [aws: subscribe bad sms]',
    async (n) => {
      const TopicArn = await topic();
      await refused('Subscribe', { TopicArn, Protocol: 'sms', Endpoint: n }, invalid(`Invalid SMS endpoint: ${n}`));
    },
  );

  it('refuses a FIFO queue for a standard topic [aws: validations for fifo]', async () => {
    const TopicArn = await topic();
    const { arn } = await fifoQueue();
    const refusal = invalidParameter(
      'Invalid parameter: Endpoint Reason: FIFO SQS Queues can not be subscribed to standard SNS topics',
    );
    await refused('Subscribe', { TopicArn, Protocol: 'sqs', Endpoint: arn }, refusal);
  });

  it('takes standard and FIFO queues for a FIFO topic [aws: validations for fifo]', async () => {
    const TopicArn = await fifoTopic();
    expect(await subscribe(TopicArn, await queue())).toContain(TopicArn);
    expect(await subscribe(TopicArn, await fifoQueue())).toContain(TopicArn);
  });

  it.each(['http', 'email', 'sms'])('refuses %s for a FIFO topic [facts: Protocols]', async (Protocol) => {
    const TopicArn = await fifoTopic();
    const Endpoint = { http: 'http://example.com/', email: 'a@example.com', sms: '+15551234567' }[Protocol] ?? '';
    await expect(ok('Subscribe', { TopicArn, Protocol, Endpoint })).rejects.toThrow();
  });

  it.each([
    ['randomstring', invalidParameter('TopicArn Reason: An ARN must have at least 6 elements, not 1')],
    ['arn:aws:sns:us-east-1:1', invalidParameter('TopicArn Reason: An ARN must have at least 6 elements, not 5')],
    ['arn:aws:sns:ap-south-2:111122223333:topic', invalidParameter('TopicArn')],
  ])('refuses the topic %s [aws: subscribe with invalid topic]', async (TopicArn, refusal) => {
    await refused('Subscribe', { TopicArn, Protocol: 'email', Endpoint: 'a@example.com' }, refusal);
  });

  it('does not know a topic that never was [aws: subscribe unknown topic]', async () => {
    const TopicArn = `${scopeOf(await topic())}:${uniqueName('never')}`;
    await refused('Subscribe', { TopicArn, Protocol: 'email', Endpoint: 'a@example.com' }, topicNotFound);
  });

  it('demands a protocol [model: SubscribeInput.Protocol]', async () => {
    await refused('Subscribe', { TopicArn: await topic() }, missing('protocol'));
  });

  it('works with the SDK [model: Subscribe]', async () => {
    const TopicArn = await topic();
    const { arn: Endpoint } = await queue();
    const input = { TopicArn, Protocol: 'sqs', Endpoint, Attributes: { RawMessageDelivery: 'true' } };
    const { SubscriptionArn } = await sdk().send(new SubscribeCommand(input));
    const { Attributes } = await sdk().send(new GetSubscriptionAttributesCommand({ SubscriptionArn }));
    expect(Attributes).toMatchObject({ RawMessageDelivery: 'true', Endpoint });
  });
});

describe('Subscribe again', () => {
  const again: [string, Input | undefined][] = [
    ['the same attributes', { RawMessageDelivery: 'true', FilterPolicy: '{"a":["b"]}' }],
    ['one of them', { RawMessageDelivery: 'true' }],
    ['a policy written otherwise', { FilterPolicy: '{ "a" : [ "b" ] }' }],
    ['no attributes', undefined],
    ['empty attributes', {}],
  ];

  it.each(again)('gives the same subscription to %s [aws: subscribe idempotency]', async (_, Attributes) => {
    const TopicArn = await topic();
    const made = await queue();
    const first = await subscribe(TopicArn, made, { RawMessageDelivery: 'true', FilterPolicy: '{"a":["b"]}' });
    const input = { TopicArn, Protocol: 'sqs', Endpoint: made.arn, ...(Attributes && { Attributes }) };
    expect(await ok('Subscribe', input)).toEqual({ SubscriptionArn: first });
  });

  it('refuses other attributes [aws: subscribe idempotency]', async () => {
    const TopicArn = await topic();
    const { arn: Endpoint } = await subscribed(TopicArn, { RawMessageDelivery: 'true' });
    const input = { TopicArn, Protocol: 'sqs', Endpoint, Attributes: { RawMessageDelivery: 'false' } };
    const refusal = invalidParameter('Attributes Reason: Subscription already exists with different attributes');
    await refused('Subscribe', input, refusal);
  });

  it('is another subscription on another topic [model: Subscribe]', async () => {
    const made = await queue();
    expect(await subscribe(await topic(), made)).not.toBe(await subscribe(await topic(), made));
  });
});

describe('Subscribe with wrong attributes', () => {
  it.each([
    ['RawMessageDelivery', 'wrongvalue', 'RawMessageDelivery: Invalid value [wrongvalue]. Must be true or false.'],
    ['Fake', 'x', 'AttributeName'],
    [
      'FilterPolicy',
      'invalid',
      "FilterPolicy: failed to parse JSON. Unrecognized token 'invalid': was expecting (JSON String, Number, Array, Object or token 'null', 'true' or 'false')\n at [Source: REDACTED (`StreamReadFeature.INCLUDE_SOURCE_IN_LOCATION` disabled); line: 1, column: 8]",
    ],
  ])('refuses to subscribe with %s of %s [aws: create subscriptions with attributes]', async (name, value, reason) => {
    const TopicArn = await topic();
    const input = { TopicArn, Protocol: 'sqs', Endpoint: (await queue()).arn, Attributes: { [name]: value } };
    await refused('Subscribe', input, invalidParameter(`Attributes Reason: ${reason}`));
  });

  it('refuses raw e-mails [aws: delivery protocol does not support raw message delivery]', async () => {
    const TopicArn = await topic();
    const Attributes = { RawMessageDelivery: 'true' };
    const refusal = invalidParameter(
      'Attributes Reason: Delivery protocol [email] does not support raw message delivery.',
    );
    await refused('Subscribe', { TopicArn, Protocol: 'email', Endpoint: 'a@example.com', Attributes }, refusal);
  });
});
