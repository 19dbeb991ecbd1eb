/**
 * Arbitrary bytes, headers, targets, forms and JSON against a listening server whose operations do nothing: whatever
 * comes, there is an answer that an AWS SDK can read, it is never our own failure, and the server lives on.
 */

import { connect } from 'node:net';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Listener, startListener } from '#aws';
import type { ServedService, ServiceContract } from '#aws/contract';
import { sns } from '#aws/generated/sns';
import { sqs } from '#aws/generated/sqs';
import { sts } from '#aws/generated/sts';

/** Milliseconds for each property; the whole file stays within 20 s. */
const budgetMs = 4000;
const failures: unknown[] = [];
let listener: Listener;

function serving(contract: ServiceContract, path = false): ServedService {
  const operations = Object.fromEntries(Object.keys(contract.operations).map((name) => [name, () => ({})]));
  return { contract, operations, ...(path && { pathDefaults: (from: string) => ({ QueueUrl: from }) }) };
}

beforeAll(async () => {
  listener = await startListener({
    host: '127.0.0.1',
    port: 0,
    services: [serving(sqs, true), serving(sns), serving(sts)],
    limits: { bodyMaxBytes: 100_000 },
    log: { error: (details) => failures.push(details) },
  });
});
afterAll(async () => {
  await listener.close();
  expect(failures).toEqual([]);
});

/** The whole of what the server says to some bytes until it ends the connection. */
function exchange(bytes: Buffer, patienceMs: number): Promise<string> {
  return new Promise((resolve) => {
    const socket = connect(listener.address.port, '127.0.0.1');
    const read: Buffer[] = [];
    socket.on('data', (chunk) => read.push(chunk));
    socket.on('error', () => {});
    socket.on('close', () => resolve(Buffer.concat(read).toString()));
    socket.write(bytes);
    socket.setTimeout(patienceMs, () => socket.destroy());
  });
}

interface Sent {
  method: string;
  path: string;
  headers: Record<string, string>;
  body: Uint8Array;
}

async function send({ method, path, headers, body }: Sent): Promise<string> {
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
  const head = `${method} ${path} HTTP/1.1\r\nHost: h\r\nConnection: close\r\n${lines.join('')}`;
  return exchange(
    Buffer.concat([Buffer.from(`${head}Content-Length: ${body.length}\r\n\r\n`, 'latin1'), body]),
    10_000,
  );
}

