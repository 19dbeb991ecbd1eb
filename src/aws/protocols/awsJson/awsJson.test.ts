import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { hasPlainTexts, isPlainText, plainTexts } from '#std/plainTexts';
import { holdText, TextBytes, textBytesOf } from '#std/textBytes';
import { AwsError, type ServiceContract } from '../../contract.ts';
import { sqs } from '../../generated/sqs.ts';
import type { EdgeRequest } from '../protocol.ts';
import { awsJson } from './index.ts';

const everything: ServiceContract = {
  service: 'every',
  apiVersion: '2020-01-01',
  targetPrefix: 'Every',
  shapeNamespace: 'com.amazonaws.every',
  jsonVersion: '1.1',
  protocols: ['json'],
  queryCompatible: false,
  xmlNamespace: 'http://every/',
  operations: { Echo: { http: ['POST', '/'], input: 'All', output: 'All', errors: [] } },
  shapes: {
    All: {
      type: 'structure',
      members: {
        text: { shape: 'Text' },
        int: { shape: 'Int' },
        long: { shape: 'Long' },
        double: { shape: 'Double' },
        yes: { shape: 'Yes' },
        bytes: { shape: 'Bytes' },
        time: { shape: 'Time' },
        list: { shape: 'BytesList' },
        map: { shape: 'TimeMap' },
        tree: { shape: 'All' },
      },
    },
    Text: { type: 'string' },
    Int: { type: 'integer' },
    Long: { type: 'long' },
    Double: { type: 'double' },
    Yes: { type: 'boolean' },
    Bytes: { type: 'blob' },
    Time: { type: 'timestamp' },
    BytesList: { type: 'list', member: { shape: 'Bytes' } },
    TimeMap: { type: 'map', key: { shape: 'Text' }, value: { shape: 'Time' } },
    Broken: { type: 'structure', members: { Message: { shape: 'Text' } }, error: {} },
  },
};

const echo = awsJson.codec(everything, 'Echo');

function decodeText(text: string, codec = echo): unknown {
  return codec.decode({ body: Buffer.from(text) } as EdgeRequest, undefined);
}

function refusalOf(work: () => unknown): AwsError {
  try {
    work();
  } catch (error) {
    if (error instanceof AwsError) return error;
    throw error;
  }
  throw new Error('nothing was refused');
}

