/**
 * Large bodies of one thing over and over, in every place that takes text: work must grow with the body, not with its
 * square. Where it did, two MiB would take minutes and the test its patience.
 */
import { describe, expect, it } from 'vitest';
import type { EdgeRequest } from '../../src/aws/protocols/protocol.ts';
import { parseTimestamp } from '../../src/aws/protocols/scalars.ts';
import { faultOfBody } from './edgeAnswers.ts';
import { answer } from './edgePath.ts';

const largeBytes = 2 * 1024 * 1024;
const tokens = [
  ...[
    'a',
    '1',
    '.',
    '-',
    '+',
    '=',
    '&',
    '%',
    '%41',
    '/',
    '\\',
    '"',
    '\\"',
    "'",
    ' ',
    '\t',
    '\n',
    '\0',
    '\u00e9',
    '<',
    '&amp;',
  ],
  ...[
    'a&',
    'a=&',
    'a=1&',
    '=&',
    'a.1&',
    'A=%41&',
    'Entry.1.Id=a&',
    '1.',
    '.1',
    'a.',
    '{',
    '[',
    '[]',
    '{},',
    '{"a":',
    ',',
    '1,',
  ],
  ...['"a",', '"a":1,', 'null,', '/a', 'a-', 'a,', 'arn:', 'AA', 'AAEC', '1e', '1 ', ' 1', 'ab, ', 'Credential='],
];
const large = (token: string) => token.repeat(Math.floor(largeBytes / Buffer.byteLength(token)));

const credential = 'AWS4-HMAC-SHA256 Credential=A/1/r/sqs/aws4_request';

function form(body: string, service = 'sqs'): EdgeRequest {
  const headers = { host: 'h', authorization: credential.replace('sqs', service) };
  return { method: 'POST', path: '/', query: '', headers, body: Buffer.from(body) };
}

function json(body: string, target = 'AmazonSQS.SendMessageBatch'): EdgeRequest {
  return {
    method: 'POST',
    path: '/',
    query: '',
    headers: { host: 'h', 'x-amz-target': target },
    body: Buffer.from(body),
  };
}

const places: Readonly<Record<string, (text: string) => EdgeRequest>> = {
  'a form': (text) => form(text),
  'a value of a form': (text) => form(`Action=SendMessage&QueueUrl=q&MessageBody=${text}`),
  'the names of a form': (text) => form(`Action=SendMessageBatch&QueueUrl=q&${text}`),
  'a number of a form': (text) => form(`Action=SendMessage&QueueUrl=q&MessageBody=b&DelaySeconds=${text}`),
  'bytes of a form': (text) =>
    form(
      `Action=SendMessage&QueueUrl=q&MessageBody=b&MessageAttribute.1.Name=n&MessageAttribute.1.Value.BinaryValue=${text}`,
    ),
  'a validated value': (text) =>
    form(`Action=CreateRole&RoleName=${text}&AssumeRolePolicyDocument=${text}&Path=${text}`, 'iam'),
  'a body of JSON': (text) => json(text),
  'a string of JSON': (text) => json(`{"QueueUrl":"q","Entries":[{"Id":"${text}"}]}`),
  'a list of JSON': (text) => json(`{"QueueUrl":"q","Entries":[${text}]}`),
  'bytes of JSON': (text) => json(`{"KeyId":"k","Plaintext":"${text}"}`, 'TrentService.Encrypt'),
};

describe.each(Object.entries(places))('%s', (_, requestOf) => {
  it.each(tokens)('of %j', (token) => {
    const { status, contentType, body } = answer(requestOf(large(token)), () => ({}));
    expect(faultOfBody(contentType, status, String(body))).toBeUndefined();
    expect(status).toBeLessThan(500);
  });
});

it.each(tokens)('a time of %j', (token) => {
  expect(parseTimestamp(`${large(token)}x`)).toBeUndefined();
});
