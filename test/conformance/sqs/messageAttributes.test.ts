import { describe, expect, it } from 'vitest';
import type { Input } from '../client.ts';
import { attributesMd5, type SentAttribute } from '../digests.ts';
import * as errors from '../errors.ts';
import { json, protocols, query } from '../target.ts';

const text = (StringValue: string): SentAttribute => ({ DataType: 'String', StringValue });

describe.each(protocols)('message attributes over $name', (api) => {
  async function keeps(MessageAttributes: Readonly<Record<string, SentAttribute>>): Promise<void> {
    const QueueUrl = await api.queue();
    const expected = attributesMd5(MessageAttributes);
    const sent = await api.ok('SendMessage', { QueueUrl, MessageBody: 'b', MessageAttributes });
    expect(sent.MD5OfMessageAttributes).toBe(expected);
    const received = await api.receiveOne(QueueUrl, { MessageAttributeNames: ['All'] });
    expect(received.MD5OfMessageAttributes).toBe(expected);
    expect(received.MessageAttributes).toEqual(
      Object.fromEntries(
        Object.entries(MessageAttributes).map(([name, { BinaryValue, ...rest }]) => [
          name,
          BinaryValue === undefined ? rest : { ...rest, BinaryValue: Buffer.from(BinaryValue).toString('base64') },
        ]),
      ),
    );
  }

  it('answers the MD5 that AWS documents [aws: receive_message message attribute names]', async () => {
    const QueueUrl = await api.queue();
    const MessageAttributes = { General: text('Kenobi'), Hello: text('There'), 'Help.Me': text('Me') };
    const sent = await api.ok('SendMessage', { QueueUrl, MessageBody: 'msg', MessageAttributes });
    expect(sent.MD5OfMessageAttributes).toBe('4c360f3fdafd970e05fae2f149d997f5');
  });

  it.each<[string, Record<string, SentAttribute>]>([
    ['text', { a: text('x') }],
    ['text beyond ASCII', { a: text('žluť 😀 "<&>"') }],
    ['line ends', { a: text('one\r\ntwo\rthree') }],
    ['numbers as they were written', { a: { DataType: 'Number', StringValue: '-012.50e+3' } }],
    ['bytes', { a: { DataType: 'Binary', BinaryValue: Uint8Array.of(0, 255, 13, 10, 60) } }],
    ['a megabyte of bytes, but for the rest', { a: { DataType: 'Binary', BinaryValue: new Uint8Array(1_048_000) } }],
    ['numbers of 38 digits', { a: { DataType: 'Number', StringValue: '12345678901234567890123456789012345678' } }],
    ['spaces', { a: text('   ') }],
    ['names that differ in their letters only', { name: text('1'), Name: text('2'), NAME: text('3') }],
    ['a type of 256 characters', { a: { DataType: `String.${'x'.repeat(249)}`, StringValue: 'x' } }],
    // A name like any other, though objects of JavaScript have something under it.
    ['the name __proto__', Object.fromEntries([['__proto__', text('x')]])],
    ['the names of what objects have', { constructor: text('x'), toString: text('y') }],
    [
      'types with a label',
      {
        a: { DataType: 'Number.java.lang.Long', StringValue: '1' },
        b: { DataType: 'Binary.gif', BinaryValue: Uint8Array.of(1) },
      },
    ],
    [
      'the order of names for the digest',
      { b: text('1'), a: text('2'), B: text('3'), A: text('4'), _: text('5'), '1': text('6') },
    ],
    ['ten attributes', Object.fromEntries([...'abcdefghij'].map((name) => [name, text(name)]))],
    ['a name of 256 characters', { ['n'.repeat(256)]: text('x') }],
    ['accents in a name', { 'attr.1øßä': text('Valida') }],
  ])('keep %s [model: MessageAttributeValue]', (_, attributes) => keeps(attributes));

  const refusals: [string, Input, errors.ExpectedError][] = [
    [
      'an empty text',
      { a: { DataType: 'String', StringValue: '' } },
      errors.invalidParameter("Message (user) attribute 'a' must contain a non-empty value of type 'String'."),
    ],
    [
      'empty bytes',
      { a: { DataType: 'Binary', BinaryValue: new Uint8Array(0) } },
      errors.invalidParameter("Message (user) attribute 'a' must contain a non-empty value of type 'Binary'."),
    ],
    [
      'a Binary without bytes',
      { a: { DataType: 'Binary', StringValue: 'x' } },
      errors.invalidParameter("Message (user) attribute 'a' with type 'Binary' must use field 'Binary'."),
    ],
    [
      'a Number of bytes',
      { a: { DataType: 'Number', BinaryValue: Uint8Array.of(1) } },
      errors.invalidParameter("Message (user) attribute 'a' with type 'Number' must use field 'String'."),
    ],
    [
      'a text and bytes',
      { a: { DataType: 'String', StringValue: 'x', BinaryValue: Uint8Array.of(1) } },
      errors.invalidParameter("Message (user) attribute 'a' must have a single value."),
    ],
    [
      'no value',
      { a: { DataType: 'String' } },
      errors.invalidParameter("Message (user) attribute 'a' must contain a non-empty value of type 'String'."),
    ],
    [
      'no type',
      { a: { StringValue: 'x' } },
      errors.invalidParameter("The message (user) attribute 'a' must contain a non-empty message attribute type."),
    ],
    [
      'a type of its own',
      { a: { DataType: 'Text', StringValue: 'x' } },
      errors.invalidParameter(
        "The type of message (user) attribute 'a' is invalid. You must use only the following supported type prefixes: Binary, Number, String.",
      ),
    ],
    [
      'a type of 257 characters',
      { a: { DataType: `String.${'x'.repeat(250)}`, StringValue: 'x' } },
      errors.invalidParameter('Message (user) attribute type must be shorter than 256 bytes.'),
    ],
    [
      'a type with nothing behind its dot',
      { a: { DataType: 'String.', StringValue: 'x' } },
      errors.invalidParameter(
        "The type of message (user) attribute 'a' is invalid. You must use only the following supported type prefixes: Binary, Number, String.",
      ),
    ],
    [
      'a control character in a type',
      { a: { DataType: 'String.\u0001', StringValue: 'x' } },
      errors.invalidParameter(errors.invalidCharacters),
    ],
    [
      'an empty Number',
      { a: { DataType: 'Number', StringValue: '' } },
      errors.invalidParameter("Message (user) attribute 'a' must contain a non-empty value of type 'Number'."),
    ],
    [
      'a Number that is none',
      { a: { DataType: 'Number', StringValue: 'ten' } },
      errors.invalidParameter("Can't cast the value of message (user) attribute 'a' to a number."),
    ],
    [
      'a control character',
      { a: { DataType: 'String', StringValue: 'x\u0001' } },
      errors.invalidParameter(errors.invalidCharacters),
    ],
    [
      'a name of 257 characters',
      { ['n'.repeat(257)]: text('x') },
      errors.invalidParameter('Message (user) attribute name must be shorter than 256 bytes.'),
    ],
    [
      'an empty name',
      { '': text('x') },
      errors.invalidParameter('The request must contain non-empty message (user) attribute names.'),
    ],
    [
      'a space in a name',
      { 'a b': text('x') },
      errors.invalidParameter(
        'Message (user) attributes name can only contain upper and lower score characters, digits, periods, hyphens and underscores. ',
      ),
    ],
  ];
  it.each(refusals)('are refused for %s [aws: message attributes]', async (_, MessageAttributes, refusal) => {
    const QueueUrl = await api.queue();
    await api.refused('SendMessage', { QueueUrl, MessageBody: 'b', MessageAttributes }, refusal);
  });

  const reserved =
    "You can't use message attribute names beginning with 'AWS.' or 'Amazon'. These strings are reserved for internal use.";
  it.each([
    ['AWS.x', reserved],
    ['aws.x', reserved],
    ['AmaZon.x', reserved],
    ['.x', "Message (user) attribute name must not begin with character '.'."],
    ['x.', "Message (user) attribute name must not end with character '.'."],
    ['x..y', "Message (user) attribute name must not have successive '.' characters."],
  ])('are refused for the name %s [aws: message attribute names]', async (name, message) => {
    const QueueUrl = await api.queue();
    const input = { QueueUrl, MessageBody: 'b', MessageAttributes: { [name]: text('x') } };
    await api.refused('SendMessage', input, errors.invalidParameter(message));
  });

  it.each(['AWSx', 'Amazonian', 'a.b.c', '-', '_', '1'])('may have the name %s [facts: message attributes]', (name) =>
    keeps({ [name]: text('x') }),
  );

  it('are refused for eleven [facts: message attributes]', async () => {
    const QueueUrl = await api.queue();
    const MessageAttributes = Object.fromEntries([...'abcdefghijk'].map((name) => [name, text(name)]));
    const refusal = errors.invalidParameter('Number of message attributes [11] exceeds the allowed maximum [10].');
    await api.refused('SendMessage', { QueueUrl, MessageBody: 'b', MessageAttributes }, refusal);
  });

  it.each([
    ['texts', { DataType: 'String', StringListValues: ['x'] }],
    ['bytes', { DataType: 'Binary', BinaryListValues: [Uint8Array.of(1)] }],
    ['texts beside a text', { DataType: 'String', StringValue: 'x', StringListValues: ['x'] }],
  ])('are refused for lists of %s [model: MessageAttributeValue.StringListValues]', async (_, value) => {
    const QueueUrl = await api.queue();
    const input = { QueueUrl, MessageBody: 'b', MessageAttributes: { a: value } };
    const refusal = errors.invalidParameter(
      'Message attribute list values in SendMessage operation are not supported.',
    );
    await api.refused('SendMessage', input, refusal);
  });

  it('fail one entry of a batch [model: SendMessageBatchResult]', async () => {
    const QueueUrl = await api.queue();
    const Entries = [
      { Id: 'good', MessageBody: 'b', MessageAttributes: { a: text('x') } },
      { Id: 'bad', MessageBody: 'b', MessageAttributes: { a: { DataType: 'Number', StringValue: 'x' } } },
    ];
    const { Successful, Failed } = await api.ok('SendMessageBatch', { QueueUrl, Entries });
    expect(Successful).toMatchObject([{ Id: 'good', MD5OfMessageAttributes: attributesMd5({ a: text('x') }) }]);
    const Message = "Can't cast the value of message (user) attribute 'a' to a number.";
    expect(Failed).toEqual([{ Id: 'bad', SenderFault: true, Code: 'InvalidParameterValue', Message }]);
  });
});