describe('decoding', () => {
  it('leaves nulls and unknown members out', () => {
    expect(decodeText('{"text":null,"strange":{"a":[1]},"int":3,"list":[null,"YQ=="]}')).toEqual({
      int: 3,
      list: [Buffer.from('a')],
    });
  });

  it('decodes bytes and times', () => {
    expect(decodeText('{"bytes":"AAEC","time":1700000000.25,"map":{"a":1}}')).toEqual({
      bytes: Buffer.from([0, 1, 2]),
      time: 1_700_000_000_250,
      map: { a: 1000 },
    });
  });

  it('cuts fractions, and keeps numbers within their bits', () => {
    expect(decodeText('{"int":1.5}')).toEqual({ int: 1 });
    expect(decodeText('{"int":10.0}')).toEqual({ int: 10 });
    expect(decodeText('{"int":99999999999}')).toEqual({ int: 2147483647 });
    expect(decodeText('{"double":"-Infinity"}')).toEqual({ double: Number.NEGATIVE_INFINITY });
  });

  it.each([
    ['{"int":"1"}', 'STRING_VALUE can not be converted to an Integer'],
    ['{"int":true}', 'TRUE_VALUE can not be converted to an Integer'],
    ['{"int":[1]}', 'Start of list found where not expected'],
    ['{"int":{"a":1}}', 'Start of structure or map found where not expected.'],
    ['{"text":1.5}', 'NUMBER_VALUE can not be converted to a String'],
    ['{"text":false}', 'FALSE_VALUE can not be converted to a String'],
    ['{"long":"x"}', 'STRING_VALUE can not be converted to a Long'],
    ['{"yes":"true"}', 'STRING_VALUE can not be converted to a Boolean'],
    ['{"list":"x"}', 'Expected list or null'],
    ['{"list":{}}', 'Start of structure or map found where not expected.'],
    ['{"map":7}', 'Expected map or null'],
    ['{"map":[]}', 'Start of list found where not expected'],
    ['{"tree":"x"}', 'Expected null'],
    ['{"tree":[]}', 'Start of list found where not expected'],
    ['{"bytes":1}', 'NUMBER_VALUE can not be converted to a Blob'],
    ['{"bytes":"abc"}', 'Base64 encoded length is expected a multiple of 4 bytes but found: 3'],
    ['{"bytes":"ab-_"}', "Invalid Base64 character: '-'"],
    ['{"time":"x"}', 'STRING_VALUE can not be converted to milliseconds since epoch'],
    ['[]', 'Start of list found where not expected'],
    ['{', ''],
    ['', ''],
    ['null', ''],
    ['"x"', ''],
    ['{"int":1,}', ''],
  ])('refuses %s', (text, message) => {
    const refusal = refusalOf(() => decodeText(text));
    expect(refusal).toMatchObject({
      code: 'SerializationException',
      queryCode: 'MalformedInput',
      httpStatus: 400,
      message,
    });
  });

  it('refuses what is not UTF-8', () => {
    const body = Buffer.concat([Buffer.from('{"text":"'), Buffer.from([0xff]), Buffer.from('"}')]);
    expect(refusalOf(() => echo.decode({ body } as EdgeRequest, undefined)).code).toBe('SerializationException');
  });

  it('refuses what is nested beyond reason', () => {
    const depth = 200_000;
    const text = `${'{"tree":'.repeat(depth)}{}${'}'.repeat(depth)}`;
    expect(refusalOf(() => decodeText(text)).code).toBe('SerializationException');
  });

  it.each([
    ['a small body that is too deep', `${'{"tree":'.repeat(513)}{}${'}'.repeat(513)}`],
    ['a small body that is too deep where nobody looks', `{"strange":${'['.repeat(512)}${']'.repeat(512)}}`],
    ['a small body that is too deep and no JSON', '['.repeat(2000)],
    [
      'a large body that is too deep',
      `{"strange":${'['.repeat(512)}${']'.repeat(512)},"text":"${'x'.repeat(20_000)}"}`,
    ],
  ])('says of %s that it is', (_, text) => {
    const message = 'The body has too many values, or too many within each other';
    expect(refusalOf(() => decodeText(text))).toMatchObject({ code: 'SerializationException', message });
  });

  it('takes what is as deep as may be', () => {
    expect(decodeText(`{"strange":${'['.repeat(511)}${']'.repeat(511)},"int":1}`)).toEqual({ int: 1 });
  });

  it('takes __proto__ for the name that it is', () => {
    const decoded = decodeText('{"__proto__":{"text":"x"},"map":{"__proto__":1,"constructor":2}}') as {
      text?: string;
      map: Record<string, number>;
    };
    expect(decoded.text).toBeUndefined();
    expect(Object.keys(decoded.map)).toEqual(['__proto__', 'constructor']);
    expect((decoded.map as object) instanceof Object).toBe(false);
    expect(({} as { text?: string }).text).toBeUndefined();
  });

  it('names the missing parameter of SQS', () => {
    const send = awsJson.codec(sqs, 'SendMessage');
    expect(refusalOf(() => decodeText('{"QueueUrl":"q"}', send))).toMatchObject({
      code: 'MissingRequiredParameterException',
      queryCode: 'MissingParameter',
      message: 'The request must contain the parameter MessageBody.',
    });
    // Wrong types come first, as measured.
    expect(refusalOf(() => decodeText('{"DelaySeconds":"1"}', send)).code).toBe('SerializationException');
  });
});

const anyValue = fc.record(
  {
    text: fc.string({ unit: 'binary' }),
    int: fc.integer(),
    long: fc.maxSafeInteger(),
    double: fc.double(),
    yes: fc.boolean(),
    bytes: fc.uint8Array(),
    time: fc.integer({ min: -8e12, max: 8e12 }),
    list: fc.array(fc.uint8Array()),
    map: fc.dictionary(fc.string(), fc.integer({ min: 0, max: 2e12 })),
  },
  { requiredKeys: [] },
);

