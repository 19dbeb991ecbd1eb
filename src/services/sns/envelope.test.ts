import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { makeSigningIdentity } from './certificate.ts';
import type { Delivery } from './delivery.ts';
import { deliveryHeaders } from './deliveryHeaders.ts';
import {
  type EnvelopeSettings,
  envelopeOf,
  notificationFor,
  notificationTextToSign,
  type TopicMessage,
} from './envelope.ts';
import { firehoseRecord } from './firehoseRecord.ts';
import { lambdaEvent } from './lambdaEvent.ts';
import { Signer } from './signing.ts';

const signer = new Signer((await makeSigningIdentity(new Date('2026-01-01T00:00:00Z'))).privateKey);
const settings: EnvelopeSettings = {
  publicUrl: 'http://localhost:4566',
  signingCertUrl: 'https://sns.example.com/SimpleNotificationService-0.pem',
  signatureVersion: '1',
  signer,
};
const topicArn = 'arn:aws:sns:us-east-1:000000000000:orders';
const subscriptionArn = `${topicArn}:c9135db0-26c4-47ec-8998-413945fb5a96`;
const message: TopicMessage = {
  topicArn,
  messageId: '22b80b92-fdea-4c2c-8f9d-bdfb0c7bf324',
  publishedAt: Date.UTC(2012, 4, 2, 0, 54, 6, 5),
  subject: 'My First Message',
  message: 'Hello "world"!\n',
  attributes: { colour: { Type: 'String', Value: 'blue' }, image: { Type: 'Binary', Value: 'AQI=' } },
};
const delivery: Delivery = {
  ...message,
  kind: 'notification',
  subject: 'My First Message',
  sequenceNumber: '10000000000000003000',
  subscriptionArn,
  protocol: 'http',
  endpoint: 'http://example.com/',
  raw: false,
};

/** A signature is other than it was at AWS; everything else is as in bodies that AWS delivered. */
function withoutSignature(text: string): string {
  return text.replace(/("Signature" ?: ?)"[^"]+"/, '$1"..."');
}

describe('a notification', () => {
  test('has the order, the spaces and the lines of AWS', () => {
    expect(withoutSignature(notificationFor(message, settings, subscriptionArn))).toBe(`{
  "Type" : "Notification",
  "MessageId" : "22b80b92-fdea-4c2c-8f9d-bdfb0c7bf324",
  "TopicArn" : "${topicArn}",
  "Subject" : "My First Message",
  "Message" : "Hello \\"world\\"!\\n",
  "Timestamp" : "2012-05-02T00:54:06.005Z",
  "SignatureVersion" : "1",
  "Signature" : "...",
  "SigningCertURL" : "https://sns.example.com/SimpleNotificationService-0.pem",
  "UnsubscribeURL" : "http://localhost:4566/?Action=Unsubscribe&SubscriptionArn=${subscriptionArn}",
  "MessageAttributes" : {
    "colour" : {"Type":"String","Value":"blue"},
    "image" : {"Type":"Binary","Value":"AQI="}
  }
}`);
  });

  test('leaves out what there is not', () => {
    const { subject: _, ...plain } = { ...message, attributes: {} };
    expect(Object.keys(JSON.parse(notificationFor(plain, settings, subscriptionArn)))).toEqual(
      'Type MessageId TopicArn Message Timestamp SignatureVersion Signature SigningCertURL UnsubscribeURL'.split(' '),
    );
  });

  test('of a FIFO topic has a sequence number and no signature', () => {
    const fifo = { ...message, topicArn: `${topicArn}.fifo`, sequenceNumber: '10000000000000003000' };
    expect(Object.keys(JSON.parse(notificationFor(fifo, settings, subscriptionArn)))).toEqual(
      'Type MessageId SequenceNumber TopicArn Subject Message Timestamp UnsubscribeURL MessageAttributes'.split(' '),
    );
    expect(notificationTextToSign(fifo)).toBeUndefined();
  });

  test('differs between subscriptions in the URL alone', () => {
    const compose = (arn: string) => notificationFor(message, settings, arn);
    expect(compose('arn:b').replace('=arn:b"', '=arn:a"')).toBe(compose('arn:a'));
  });

  test('has its signature from the text to sign', () => {
    const text = notificationTextToSign(message) ?? '';
    const { Signature } = JSON.parse(notificationFor(message, settings, subscriptionArn));
    expect(Signature).toBe(signer.sign('1', text));
  });

  test('is JSON that says what was published, whatever that is', () => {
    const text = fc.string({ unit: 'binary' });
    const attribute = fc.record({ Type: text, Value: text });
    const names = fc.string({ unit: 'binary', minLength: 1 }).filter((name) => name !== '__proto__');
    const attributes = fc.dictionary(names, attribute, { minKeys: 1 });
    fc.assert(
      fc.property(text, text, attributes, (body, subject, shown) => {
        const envelope = { ...message, topicArn: 'a.fifo', message: body, subject, attributes: shown };
        const parsed = JSON.parse(notificationFor(envelope, settings, subscriptionArn));
        expect(parsed).toMatchObject({ Message: body, Subject: subject });
        expect(parsed.MessageAttributes).toEqual({ ...shown });
      }),
    );
  });
});

