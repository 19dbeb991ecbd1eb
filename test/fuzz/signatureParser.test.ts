/**
 * Signed requests, mutated: whatever comes, there is a signature or a refusal, and a request is believed only where it
 * means the same as the one that was signed. What it means is worked out here anew.
 *
 * `POSTHORN_FUZZ_INPUTS=1000000` tries more, `POSTHORN_FUZZ_SEED` others.
 */

import { posix } from 'node:path';
import { beforeAll, expect, it } from 'vitest';
import { Prng } from '#std/prng';
import { isRefused, type Signature, type SignedRequest, signatureError } from '../../src/aws/sigv4/index.ts';
import { type Draft, judge, signDraft } from './signedRequests.ts';

const inputs = Number(process.env.POSTHORN_FUZZ_INPUTS ?? 20_000);
const prng = new Prng(Number(process.env.POSTHORN_FUZZ_SEED ?? 1));
const service = 'sqs';

interface Original {
  readonly request: SignedRequest;
  readonly signature: Signature;
}

const originals: Original[] = [];

const draft: Draft = {
  form: 'header',
  method: 'POST',
  segments: [],
  query: {},
  headers: { 'content-type': 'application/x-amz-json-1.0', 'x-amz-target': 'AmazonSQS.SendMessage' },
  body: Buffer.from('{"QueueUrl":"http://localhost:9324/111122223333/q","MessageBody":"a b"}'),
  region: 'us-east-1',
  service,
  sessionToken: undefined,
};

const drafts: readonly Draft[] = [
  draft,
  { ...draft, sessionToken: 'IQoJb3Jp/+Z2lu==' },
  { ...draft, segments: ['111122223333', 'a queue+é.fifo'], query: { Action: 'SendMessage', MessageBody: 'x y&é/+' } },
  {
    ...draft,
    method: 'GET',
    query: { a: ['2', '1', ''], 'a-b': '3' },
    headers: { 'my-header': 'a  b' },
    body: Buffer.of(),
  },
  { ...draft, form: 'presigned', method: 'GET', query: { Action: 'ListQueues' }, headers: {}, body: Buffer.of() },
  { ...draft, form: 'presigned', query: { a: 'b=c' }, segments: ['x'], sessionToken: 'FwoGZXIvYXdz/+=' },
];

beforeAll(async () => {
  for (const each of drafts) {
    const request = await signDraft(each);
    const signature = judge(request, service);
    if (isRefused(signature)) throw new Error(signature.message);
    originals.push({ request, signature });
  }
});

/** What the parsers look for, and what they should not trip over. */
const pieces = [
  ...['Credential=', 'SignedHeaders=', 'Signature=', 'AWS4-HMAC-SHA256 ', 'aws4_request', 'host', 'x-amz-date', ';'],
  ...['X-Amz-Algorithm=', 'X-Amz-Signature=', 'X-Amz-Credential=', 'X-Amz-Expires=', 'X-Amz-Security-Token=', '&'],
  ...['%', '%2', '%00', '%0A', '%2F', '+', ' ', '  ', '\t', '\n', ',', '=', '/', '//', '/./', '/../', '..', '.'],
  ...[
    '20260102T030405Z',
    '20260102',
    'Fri, 02 Jan 2026 03:04:05 GMT',
    '__proto__',
    'constructor',
    '\0',
    '\u00ff',
    '-1',
  ],
  ...['e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855', 'UNSIGNED-PAYLOAD', '9'.repeat(40)],
];

function mutated(text: string): string {
  const at = prng.below(text.length + 1);
  const end = Math.min(text.length, at + 1 + prng.below(8));
  switch (prng.below(6)) {
    case 0:
      return text.slice(0, at) + String.fromCharCode(prng.below(256)) + text.slice(at + 1);
    case 1:
      return text.slice(0, at) + text.slice(end);
    case 2:
      return text.slice(0, at) + (prng.pick(pieces) ?? '') + text.slice(at);
    case 3:
      return text.slice(0, end) + text.slice(at);
    case 4:
      return prng.pick(pieces) ?? '';
    default:
      return flippedCase(text, at);
  }
}

function flippedCase(text: string, at: number): string {
  const character = text.charAt(at);
  const upper = character.toUpperCase();
  return text.slice(0, at) + (upper === character ? character.toLowerCase() : upper) + text.slice(at + 1);
}