/** What an SDK would send, written here without our code. */
function clientBody(value: Record<string, unknown>): string {
  const wire: Record<string, unknown> = { ...value };
  if (value.bytes) wire.bytes = Buffer.from(value.bytes as Uint8Array).toString('base64');
  if (value.list) wire.list = (value.list as Uint8Array[]).map((bytes) => Buffer.from(bytes).toString('base64'));
  if (value.time !== undefined) wire.time = (value.time as number) / 1000;
  if (typeof value.double === 'number' && !Number.isFinite(value.double)) wire.double = String(value.double);
  if (value.map) {
    wire.map = Object.fromEntries(Object.entries(value.map as object).map(([key, time]) => [key, time / 1000]));
  }
  return JSON.stringify(wire);
}

function comparable(value: unknown): unknown {
  if (value instanceof Uint8Array) return [...value];
  if (Array.isArray(value)) return value.map(comparable);
  if (typeof value === 'object' && value !== null) {
    return Object.entries(value)
      .map(([key, under]) => [key, comparable(under)])
      .sort();
  }
  return Object.is(value, -0) ? 0 : value;
}

describe('round trips', () => {
  it('decodes what a client wrote, and encodes what a client reads', () => {
    fc.assert(
      fc.property(anyValue, (value) => {
        const wire = clientBody(value);
        const decoded = decodeText(wire);
        expect(comparable(decoded)).toEqual(comparable(value));
        expect(comparable(JSON.parse(String(echo.encode(decoded, 'id').body)))).toEqual(comparable(JSON.parse(wire)));
      }),
      { numRuns: 300 },
    );
  });
});

describe('plain texts', () => {
  // A short body is not worth the mark.
  const marked = (text: string) => hasPlainTexts(decodeText(text.padEnd(512)) as object);

  it.each([
    ['printable ASCII', '{"text":"abc [{}] \x7f","map":{"key":1}}', true],
    ['spaces between', '{\n\t"text" : "abc"\r\n}', true],
    ['an escaped quote', '{"text":"a\\"b"}', false],
    ['an escaped control character', '{"text":"a\\u0000b"}', false],
    ['half of a surrogate pair', '{"text":"\\ud800"}', false],
    ['a letter beyond ASCII', '{"text":"\u00e9"}', false],
    ['a character that XML excludes', '{"text":"\ufffe"}', false],
  ])('of a body with %s: %s', (_, text, expected) => expect(marked(text)).toBe(expected));

  it('are told only where a look at each text says so, too', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.string({ unit: 'binary' })), (text) => {
        const body = JSON.stringify({ text });
        expect(marked(body)).toBe(isPlainText(text) && !body.includes('\\'));
        if (isPlainText(text)) expect(JSON.stringify(text)).toBe(`"${text}"`);
      }),
      { numRuns: 500 },
    );
  });

  it('are not told of copies, whose texts may be others', () => {
    const decoded = decodeText('{"text":"abc"}'.padEnd(512)) as object;
    expect(hasPlainTexts(decoded)).toBe(true);
    expect(hasPlainTexts({ ...decoded, text: '"' })).toBe(false);
  });

  it('are written as JSON.stringify would, beside others', () => {
    const tree = { text: 'other "', bytes: Buffer.from('a') };
    const output = { text: 'x', list: [], int: 7, yes: undefined, tree, map: {}, [plainTexts]: true };
    const expected = '{"text":"x","list":[],"int":7,"tree":{"text":"other \\"","bytes":"YQ=="},"map":{}}';
    expect(echo.encode(output, 'id').body).toBe(expected);
  });
});

