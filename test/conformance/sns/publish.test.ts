import { PublishCommand } from '@aws-sdk/client-sns';
import { describe, expect, it } from 'vitest';
import { uniqueName } from '../target.ts';
import {
  expectEmpty,
  fifoTopic,
  publish,
  receive,
  receiveEnvelope,
  scopeOf,
  sdk,
  setTopic,
  subscribed,
  topic,
  topicNotFound,
} from './fixtures.ts';
import { type Input, invalidParameter, missing, ok, refused } from './queryCall.ts';
import { wrongAttributes } from './wrongAttributes.ts';

const uuid = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

const missingDefault = invalidParameter('Message Structure - No default entry in JSON message body');

describe('Publish', () => {
  it('answers an id, with and without subscribers [aws: publish message before subscribe topic]', async () => {
    const TopicArn = await topic();
    const before = await publish(TopicArn, 'before');
    expect(before).toEqual({ MessageId: expect.stringMatching(uuid) });
    const made = await subscribed(TopicArn);
    const after = await publish(TopicArn, 'after', { Subject: 'subject' });
    expect(await receiveEnvelope(made)).toMatchObject({ Message: 'after', Subject: 'subject', ...after });
    await expectEmpty(made);
  });

  it('takes the topic as TargetArn, too [aws: publish message by target arn]', async () => {
    const TopicArn = await topic();
    const made = await subscribed(TopicArn);
    const { MessageId } = await ok('Publish', { TargetArn: TopicArn, Message: 'text' });
    expect(await receiveEnvelope(made)).toMatchObject({ Message: 'text', MessageId });
  });

  it('works with the SDK [model: Publish]', async () => {
    const TopicArn = await topic();
    const made = await subscribed(TopicArn, { RawMessageDelivery: 'true' });
    const BinaryValue = Buffer.from([0, 255]);
    const MessageAttributes = { b: { DataType: 'Binary', BinaryValue }, n: { DataType: 'Number', StringValue: '1' } };
    const { MessageId } = await sdk().send(new PublishCommand({ TopicArn, Message: 'žluť', MessageAttributes }));
    expect(MessageId).toMatch(uuid);
    expect(await receive(made)).toMatchObject({
      Body: 'žluť',
      MessageAttributes: { b: { BinaryValue: 'AP8=' }, n: { StringValue: '1' } },
    });
  });

  it.each([
    ['no topic', {}, invalidParameter('TopicArn or TargetArn Reason: no value for required parameter')],
    [
      'an empty ARN',
      { TopicArn: '' },
      invalidParameter('TopicArn Reason: An ARN must have at least 6 elements, not 1'),
    ],
    [
      'two elements',
      { TopicArn: 'a:b' },
      invalidParameter('TopicArn Reason: An ARN must have at least 6 elements, not 2'),
    ],
    ['another region', { TopicArn: 'arn:aws:sns:ap-south-2:111122223333:t' }, invalidParameter('TopicArn')],
    [
      'an endpoint that there is not',
      { TargetArn: 'arn:aws:sns:eu-west-1:111122223333:endpoint/APNS/abcdef/0f7d5971-aa8b-4bd5-b585-0826e9f93a66' },
      invalidParameter('TargetArn Reason: No endpoint found for the target arn specified'),
    ],
  ])('refuses %s [aws: publish wrong arn format, non existent target]', async (_, target: Input, refusal) => {
    await refused('Publish', { ...target, Message: 'text' }, refusal);
  });

  it('does not know a topic that never was [aws: unknown topic publish]', async () => {
    const TopicArn = `${scopeOf(await topic())}:${uniqueName('never')}`;
    await refused('Publish', { TopicArn, Message: 'text' }, topicNotFound);
  });

  it('demands a message [model: PublishInput.Message]', async () => {
    await refused('Publish', { TopicArn: await topic() }, missing('message'));
  });

  it('refuses an empty message, and delivers nothing [aws: empty sns message]', async () => {
    const TopicArn = await topic();
    const made = await subscribed(TopicArn);
    await refused('Publish', { TopicArn, Message: '' }, invalidParameter('Empty message'));
    await expectEmpty(made);
  });

  it.each([
    ['an empty one', ''],
    ['101 characters', 'x'.repeat(101)],
    ['a line break', 'a\nb'],
    ['a control character', 'a\u0007b'],
  ])('refuses a subject of %s [aws: publish with empty subject; model: PublishInput.Subject]', async (_, Subject) => {
    await refused('Publish', { TopicArn: await topic(), Message: 'text', Subject }, invalidParameter('Subject'));
  });

  it('takes a subject of 100 characters [model: PublishInput.Subject]', async () => {
    await publish(await topic(), 'text', { Subject: 'x'.repeat(100) });
  });

  it('takes 262,144 bytes, and refuses one more [aws: publish too long message]', async () => {
    const TopicArn = await topic();
    await publish(TopicArn, 'é'.repeat(131_072));
    const Message = 'x'.repeat(262_145);
    await refused('Publish', { TopicArn, Message }, invalidParameter('Message too long'));
  });

  it('counts names, types and values of attributes [aws: publish too long message]', async () => {
    const TopicArn = await topic();
    const MessageAttributes = { k: { DataType: 'String', StringValue: 'x'.repeat(8) } };
    await publish(TopicArn, 'x'.repeat(262_144 - 15), { MessageAttributes });
    const input = { TopicArn, Message: 'x'.repeat(262_144 - 14), MessageAttributes };
    await refused('Publish', input, invalidParameter('Message too long'));
  });

  it('takes as much as MaximumMessageSize says [facts: Limits]', async () => {
    const TopicArn = await topic();
    const made = await subscribed(TopicArn, { RawMessageDelivery: 'true' });
    await setTopic(TopicArn, 'MaximumMessageSize', '500000');
    await publish(TopicArn, 'x'.repeat(500_000));
    expect((await receive(made)).Body).toHaveLength(500_000);
    const input = { TopicArn, Message: 'x'.repeat(500_001) };
    await refused('Publish', input, invalidParameter('Message too long'));
    await setTopic(TopicArn, 'MaximumMessageSize', '1024');
    await refused('Publish', { TopicArn, Message: 'x'.repeat(1025) }, invalidParameter('Message too long'));
  });

  it.each(wrongAttributes)('refuses an attribute with %s [aws: empty or wrong message attributes]', async (...row) => {
    const [, MessageAttributes, refusal] = row;
    await refused('Publish', { TopicArn: await topic(), Message: 'text', MessageAttributes }, refusal);
  });

  it('demands the type of an attribute [aws: empty or wrong message attributes]', async () => {
    const input = { TopicArn: await topic(), Message: 'text', MessageAttributes: { attr1: { StringValue: '1' } } };
    await refused('Publish', input, missing('messageAttributes.attr1.member.dataType'));
  });

  it.each(['String.label', 'Number.int', 'String.Array'])(
    'takes the type %s [aws: message attributes prefixes]',
    async (t) => {
      const TopicArn = await topic();
      const made = await subscribed(TopicArn);
      const StringValue = t === 'String.Array' ? '["a"]' : '1';
      await publish(TopicArn, 'text', { MessageAttributes: { attr1: { DataType: t, StringValue } } });
      expect((await receiveEnvelope(made)).MessageAttributes).toEqual({ attr1: { Type: t, Value: StringValue } });
    },
  );

  it.each([
    ['no default', '{"sqs":"text"}', missingDefault],
    ['a default that is no text', '{"default":{"a":1}}', missingDefault],
    ['no JSON', '{"default":', invalidParameter('Message Structure - JSON message body failed to parse')],
  ])('refuses a structure with %s [aws: message structure json exc]', async (_, Message, refusal) => {
    await refused('Publish', { TopicArn: await topic(), Message, MessageStructure: 'json' }, refusal);
  });

  it('takes a structure that names a protocol twice [aws: message structure json exc]', async () => {
    await publish(await topic(), '{"default":"a","default":"b"}', { MessageStructure: 'json' });
  });

  it('knows no other structure [model: PublishInput.MessageStructure]', async () => {
    const input = { TopicArn: await topic(), Message: '{}', MessageStructure: 'xml' };
    await refused('Publish', input, invalidParameter('MessageStructure'));
  });

  it.each([
    ['its own text', '{"default":"default field","sqs":"{\\"field\\": \\"value\\"}"}', '{"field": "value"}'],
    ['the default', '{"default":"default field","http":"other"}', 'default field'],
  ])('gives SQS %s [aws: message structure json to sqs]', async (_, Message, expected) => {
    const TopicArn = await topic();
    const made = await subscribed(TopicArn);
    await publish(TopicArn, Message, { MessageStructure: 'json' });
    expect((await receiveEnvelope(made)).Message).toBe(expected);
  });

  it('refuses a deduplication id on a standard topic [aws: validations for fifo]', async () => {
    const refusal = invalidParameter(
      'MessageDeduplicationId Reason: The request includes MessageDeduplicationId parameter that is not valid for this topic type',
    );
    await refused('Publish', { TopicArn: await topic(), Message: 'text', MessageDeduplicationId: 'x' }, refusal);
  });

  it.each(['x'.repeat(129), 'a b', 'é'])(
    'refuses the group "%s" [model: PublishInput.MessageGroupId]',
    async (group) => {
      await expect(publish(await topic(), 'text', { MessageGroupId: group })).rejects.toThrow();
      await expect(publish(await fifoTopic(), 'text', { MessageGroupId: group })).rejects.toThrow();
    },
  );
});