describe('a confirmation', () => {
  const confirmation = { ...delivery, kind: 'confirmation', token: 'f00d' } as const;

  test('of a subscription has the order, the lines and the words of AWS', () => {
    expect(withoutSignature(envelopeOf(confirmation, settings))).toBe(`{
  "Type" : "SubscriptionConfirmation",
  "MessageId" : "22b80b92-fdea-4c2c-8f9d-bdfb0c7bf324",
  "Token" : "f00d",
  "TopicArn" : "${topicArn}",
  "Message" : "You have chosen to subscribe to the topic ${topicArn}.\\nTo confirm the subscription, visit the SubscribeURL included in this message.",
  "SubscribeURL" : "http://localhost:4566/?Action=ConfirmSubscription&TopicArn=${topicArn}&Token=f00d",
  "Timestamp" : "2012-05-02T00:54:06.005Z",
  "SignatureVersion" : "1",
  "Signature" : "...",
  "SigningCertURL" : "https://sns.example.com/SimpleNotificationService-0.pem"
}`);
  });

  test('of an unsubscription says which, and how to get it back', () => {
    const envelope = envelopeOf({ ...confirmation, kind: 'unsubscribe-confirmation' }, settings);
    expect(JSON.parse(envelope)).toMatchObject({
      Type: 'UnsubscribeConfirmation',
      Token: 'f00d',
      Message: `You have chosen to deactivate subscription ${subscriptionArn}.\nTo cancel this operation and restore the subscription, visit the SubscribeURL included in this message.`,
    });
  });
});

test('a Lambda event has its own names, a subject and attributes always', () => {
  const { subject: _, ...plain } = { ...message, attributes: {} };
  expect(withoutSignature(lambdaEvent(plain, subscriptionArn, settings))).toBe(
    `{"Records":[{"EventSource":"aws:sns","EventVersion":"1.0","EventSubscriptionArn":"${subscriptionArn}","Sns":{` +
      `"Type":"Notification","MessageId":"22b80b92-fdea-4c2c-8f9d-bdfb0c7bf324","TopicArn":"${topicArn}",` +
      '"Subject":null,"Message":"Hello \\"world\\"!\\n","Timestamp":"2012-05-02T00:54:06.005Z",' +
      '"SignatureVersion":"1","Signature":"...",' +
      '"SigningCertUrl":"https://sns.example.com/SimpleNotificationService-0.pem",' +
      `"UnsubscribeUrl":"http://localhost:4566/?Action=Unsubscribe&SubscriptionArn=${subscriptionArn}",` +
      '"MessageAttributes":{}}}]}',
  );
});

/** The example of the SNS Developer Guide, "Archived message format for Amazon S3 destinations". */
test('a Firehose record is one line, and not signed', () => {
  const shown = { ...message, attributes: { myKey1: { Type: 'String', Value: 'myValue1' } } };
  expect(firehoseRecord(shown, 'arn:s', 'http://a')).toBe(
    '{"Type":"Notification","MessageId":"22b80b92-fdea-4c2c-8f9d-bdfb0c7bf324",' +
      `"TopicArn":"${topicArn}","Subject":"My First Message","Message":"Hello \\"world\\"!\\n",` +
      '"Timestamp":"2012-05-02T00:54:06.005Z",' +
      '"UnsubscribeURL":"http://a/?Action=Unsubscribe&SubscriptionArn=arn:s",' +
      '"MessageAttributes":{"myKey1":{"Type":"String","Value":"myValue1"}}}',
  );
  const { subject: _, ...plain } = { ...message, attributes: {} };
  expect(Object.keys(JSON.parse(firehoseRecord(plain, 'arn:s', 'http://a')))).toEqual(
    'Type MessageId TopicArn Message Timestamp UnsubscribeURL'.split(' '),
  );
});

/** Recorded at AWS. */
test.each([
  ['a notification', delivery, ['Notification', 'x-amz-sns-subscription-arn']],
  [
    'a raw notification',
    { ...delivery, raw: true },
    ['Notification', 'x-amz-sns-subscription-arn', 'x-amz-sns-rawdelivery'],
  ],
  ['a confirmation', { ...delivery, kind: 'confirmation', raw: true }, ['SubscriptionConfirmation']],
  [
    'an unsubscribe confirmation',
    { ...delivery, kind: 'unsubscribe-confirmation', raw: true },
    ['UnsubscribeConfirmation', 'x-amz-sns-subscription-arn'],
  ],
] as const)('%s has its headers', (_, each, [type, ...names]) => {
  const headers = deliveryHeaders(each);
  expect(Object.keys(headers)).toEqual([
    'x-amz-sns-message-type',
    'x-amz-sns-message-id',
    'x-amz-sns-topic-arn',
    ...names,
    'user-agent',
    'accept-encoding',
  ]);
  expect(headers).toMatchObject({
    'x-amz-sns-message-type': type,
    'x-amz-sns-message-id': message.messageId,
    'x-amz-sns-topic-arn': topicArn,
    'user-agent': 'Amazon Simple Notification Service Agent',
  });
});