function mutatedHeaders(rawHeaders: readonly string[]): readonly string[] {
  if (rawHeaders.length === 0) return rawHeaders;
  const at = prng.below(rawHeaders.length / 2) * 2;
  const pair = rawHeaders.slice(at, at + 2);
  switch (prng.below(8)) {
    case 0:
      return rawHeaders.toSpliced(at, 2);
    case 1:
      return [...rawHeaders, ...pair];
    case 2:
      return [...rawHeaders.toSpliced(at, 2), ...pair];
    case 3:
      return [...rawHeaders, prng.pick(rawHeaders) ?? '', prng.pick(pieces) ?? ''];
    case 4:
      return rawHeaders.with(at, mutated(rawHeaders[at] ?? ''));
    default:
      return rawHeaders.with(at + 1, mutated(rawHeaders[at + 1] ?? ''));
  }
}

function mutate(request: SignedRequest): SignedRequest {
  switch (prng.below(8)) {
    case 0:
      return { ...request, path: mutated(request.path) };
    case 1:
    case 2:
      return { ...request, query: mutated(request.query) };
    case 3:
      return { ...request, query: [...request.query.split('&'), prng.pick(pieces)].reverse().join('&') };
    case 4:
      return prng.chance(0.5)
        ? { ...request, body: Buffer.from(mutated(textOf(request)), 'latin1') }
        : { ...request, method: mutated(request.method) };
    default:
      return { ...request, rawHeaders: mutatedHeaders(request.rawHeaders) };
  }
}

/** What a service would make of a request, as text that is the same for two requests that mean the same. */
function meaningOf(request: SignedRequest, signature: Signature): string {
  const decoded = (text: string): string =>
    text
      .replaceAll('+', ' ')
      .replace(/%[0-9a-f]{2}/gi, (found) => Buffer.from(found.slice(1), 'hex').toString('latin1'));
  const parameters = request.query
    .split('&')
    .filter((pair) => pair !== '')
    .map((pair) => [pair.split('=', 1)[0] ?? '', pair.includes('=') ? pair.slice(pair.indexOf('=') + 1) : ''])
    .map((pair) => JSON.stringify(pair.map(decoded)))
    .filter((pair) => signature.form === 'header' || !pair.startsWith('["X-Amz-Signature"'))
    .sort();
  const covered = signature.signedHeaders.map((name) => {
    const values = request.rawHeaders.filter(
      (_, i) => i % 2 === 1 && request.rawHeaders[i - 1]?.toLowerCase() === name,
    );
    return [
      name,
      values
        .map((text) =>
          text
            .split(/[ \t\r\n\f\v]+/)
            .filter(Boolean)
            .join(' '),
        )
        .join(),
    ];
  });
  const { credential, timestamp, sessionToken } = signature;
  const path = posix.normalize(`/${request.path}`);
  const signer = [credential, timestamp, sessionToken];
  return JSON.stringify([request.method, path, parameters, covered, signer, textOf(request)]);
}

function textOf({ body }: SignedRequest): string {
  return Buffer.from(body).toString('latin1');
}

it(`survives ${inputs} mutations, and believes none that means something else`, { timeout: 1_800_000 }, () => {
  const outcomes = new Map<string, number>();
  const meanings = originals.map(({ request, signature }) => meaningOf(request, signature));
  for (let i = 0; i < inputs; i += 1) {
    const chosen = prng.below(originals.length);
    const original = originals[chosen];
    if (original === undefined) continue;
    let request = mutate(original.request);
    while (prng.chance(0.3)) request = mutate(request);
    const outcome = judge(request, service);
    const kind = isRefused(outcome) ? outcome.refused : 'believed';
    outcomes.set(kind, (outcomes.get(kind) ?? 0) + 1);
    if (isRefused(outcome)) {
      if (signatureError(outcome, undefined).httpStatus < 400) expect.fail(JSON.stringify(outcome));
    } else if (meaningOf(request, outcome) !== meanings[chosen]) {
      expect.fail(`believed: ${JSON.stringify({ ...request, body: textOf(request) })} for ${meanings[chosen]}`);
    }
  }
  const seen = ['believed', 'incompleteSignature', 'missingToken', 'requestExpired', 'signatureMismatch', 'unknownKey'];
  expect([...outcomes.keys()].sort()).toEqual(seen.filter((kind) => kind !== 'requestExpired' || outcomes.has(kind)));
  expect([...outcomes.values()].reduce((sum, count) => sum + count, 0)).toBe(inputs);
});
