import { expect, test } from 'vitest';
import { parseMessageStructure, textFor } from './messageStructure.ts';

test('each protocol gets its own text, or the default', () => {
  const message = parseMessageStructure('{"default":"d","sqs":"","http":"h","GCM":"{}","extra":"x"}');
  const protocols = ['sqs', 'http', 'https', 'GCM', 'toString'];
  expect(protocols.map((protocol) => textFor(message, protocol))).toEqual(['', 'h', 'd', '{}', 'd']);
});

/** Measured at AWS, where the documentation says that it is refused. */
test('of a member that comes twice, one is taken', () => {
  expect(textFor(parseMessageStructure('{"default":"a","default":"b"}'), 'sqs')).toBe('b');
});

test('members that are no text are ignored', () => {
  const message = parseMessageStructure('{"default":"d","sqs":{"a":1},"http":1,"email":null}');
  expect(['sqs', 'http', 'email'].map((protocol) => textFor(message, protocol))).toEqual(['d', 'd', 'd']);
});

test('what goes to one endpoint needs no default', () => {
  const message = parseMessageStructure('{"APNS":"a"}', 'endpoint');
  expect(textFor(message, 'APNS')).toBe('a');
  expect(textFor(message, 'GCM')).toBeUndefined();
});

/** Codes and texts recorded at AWS, those of `[]` and `"a"` excepted. */
test.each([
  ['{"sqs":"a"}', 'No default entry in JSON message body'],
  ['{"default":{"object":"a"}}', 'No default entry in JSON message body'],
  ['{"default":"a"} }', 'JSON message body failed to parse'],
  ['', 'JSON message body failed to parse'],
  ['[]', 'JSON message body failed to parse'],
  ['"a"', 'JSON message body failed to parse'],
])('%s is refused', (text, reason) => {
  expect(() => parseMessageStructure(text)).toThrow(
    expect.objectContaining({
      queryCode: 'InvalidParameter',
      message: `Invalid parameter: Message Structure - ${reason}`,
    }),
  );
});
