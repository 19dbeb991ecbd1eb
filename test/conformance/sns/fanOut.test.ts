import { verify, X509Certificate } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { describeOurs, endpoint, json } from '../target.ts';
import {
  expectEmpty,
  publish,
  queue,
  receive,
  receiveEnvelope,
  setSubscription,
  setTopic,
  subscribe,
  subscribed,
  topic,
} from './fixtures.ts';
import { type Input, ok } from './queryCall.ts';

const text = (StringValue: string) => ({ DataType: 'String', StringValue });
const number = (StringValue: string) => ({ DataType: 'Number', StringValue });
const deadLetters = (arn: string) => JSON.stringify({ deadLetterTargetArn: arn });

describe('a queue that is subscribed', () => {
  it('gets an envelope [aws: subscribe sqs queue]', async () => {
    const TopicArn = await topic();
    const made = await subscribed(TopicArn);
    const MessageAttributes = { attr1: number('99.12'), attr2: { DataType: 'Binary', BinaryValue: 'AgME' } };
    const { MessageId } = await publish(TopicArn, 'This is "a" test\n', { MessageAttributes });
    const message = await receive(made);
    expect(message).not.toHaveProperty('MessageAttributes');
    const envelope = JSON.parse(message.Body);
    expect(envelope).toEqual({
      Type: 'Notification',
      MessageId,
      TopicArn,
      Message: 'This is "a" test\n',
      Timestamp: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/),
      SignatureVersion: '1',
      Signature: expect.stringMatching(/^[A-Za-z0-9+/=]{344}$/),
      SigningCertURL: expect.stringMatching(/^https?:\/\/.*\/SimpleNotificationService-[0-9a-f]{32}\.pem$/),
      UnsubscribeURL: expect.stringContaining(`/?Action=Unsubscribe&SubscriptionArn=${made.subscription}`),
      MessageAttributes: { attr1: { Type: 'Number', Value: '99.12' }, attr2: { Type: 'Binary', Value: 'AgME' } },
    });
    expect(Object.keys(envelope)).toEqual([
      ...['Type', 'MessageId', 'TopicArn', 'Message', 'Timestamp', 'SignatureVersion', 'Signature'],
      ...['SigningCertURL', 'UnsubscribeURL', 'MessageAttributes'],
    ]);
  });

  it('gets the text as it is, and its attributes, if it wants it raw [aws: publish sqs from sns]', async () => {
    const TopicArn = await topic();
    const made = await subscribed(TopicArn, { RawMessageDelivery: 'true' });
    await publish(TopicArn, 'Test msg', { Subject: 'lost', MessageAttributes: { attr1: number('99.12') } });
    expect(await receive(made)).toMatchObject({
      Body: 'Test msg',
      MessageAttributes: { attr1: { DataType: 'Number', StringValue: '99.12' } },
      MD5OfMessageAttributes: 'd302007e9aa062660afc85fd0a482472',
    });
  });

  it('gets any text [aws: publish unicode chars]', async () => {
    const TopicArn = await topic();
    const made = await subscribed(TopicArn);
    const message = 'ö§a1"_!?,. £$-😀\\ \u2028 </Message>';
    await publish(TopicArn, message);
    expect((await receiveEnvelope(made)).Message).toBe(message);
  });

  it('is signed with SHA-256 where the topic says so [aws: publish sqs verify signature]', async () => {
    const TopicArn = await topic({ SignatureVersion: '2' });
    const made = await subscribed(TopicArn);
    await publish(TopicArn, 'text');
    expect(await receiveEnvelope(made)).toMatchObject({ SignatureVersion: '2' });
  });

  it('gets the group, for its own fairness [aws: publish message group id]', async () => {
    const TopicArn = await topic();
    const made = await subscribed(TopicArn);
    await publish(TopicArn, 'text', { MessageGroupId: 'my-group-id-1' });
    expect((await receive(made)).Attributes).toMatchObject({ MessageGroupId: 'my-group-id-1' });
  });

  it('gets nothing any more once it is unsubscribed [model: Unsubscribe]', async () => {
    const TopicArn = await topic();
    const [one, two] = [await subscribed(TopicArn), await subscribed(TopicArn)];
    await ok('Unsubscribe', { SubscriptionArn: one.subscription });
    await publish(TopicArn, 'text');
    expect((await receiveEnvelope(two)).Message).toBe('text');
    await expectEmpty(one);
  });

  it('gets it as do all others [model: Publish]', async () => {
    const TopicArn = await topic();
    const queues = await Promise.all(Array.from({ length: 12 }, () => subscribed(TopicArn)));
    const { MessageId } = await publish(TopicArn, 'to all');
    for (const made of queues) expect(await receiveEnvelope(made)).toMatchObject({ MessageId, Message: 'to all' });
  });

  it('takes a change of its delivery at once [model: SetSubscriptionAttributes]', async () => {
    const TopicArn = await topic();
    const made = await subscribed(TopicArn);
    await setSubscription(made.subscription, 'RawMessageDelivery', 'true');
    await publish(TopicArn, 'raw');
    expect((await receive(made)).Body).toBe('raw');
  });
});

