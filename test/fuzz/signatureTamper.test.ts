/**
 * Every single byte of a signed request that is signed, changed: no such request may be believed. And what is not signed,
 * changed as proxies change it: the request is believed still.
 */

import fc from 'fast-check';
import { expect, it } from 'vitest';
import { isRefused, type SignedRequest } from '../../src/aws/sigv4/index.ts';
import { type Draft, judge, signDraft } from './signedRequests.ts';

const word = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 8 });
const name = fc.stringMatching(/^[a-z][a-z0-9-]{0,10}$/);
const value = fc.stringMatching(/^[!-~]([ -~]{0,12}[!-~])?$/);

const drafts: fc.Arbitrary<Draft> = fc.record({
  form: fc.constantFrom('header', 'presigned'),
  method: fc.constantFrom('POST', 'GET'),
  segments: fc.array(
    word.map((text) => `p${text}`),
    { maxLength: 3 },
  ),
  query: fc.dictionary(
    word.map((text) => `q${text}`),
    fc.oneof(word, fc.array(word, { minLength: 1, maxLength: 2 })),
    { maxKeys: 4 },
  ),
  headers: fc
    .dictionary(
      name.map((text) => `my-${text}`),
      value,
      { maxKeys: 3 },
    )
    .map((own) => ({ ...own, 'x-amz-target': 'AmazonSQS.SendMessage', 'content-type': 'application/x-amz-json-1.0' })),
  body: fc.uint8Array({ maxLength: 40 }),
  region: fc.constantFrom('us-east-1', 'eu-central-1'),
  service: fc.constantFrom('sqs', 'sns', 'sts', 'kms', 'iam'),
  sessionToken: fc.option(fc.stringMatching(/^[A-Za-z0-9+/]{4,20}={0,2}$/), { nil: undefined }),
});

/** Another character, that is neither a case of the first one, nor a digit of an escape, nor a separator. */
function otherThan(character: string): string {
  return character.toLowerCase() === 'z' ? 'y' : 'z';
}

function* changes(text: string): Generator<string> {
  for (let i = 0; i < text.length; i += 1) {
    yield `${text.slice(0, i)}${otherThan(text.charAt(i))}${text.slice(i + 1)}`;
  }
}

/** Every request that differs from this one in one signed byte. */
function* tampered(request: SignedRequest): Generator<SignedRequest> {
  for (const method of changes(request.method)) yield { ...request, method };
  for (const path of changes(request.path)) yield { ...request, path };
  for (const query of changes(request.query)) yield { ...request, query };
  for (let i = 0; i < request.body.length; i += 1) {
    const body = Buffer.from(request.body);
    body[i] = (body[i] ?? 0) ^ (1 << (i % 8));
    yield { ...request, body };
  }
  yield { ...request, body: Buffer.concat([request.body, Buffer.of(32)]) };
  for (let i = 0; i < request.rawHeaders.length; i += 1) {
    for (const header of changes(request.rawHeaders[i] ?? '')) {
      yield { ...request, rawHeaders: request.rawHeaders.with(i, header) };
    }
  }
}

it('believes no request in which a signed byte was changed', { timeout: 60_000 }, async () => {
  let judged = 0;
  const property = fc.asyncProperty(drafts, async (draft) => {
    const request = await signDraft(draft);
    expect(judge(request, draft.service)).toMatchObject({ form: draft.form, region: draft.region });
    for (const changed of tampered(request)) {
      judged += 1;
      if (!isRefused(judge(changed, draft.service))) expect.fail(`believed: ${JSON.stringify(changed)}`);
    }
  });
  await fc.assert(property, { numRuns: 60 });
  expect(judged).toBeGreaterThan(20_000);
});

it('believes no request that was signed for another service', async () => {
  const property = fc.asyncProperty(drafts, async (draft) => {
    const request = await signDraft(draft);
    for (const service of ['sqs', 'sns', 's3']) {
      expect(isRefused(judge(request, service))).toBe(service !== draft.service);
    }
  });
  await fc.assert(property, { numRuns: 60 });
});

it('does not mind what no signature covers', async () => {
  const shuffle = fc.infiniteStream(fc.integer());
  const added = fc.dictionary(fc.constantFrom('user-agent', 'X-Forwarded-For', 'connection', 'x-amzn-trace-id'), value);
  const property = fc.asyncProperty(drafts, added, shuffle, async (draft, extra, numbers) => {
    const request = await signDraft(draft);
    const disorder = <T>(items: readonly T[]): T[] =>
      items
        .map((item) => ({ item, at: numbers.next().value ?? 0 }))
        .sort((a, b) => a.at - b.at)
        .map(({ item }) => item);
    const headers = request.rawHeaders.flatMap((text, i) => (i % 2 ? [] : [[text, request.rawHeaders[i + 1] ?? '']]));
    const rawHeaders = disorder([...headers, ...Object.entries(extra)]).flatMap(([header = '', text = '']) => [
      header.toUpperCase(),
      ` ${text.replaceAll(' ', '  \t')} `,
    ]);
    const query = disorder(request.query.split('&')).join('&&').replaceAll('%2F', '%2f').replaceAll('%20', '+');
    const path = request.path.replaceAll('/', '//').replace(/^\//, '/./x/..');
    const outcome = judge({ ...request, rawHeaders, query, path }, draft.service);
    expect(outcome).toMatchObject({ form: draft.form, sessionToken: draft.sessionToken });
  });
  await fc.assert(property, { numRuns: 200 });
});