/** Throws unless the text is one answer that an SDK can make sense of. */
function checkAnswer(answer: string, method: string): void {
  const [, status = '', head = '', body = ''] =
    /^HTTP\/1\.1 (\d{3}) [^\r]*\r\n([\s\S]*?)\r\n\r\n([\s\S]*)$/.exec(answer) ?? [];
  expect(Number(status), answer).toBeGreaterThanOrEqual(200);
  expect(Number(status), answer).toBeLessThan(500);
  expect(head).toMatch(/^x-amzn-requestid: [0-9a-f-]{36}\r?$/im);
  if (method === 'HEAD') return;
  if (/^content-type: application\/x-amz-json-1\.[01]\r?$/im.test(head)) {
    const parsed = JSON.parse(body);
    if (status !== '200') expect(parsed.__type).toMatch(/^([\w.]+#)?\w+$/);
  } else {
    expect(body).toMatch(
      /^(<\?xml version="1.0"\?><(\w+)(Response)[ >][\s\S]*<\/\2\3>|<UnknownOperationException\/>\n)$/,
    );
    // biome-ignore lint/suspicious/noControlCharactersInRegex: XML cannot hold these.
    expect(body).not.toMatch(/[\u0000-\u0008\u000b\u000c\u000e-\u001f]/);
  }
}

function fuzz(requests: fc.Arbitrary<Sent>): Promise<void> {
  const property = fc.asyncProperty(requests, async (request) => checkAnswer(await send(request), request.method));
  return fc.assert(property, { numRuns: 1500, interruptAfterTimeLimit: budgetMs, endOnFailure: false });
}

const operations = fc.constantFrom(
  ...Object.keys(sqs.operations),
  ...Object.keys(sns.operations),
  'Nope',
  '__proto__',
  '',
);
const headerText = fc.string({ unit: 'grapheme-ascii', maxLength: 60 }).map((text) => text.trim());
const targets = fc.oneof({ weight: 4, arbitrary: operations.map((operation) => `AmazonSQS.${operation}`) }, headerText);
const contentTypes = fc.constantFrom(
  'application/x-amz-json-1.0',
  'application/x-amz-json-1.1',
  'application/json',
  'text/xml',
  '',
);
const authorizations = fc.oneof(
  fc
    .constantFrom('sqs', 'sns', 'sts', 's3')
    .map((service) => `AWS4-HMAC-SHA256 Credential=A/1/r/${service}/aws4_request, Signature=0`),
  headerText,
);

// Members of real shapes, so that the mutation reaches the decoders below the first level.
const names = fc.constantFrom(
  'QueueUrl',
  'MessageBody',
  'Entries',
  'MessageAttributes',
  'Attributes',
  'DelaySeconds',
  'TagKeys',
  'Id',
  'DataType',
  'BinaryValue',
  '__proto__',
  'constructor',
  'toString',
);
const { json } = fc.letrec((tie) => ({
  json: fc.oneof(
    { maxDepth: 5 },
    fc.constantFrom(null, true, 0, -1, 1e300, 1.5, '', 'AAEC', 'AA', '{}'),
    fc.string({ unit: 'binary' }),
    fc.double(),
    fc.array(tie('json'), { maxLength: 4 }),
    fc.dictionary(names, tie('json'), { maxKeys: 5 }),
  ),
}));

function mutated(text: string, position: number, byte: number): Buffer {
  const bytes = Buffer.from(text);
  if (bytes.length > 0 && position < bytes.length) bytes[position] = byte;
  return bytes;
}

/** Has what the operations require, so that something of it arrives at the decoders and behind them. */
const likelyInputs = fc
  .dictionary(names, json, { maxKeys: 4 })
  .map((members) => ({ QueueUrl: 'q', QueueName: 'q', MessageBody: 'b', Entries: [], TagKeys: [], ...members }));

const jsonBodies = fc.oneof(
  { weight: 4, arbitrary: likelyInputs.map((value) => Buffer.from(JSON.stringify(value))) },
  fc
    .tuple(likelyInputs, fc.nat(200), fc.nat(255))
    .map(([value, position, byte]) => mutated(JSON.stringify(value), position, byte)),
  json.map((value) => Buffer.from(JSON.stringify(value))),
  fc
    .tuple(json, fc.nat(200), fc.nat(255))
    .map(([value, position, byte]) => mutated(JSON.stringify(value), position, byte)),
  fc.uint8Array({ maxLength: 200 }),
  fc.constant(Buffer.alloc(100_001, '[')),
  fc.constant(Buffer.from('['.repeat(50_000))),
);

const keyParts = fc.oneof(
  fc.constantFrom(
    'QueueUrl',
    'MessageBody',
    'Attribute',
    'MessageAttribute',
    'SendMessageBatchRequestEntry',
    'Name',
    'Value',
    'Key',
    'DataType',
    'member',
    'entry',
    'key',
    'value',
    '0',
    '1',
    '2',
    '4294967296',
    '-1',
    '__proto__',
    '',
  ),
  fc.string({ maxLength: 8 }),
);
const keys = fc.array(keyParts, { minLength: 1, maxLength: 20 }).map((parts) => parts.join('.'));
const values = fc.oneof(
  { weight: 20, arbitrary: fc.string({ unit: 'binary' }).map((text) => encodeURIComponent(text)) },
  { weight: 20, arbitrary: fc.constantFrom('1', '+', '99999999999999999999', '', 'true', 'AAEC') },
  fc.constantFrom('%', '%ff', '%zz'),
);
const forms = fc
  .tuple(operations, fc.array(fc.tuple(keys, values), { maxLength: 30 }))
  .map(([action, pairs]) =>
    [`Action=${action}`, ...pairs.map(([key, value]) => `${encodeURIComponent(key)}=${value}`)].join('&'),
  );
const paths = fc.oneof(
  fc.constantFrom('/', '/000000000000/q', '//', '/a?b'),
  fc.webPath().map((path) => `/${path}`),
);

describe('the edge answers', () => {
  it('JSON of any kind', () =>
    fuzz(
      fc.record({
        method: fc.constantFrom('POST', 'POST', 'POST', 'GET', 'PUT', 'HEAD', 'DELETE', 'PATCH'),
        path: paths,
        headers: fc.record({ 'x-amz-target': targets, 'content-type': contentTypes, authorization: authorizations }),
        body: jsonBodies,
      }),
    ));

  it('forms of any kind', () =>
    fuzz(
      fc.record({
        method: fc.constant('POST'),
        path: paths,
        headers: fc.record({
          'content-type': fc.constant('application/x-www-form-urlencoded'),
          authorization: authorizations,
        }),
        body: fc.oneof(
          forms.map((form) => Buffer.from(form)),
          fc.uint8Array({ maxLength: 200 }),
        ),
      }),
    ));

  it('query strings of any kind', () =>
    fuzz(
      fc.record({
        method: fc.constantFrom('GET', 'POST', 'HEAD', 'OPTIONS'),
        path: fc.tuple(paths, forms).map(([path, form]) => `${path.split('?')[0]}?${form}`.slice(0, 16_000)),
        headers: fc.record({ authorization: authorizations }),
        body: fc.constant(Buffer.alloc(0)),
      }),
    ));

  it('or ends the connection, for bytes that are no request', async () => {
    const bytes = fc.oneof(
      fc.uint8Array({ minLength: 1, maxLength: 300 }),
      fc
        .tuple(fc.nat(120), fc.nat(255))
        .map(([position, byte]) =>
          mutated(
            'POST / HTTP/1.1\r\nHost: h\r\nConnection: close\r\nContent-Length: 2\r\nx-amz-target: AmazonSQS.ListQueues\r\n\r\n{}',
            position,
            byte,
          ),
        ),
    );
    const property = fc.asyncProperty(bytes, async (sent) => {
      // Bytes that are the beginning of a request are waited for, and get no answer in this time.
      const answer = await exchange(Buffer.from(sent), 100);
      // Where the version was hit there is none, or another.
      if (answer !== '') expect(answer).toMatch(/^HTTP\/1\.1 (?:[24]\d\d|505) /);
    });
    await fc.assert(property, { numRuns: 400, interruptAfterTimeLimit: budgetMs });
  });
});