describe('message attributes that are not of their shape', () => {
  const wrong: [string, unknown, string][] = [
    ['a list', [], 'Start of list found where not expected'],
    ['a text', 'x', 'Expected map or null'],
    ['a text for a value', { a: 'x' }, 'Expected null'],
    ['a list for a text', { a: { DataType: 'String', StringValue: [] } }, 'Start of list found where not expected'],
    [
      'an object for a text',
      { a: { DataType: 'String', StringValue: {} } },
      'Start of structure or map found where not expected.',
    ],
    ['a text for a list', { a: { DataType: 'String', StringListValues: 'x' } }, 'Expected list or null'],
    [
      'three characters of Base64',
      { a: { DataType: 'Binary', BinaryValue: 'YWI' } },
      'Base64 encoded length is expected a multiple of 4 bytes but found: 3',
    ],
    ['what is no Base64', { a: { DataType: 'Binary', BinaryValue: 'a*==' } }, "Invalid Base64 character: '*'"],
  ];
  it.each(wrong)('are refused for %s, in JSON [aws: serialization]', async (_, MessageAttributes, message) => {
    const QueueUrl = await json.queue();
    const input = { QueueUrl, MessageBody: 'b', MessageAttributes };
    await json.refused('SendMessage', input, errors.malformedInput(message));
  });

  it.each([
    ['no name', { 'MessageAttribute.1.Value.DataType': 'String' }, 'MessageAttribute.1.Name'],
    ['no value', { 'MessageAttribute.1.Name': 'a' }, 'MessageAttribute.1.Value'],
  ])('are refused for %s, in Query [facts: protocols]', async (_, parameters, name) => {
    const QueueUrl = await query.queue();
    const input = { QueueUrl, MessageBody: 'b', ...parameters };
    await query.refused('SendMessage', input, errors.missingParameter(name));
  });
});

