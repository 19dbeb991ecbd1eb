import { createPublicKey, verify } from 'node:crypto';
import { once } from 'node:events';
import https from 'node:https';
import { createRequire } from 'node:module';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { certificatePath, makeSigningIdentity, type SigningIdentity } from './certificate.ts';
import type { Delivery } from './delivery.ts';
import { type EnvelopeSettings, envelopeOf } from './envelope.ts';
import { lambdaEvent } from './lambdaEvent.ts';
import { type SignatureVersion, Signer, textToSign } from './signing.ts';

/** AWS's own validator, which fetches the certificate over HTTPS. It comes without types. */
type Validate = (message: object, done: (error: Error | null) => void) => void;
const MessageValidator = createRequire(import.meta.url)('sns-validator') as new (
  hosts: RegExp,
) => { readonly validate: Validate };
const validator = new MessageValidator(/^localhost:\d+$/);

let identity: SigningIdentity;
let signer: Signer;
let server: https.Server;
let signingCertUrl: string;

beforeAll(async () => {
  // The certificate that signs is served over TLS with one of the same make.
  const tls = await makeSigningIdentity(new Date(), 'localhost');
  identity = await makeSigningIdentity(new Date());
  signer = new Signer(identity.privateKey);
  const path = certificatePath(identity.certificate);
  server = https.createServer({ key: tls.privateKey, cert: tls.certificate }, (request, response) => {
    response.statusCode = request.url === path ? 200 : 404;
    response.end(identity.certificate);
  });
  server.listen(0, 'localhost');
  await once(server, 'listening');
  signingCertUrl = `https://localhost:${(server.address() as AddressInfo).port}${path}`;
  https.globalAgent.options.ca = tls.certificate;
});

afterAll(() => {
  https.globalAgent.options.ca = undefined;
  https.globalAgent.destroy();
  server.close();
});

const topicArn = 'arn:aws:sns:us-east-1:000000000000:orders';
const delivery: Delivery = {
  kind: 'notification',
  topicArn,
  subscriptionArn: `${topicArn}:2bcfbf39-05c3-41de-beaa-fcfcc21c8f55`,
  protocol: 'https',
  endpoint: 'https://example.com/',
  messageId: '22b80b92-fdea-4c2c-8f9d-bdfb0c7bf324',
  publishedAt: Date.UTC(2026, 0, 2, 3, 4, 5, 678),
  message: 'line one\nline "two" \u{1f600} é',
  attributes: { colour: { Type: 'String', Value: 'blue' } },
  raw: false,
};

function settings(signatureVersion: SignatureVersion): EnvelopeSettings {
  return { publicUrl: 'http://localhost:4566', signingCertUrl, signatureVersion, signer };
}

function validate(message: object): Promise<Error | null> {
  return new Promise((resolve) => validator.validate(message, resolve));
}

describe.each(['1', '2'] as const)('signature version %s', (version) => {
  test.each([
    ['a notification', delivery],
    ['a notification with a subject', { ...delivery, subject: 'On "time"' }],
    ['a subscription confirmation', { ...delivery, kind: 'confirmation', token: 'f00d' }],
  ] as const)('of %s satisfies the validator of AWS', async (_, each) => {
    expect(await validate(JSON.parse(envelopeOf(each, settings(version))))).toBeNull();
  });

  test('does not survive a change', async () => {
    const message = JSON.parse(envelopeOf({ ...delivery, subject: 'a' }, settings(version)));
    expect(await validate({ ...message, Subject: 'b' })).toMatchObject({
      message: 'The message signature is invalid.',
    });
    expect(await validate({ ...message, SignatureVersion: version === '1' ? '2' : '1' })).toBeInstanceOf(Error);
  });

  /** The validator forgets the token of these, so it can't verify AWS's either. */
  test('of an unsubscribe confirmation is over the documented text', () => {
    const each = { ...delivery, kind: 'unsubscribe-confirmation', token: 'f00d' } as const;
    const message = JSON.parse(envelopeOf(each, settings(version)));
    const names = ['Message', 'MessageId', 'SubscribeURL', 'Timestamp', 'Token', 'TopicArn', 'Type'];
    const text = names.map((name) => `${name}\n${message[name]}\n`).join('');
    const digest = version === '1' ? 'RSA-SHA1' : 'RSA-SHA256';
    const key = createPublicKey(identity.certificate);
    expect(verify(digest, Buffer.from(text), key, Buffer.from(message.Signature, 'base64'))).toBe(true);
  });
});

test('a Lambda event satisfies the validator under version 1', async () => {
  const { Records } = JSON.parse(lambdaEvent(delivery, delivery.subscriptionArn, settings('1')));
  expect(await validate(Records[0].Sns)).toBeNull();
});

test('a Lambda event says version 1 of a version 2 signature, as AWS does', async () => {
  const { Records } = JSON.parse(lambdaEvent(delivery, delivery.subscriptionArn, settings('2')));
  const { Sns } = Records[0];
  expect(Sns.SignatureVersion).toBe('1');
  expect(await validate({ ...Sns })).toBeInstanceOf(Error);
  expect(await validate({ ...Sns, SignatureVersion: '2' })).toBeNull();
});

/** The example of the SNS Developer Guide, "Verifying the signatures of messages". */
test('the text to sign has the fields in the order of their bytes', () => {
  const fields = {
    Type: 'Notification',
    MessageId: '4d4dc071-ddbf-465d-bba8-08f81c89da64',
    TopicArn: 'arn:aws:sns:us-east-2:123456789012:s4-MySNSTopic-1G1WEFCOXTC0P',
    Subject: 'My subject',
    Message: 'My Test Message',
    Timestamp: '2019-01-31T04:37:04.321Z',
  } as const;
  const { Subject: _, ...withoutSubject } = fields;
  expect(textToSign(fields)).toBe(
    'Message\nMy Test Message\nMessageId\n4d4dc071-ddbf-465d-bba8-08f81c89da64\nSubject\nMy subject\n' +
      'Timestamp\n2019-01-31T04:37:04.321Z\nTopicArn\narn:aws:sns:us-east-2:123456789012:s4-MySNSTopic-1G1WEFCOXTC0P\n' +
      'Type\nNotification\n',
  );
  expect(textToSign(withoutSubject)).not.toContain('Subject');
});

describe('a signer', () => {
  test('gives the same signature at once and ahead', async () => {
    expect(await signer.signAhead('2', 'a text')).toBe(new Signer(identity.privateKey).sign('2', 'a text'));
    expect(signer.sign('1', 'a text')).toBe(await new Signer(identity.privateKey).signAhead('1', 'a text'));
    expect(signer.sign('1', 'a text')).not.toBe(signer.sign('2', 'a text'));
  });

  test('keeps signatures, and forgets the oldest', async () => {
    const fresh = new Signer(identity.privateKey);
    const first = fresh.sign('2', 'text 0');
    await Promise.all(Array.from({ length: 4_200 }, (_, index) => fresh.signAhead('2', `text ${index}`)));
    expect(fresh.kept).toBe(4_096);
    expect(fresh.sign('2', 'text 0')).toBe(first);
  });
});