describe('a filter policy', () => {
  const cases: [string, string, Input, boolean][] = [
    ['the value', '{"a":["b"]}', { a: text('b') }, true],
    ['another value', '{"a":["b"]}', { a: text('c') }, false],
    ['no attributes', '{"a":["b"]}', {}, false],
    ['a number in range', '{"n":[{"numeric":[">",0,"<=",100]}]}', { n: number('99.12') }, true],
    ['a number beyond', '{"n":[{"numeric":[">",0,"<=",100]}]}', { n: number('100.5') }, false],
    ['a prefix', '{"a":[{"prefix":"pre"}]}', { a: text('prefix') }, true],
    ['what it excludes', '{"a":[{"anything-but":["x"]}]}', { a: text('x') }, false],
    ['what must be there', '{"a":[{"exists":true}]}', { b: text('x') }, false],
    ['an element of an array', '{"a":["b"]}', { a: { DataType: 'String.Array', StringValue: '["x","b"]' } }, true],
    ['one of two keys', '{"a":["b"],"c":["d"]}', { a: text('b') }, false],
  ];

  it.each(cases)('decides by %s [facts: Filter policies]', async (_, FilterPolicy, MessageAttributes, passes) => {
    const TopicArn = await topic();
    const made = await subscribed(TopicArn, { FilterPolicy });
    await publish(TopicArn, 'text', { MessageAttributes });
    if (passes) expect((await receiveEnvelope(made)).Message).toBe('text');
    else await expectEmpty(made);
  });

  it.each([
    ['{"object":{"name":"x"}}', true],
    ['{"object":{"name":"y"}}', false],
    ['not json', false],
  ])('looks into the body %s, if that is its scope [facts: Filter policies]', async (Message, passes) => {
    const TopicArn = await topic();
    const attributes = { FilterPolicy: '{"object":{"name":["x"]}}', FilterPolicyScope: 'MessageBody' };
    const made = await subscribed(TopicArn, attributes);
    await publish(TopicArn, Message);
    if (passes) expect((await receiveEnvelope(made)).Message).toBe(Message);
    else await expectEmpty(made);
  });
});