describe('long texts', () => {
  const long = 'YWJj'.repeat(10_000);

  it('are the bytes of the body where a member is a text', () => {
    const decoded = decodeText(`{"text":"${long}","tree":{"text":"${long}\u00e9"}}`) as { tree: object };
    expect(decoded).toEqual({ text: long, tree: { text: `${long}\u00e9` } });
    expect(textBytesOf(decoded, 'text')).toMatchObject({ isPlain: true, bytes: Buffer.from(long) });
    expect(textBytesOf(decoded.tree, 'text')).toMatchObject({ isPlain: false });
  });

  it('are texts like any other elsewhere', () => {
    const bytes = Buffer.from('abc'.repeat(10_000));
    expect(decodeText(`{"bytes":"${long}","list":["${long}"],"strange":"${long}"}`)).toEqual({ bytes, list: [bytes] });
  });

  it.each([
    ['int', `"${long}"`, 'STRING_VALUE can not be converted to an Integer'],
    ['map', `{"a":"${long}"}`, 'STRING_VALUE can not be converted to milliseconds since epoch'],
    ['list', `"${long}"`, 'Expected list or null'],
    ['tree', `"${long}"`, 'Expected null'],
  ])('are refused as %s', (member, text, message) => {
    expect(refusalOf(() => decodeText(`{"${member}":${text}}`)).message).toBe(message);
  });

  it('are no body', () => {
    expect(refusalOf(() => decodeText(`"${long}"`)).message).toBe('');
  });

  it.each([true, false])('make bytes of all that is written (plain: %s)', (isPlain) => {
    const others = { int: 1, bytes: Buffer.from('a'), list: [], [plainTexts]: isPlain };
    const tree = { ...others, text: '' };
    const output = { ...others, text: isPlain ? 'x' : '"\u00e9', tree };
    holdText(tree, 'text', new TextBytes(Buffer.from(isPlain ? long : `${long}\u00e9`), isPlain));
    const { body } = echo.encode(output, 'id');
    expect(body).toBeInstanceOf(Buffer);
    const written = { int: 1, bytes: 'YQ==', list: [] };
    expect(JSON.parse(String(body))).toEqual({ ...written, text: output.text, tree: { ...written, text: tree.text } });
  });
});

describe('encoding', () => {
  it('keeps the order of members, with those that the model does not have', () => {
    const output = { int: 1, strange: { a: ['x'] }, bytes: Buffer.from('a'), double: Number.NaN, text: '\u2028"' };
    expect(echo.encode(output, 'id').body).toBe(
      '{"int":1,"strange":{"a":["x"]},"bytes":"YQ==","double":"NaN","text":"\u2028\\""}',
    );
  });

  it('rewrites only what holds bytes or times, and leaves the output alone', () => {
    const output = { text: 'x', tree: { bytes: Buffer.from('a'), map: { a: 1500 } } };
    expect(JSON.parse(String(echo.encode(output, 'id').body))).toEqual({
      text: 'x',
      tree: { bytes: 'YQ==', map: { a: 1.5 } },
    });
    expect(output.tree.bytes).toBeInstanceOf(Buffer);
  });

  it('answers an operation without output with an empty object', () => {
    expect(awsJson.codec(sqs, 'DeleteMessage').encode(undefined, 'id')).toEqual({
      status: 200,
      contentType: 'application/x-amz-json-1.0',
      body: '{}',
    });
  });
});

describe('errors', () => {
  it('have the namespace and the Query code of SQS', () => {
    const error = new AwsError('QueueDoesNotExist', 'Gone.', { queryCode: 'AWS.SimpleQueueService.NonExistentQueue' });
    expect(awsJson.encodeError(sqs, error, 'id')).toEqual({
      status: 400,
      contentType: 'application/x-amz-json-1.0',
      queryError: 'AWS.SimpleQueueService.NonExistentQueue;Sender',
      body: '{"__type":"com.amazonaws.sqs#QueueDoesNotExist","message":"Gone."}',
    });
  });

  it('are bare in version 1.1, with the message as the model spells it', () => {
    expect(awsJson.encodeError(everything, new AwsError('Broken', 'Oh.', { httpStatus: 500 }), 'id')).toEqual({
      status: 500,
      contentType: 'application/x-amz-json-1.1',
      body: '{"__type":"Broken","Message":"Oh."}',
    });
  });

  it('of the front end say so', () => {
    const refusal = refusalOf(() => decodeText('{"QueueUrl":1}', awsJson.codec(sqs, 'ListQueueTags')));
    expect(awsJson.encodeError(sqs, refusal, 'id')).toMatchObject({
      queryError: 'MalformedInput;Sender',
      body: '{"__type":"com.amazon.coral.service#SerializationException","Message":"NUMBER_VALUE can not be converted to a String"}',
    });
  });
});