describe.each(protocols)('message system attributes over $name', (api) => {
  const trace = 'Root=1-3152b799-8954dae64eda91bc9a23a7e8;Parent=7fa8c0f79203be72;Sampled=1';

  it('carry the trace header, with an MD5 of its own [aws: trace header propagation]', async () => {
    const QueueUrl = await api.queue();
    const MessageSystemAttributes = { AWSTraceHeader: text(trace) };
    const sent = await api.ok('SendMessage', { QueueUrl, MessageBody: 'b', MessageSystemAttributes });
    expect(sent.MD5OfMessageSystemAttributes).toBe(attributesMd5(MessageSystemAttributes));
    expect(sent.MD5OfMessageAttributes).toBeUndefined();
    const received = await api.receiveOne(QueueUrl, { AttributeNames: ['AWSTraceHeader'] });
    expect(received.Attributes).toEqual({ AWSTraceHeader: trace });
  });

  it('answer the MD5 that others got [aws: system attributes]', async () => {
    const QueueUrl = await api.queue();
    const MessageSystemAttributes = { AWSTraceHeader: text('some-trace-id') };
    const sent = await api.ok('SendMessage', { QueueUrl, MessageBody: 'b', MessageSystemAttributes });
    expect(sent.MD5OfMessageSystemAttributes).toBe('fdce4f2818803f2f73becc09a54792c0');
  });

  it('do not count towards the size [model: SendMessage.MessageSystemAttributes]', async () => {
    const QueueUrl = await api.queue({ MaximumMessageSize: '1024' });
    const MessageSystemAttributes = { AWSTraceHeader: text(trace) };
    await api.ok('SendMessage', { QueueUrl, MessageBody: 'x'.repeat(1024), MessageSystemAttributes });
  });

  it('have an MD5 in a batch, too [model: SendMessageBatchResultEntry]', async () => {
    const QueueUrl = await api.queue();
    const MessageSystemAttributes = { AWSTraceHeader: text(trace) };
    const { Successful } = await api.ok('SendMessageBatch', {
      QueueUrl,
      Entries: [{ Id: 'a', MessageBody: 'b', MessageSystemAttributes }],
    });
    expect(Successful?.[0]?.MD5OfMessageSystemAttributes).toBe(attributesMd5(MessageSystemAttributes));
  });

  it('are among all that a receive asks for, and no message attributes [aws: trace header propagation]', async () => {
    const QueueUrl = await api.queue();
    const MessageSystemAttributes = { AWSTraceHeader: text(trace) };
    await api.ok('SendMessage', { QueueUrl, MessageBody: 'b', MessageSystemAttributes });
    const received = await api.receiveOne(QueueUrl, {
      MessageSystemAttributeNames: ['All'],
      MessageAttributeNames: ['All'],
    });
    expect(received.Attributes?.AWSTraceHeader).toBe(trace);
    expect(received.MessageAttributes).toBeUndefined();
  });

  const isReserved = (reason: string) =>
    `The message system attribute 'AWSTraceHeader' is reserved for AWS X-Ray trace header. ${reason}`;
  const refusals: [string, Input, string][] = [
    ['another name', { Hello: text('World') }, "Message system attribute name 'Hello' is invalid."],
    ['small letters', { awstraceheader: text('x') }, "Message system attribute name 'awstraceheader' is invalid."],
    [
      'a Number',
      { AWSTraceHeader: { DataType: 'Number', StringValue: '1' } },
      isReserved("The type must be 'String'."),
    ],
    [
      'bytes',
      { AWSTraceHeader: { DataType: 'Binary', BinaryValue: Uint8Array.of(1) } },
      isReserved("The type must be 'String'."),
    ],
    [
      'an empty text',
      { AWSTraceHeader: text('') },
      "Message system attribute 'AWSTraceHeader' must contain a non-empty value of type 'String'.",
    ],
    [
      'no type',
      { AWSTraceHeader: { StringValue: 'x' } },
      "The message system attribute 'AWSTraceHeader' must contain a non-empty message attribute type.",
    ],
    ['a control character', { AWSTraceHeader: text('\u0001') }, errors.invalidCharacters],
  ];
  it.each(refusals)('are refused for %s [model: MessageSystemAttributeValue]', async (_, given, message) => {
    const QueueUrl = await api.queue();
    const input = { QueueUrl, MessageBody: 'b', MessageSystemAttributes: given };
    await api.refused('SendMessage', input, errors.invalidParameter(message));
  });
});