describe('a dead-letter queue', () => {
  it.each([true, false])(
    'gets what a deleted queue should have got, raw: %s [aws: redrive policy sqs queue subscription]',
    async (raw) => {
      const TopicArn = await topic();
      const [target, dead] = [await queue(), await queue()];
      const attributes = { RawMessageDelivery: String(raw), RedrivePolicy: deadLetters(dead.arn) };
      await subscribe(TopicArn, target, attributes);
      await json.ok('DeleteQueue', { QueueUrl: target.url });
      const MessageAttributes = { attr1: number('111'), attr2: { DataType: 'Binary', BinaryValue: 'AgME' } };
      await publish(TopicArn, 'lost and found', { MessageAttributes });
      const message = await receive(dead);
      if (raw) {
        expect(message).toMatchObject({ Body: 'lost and found', MessageAttributes: { attr1: { StringValue: '111' } } });
      } else {
        expect(JSON.parse(message.Body)).toMatchObject({
          Message: 'lost and found',
          MessageAttributes: { attr1: { Type: 'Number', Value: '111' }, attr2: { Type: 'Binary', Value: 'AgME' } },
        });
      }
    },
  );

  it('gets what has too many attributes to be delivered raw [facts: Protocols]', async () => {
    const TopicArn = await topic();
    const dead = await queue();
    const made = await subscribed(TopicArn, { RawMessageDelivery: 'true' });
    const wrapped = await subscribed(TopicArn);
    await setSubscription(made.subscription, 'RedrivePolicy', deadLetters(dead.arn));
    const MessageAttributes = Object.fromEntries(Array.from({ length: 11 }, (_, n) => [`a${n}`, text('x')]));
    await publish(TopicArn, 'text', { MessageAttributes });
    expect(Object.keys((await receiveEnvelope(wrapped)).MessageAttributes ?? {})).toHaveLength(11);
    await expectEmpty(made);
    expect((await receive(dead)).Body).toContain('text');
  });

  it('is not needed: without one the others still get theirs [aws: subscription after failure to deliver]', async () => {
    const TopicArn = await topic();
    const [gone, there] = [await subscribed(TopicArn), await subscribed(TopicArn)];
    await json.ok('DeleteQueue', { QueueUrl: gone.url });
    await publish(TopicArn, 'text');
    expect((await receiveEnvelope(there)).Message).toBe('text');
  });
});

describeOurs('the signature', () => {
  it.each(['1', '2'])(
    'of version %s is the one of the certificate that is served [facts: Protocols]',
    async (version) => {
      const TopicArn = await topic({ SignatureVersion: version });
      const made = await subscribed(TopicArn);
      await publish(TopicArn, 'signed', { Subject: 'subject' });
      const envelope = await receiveEnvelope(made);
      const served = await fetch(String(envelope.SigningCertURL));
      const { publicKey } = new X509Certificate(await served.text());
      const names = ['Message', 'MessageId', 'Subject', 'Timestamp', 'TopicArn', 'Type'];
      const text = names.map((name) => `${name}\n${envelope[name]}\n`).join('');
      const digest = version === '1' ? 'RSA-SHA1' : 'RSA-SHA256';
      const signature = Buffer.from(String(envelope.Signature), 'base64');
      expect(verify(digest, Buffer.from(text), publicKey, signature)).toBe(true);
      expect(verify(digest, Buffer.from(`${text}x`), publicKey, signature)).toBe(false);
    },
  );

  it('has no certificate of another name [posthorn: certificate]', async () => {
    const path = `${endpoint()}/SimpleNotificationService-${'0'.repeat(32)}.pem`;
    expect((await fetch(path)).status).toBe(404);
  });
});

describeOurs('a fan-out', () => {
  it('reaches queues of other accounts and regions [aws: cross region delivery sqs]', async () => {
    const TopicArn = await topic();
    const options = { accessKeyId: '222233334444', region: 'ap-south-1' };
    const { QueueUrl = '' } = await json.ok('CreateQueue', { QueueName: 'elsewhere' }, options);
    const input = { TopicArn, Protocol: 'sqs', Endpoint: 'arn:aws:sqs:ap-south-1:222233334444:elsewhere' };
    // Its owner subscribes it: nobody has to be asked.
    await ok('Subscribe', input, { accessKeyId: '222233334444' });
    await publish(TopicArn, 'far away');
    const { Messages = [] } = await json.ok('ReceiveMessage', { QueueUrl }, options);
    expect(JSON.parse(Messages[0]?.Body ?? '{}')).toMatchObject({ Message: 'far away' });
  });

  it('keeps what was published while a topic is changed [posthorn: fan-out]', async () => {
    const TopicArn = await topic();
    const made = await subscribed(TopicArn);
    await Promise.all([setTopic(TopicArn, 'DisplayName', 'new'), publish(TopicArn, 'text')]);
    expect((await receiveEnvelope(made)).Message).toBe('text');
  });
});
