import { describe, expect, it } from 'vitest';
import { sign } from '../../../test/conformance/signature.ts';
import { canonicalPath, foldHeaders } from './canonical.ts';
import { canonicalQuery, parseQuery } from './query.ts';
import { readSignature } from './read.ts';
import { isRefused, type Signature, type SignedRequest } from './signature.ts';
import { deriveSigningKey, SigningKeys } from './signingKeys.ts';
import { verifySignature } from './verify.ts';

const now = Date.UTC(2026, 0, 2, 3, 4, 5);
const secret = 'a secret';
const signer = { accessKeyId: 'AKID', secretAccessKey: secret, region: 'us-east-1', service: 'sqs' };
const mismatchText =
  'The request signature we calculated does not match the signature you provided. Check your AWS Secret Access Key and ' +
  'signing method. Consult the service documentation for details.';

function signedRequest(headers: Readonly<Record<string, string>> = {}, body = '{}', by = signer): SignedRequest {
  const url = new URL('http://localhost:9324/');
  const signed = sign({ method: 'POST', url, headers, body }, by, new Date(now));
  return { method: 'POST', path: '/', query: '', rawHeaders: Object.entries(signed).flat(), body: Buffer.from(body) };
}

function readOf(request: SignedRequest): Signature {
  const signature = readSignature(request, { service: 'sqs', now });
  if (isRefused(signature)) throw new Error(signature.message);
  return signature;
}

function outcomeOf(request: SignedRequest, keys = new SigningKeys(), given = secret) {
  return verifySignature(readOf(request), request, given, { keys });
}

describe('a signature', () => {
  it('is good for the secret that made it, and no other', () => {
    const request = signedRequest({ 'x-amz-target': 'AmazonSQS.ListQueues' });
    expect(outcomeOf(request)).toBeUndefined();
    expect(outcomeOf(request, new SigningKeys(), 'another')).toEqual({
      refused: 'signatureMismatch',
      message: mismatchText,
    });
  });

  it.each(['', 'a', 'A1'.repeat(32), 'é'.repeat(32)])('is not %j', (hex) => {
    const request = signedRequest();
    const signature = { ...readOf(request), hex };
    const outcome = verifySignature(signature, request, secret, { keys: new SigningKeys() });
    expect(outcome?.refused).toBe('signatureMismatch');
  });

  it('is explained to who debugs, and to nobody else', () => {
    const request = { ...signedRequest(), body: Buffer.from('{ }') };
    const outcome = verifySignature(readOf(request), request, secret, { keys: new SigningKeys(), debug: true });
    const canonical =
      'POST\n/\n\nhost:localhost:9324\nx-amz-date:20260102T030405Z\n\nhost;x-amz-date\n' +
      '257c1be96ae69f4b01c2c69bdb6d78605f59175819fb007d0bf245bf48444c4a';
    expect(outcome?.message).toContain(`${mismatchText}\n\nThe Canonical String for this request should have been\n`);
    expect(outcome?.message).toContain(`'${canonical}'`);
    expect(outcome?.message).toContain(
      "The String-to-Sign should have been\n'AWS4-HMAC-SHA256\n20260102T030405Z\n20260102/us-east-1/sqs/aws4_request\n",
    );
    expect(outcomeOf(request)?.message).toBe(mismatchText);
  });
});

describe('the hash of the body', () => {
  const hashOfBraces = '44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a';

  it('may be told, and then has to be right', () => {
    expect(outcomeOf(signedRequest({ 'x-amz-content-sha256': hashOfBraces }))).toBeUndefined();
    expect(outcomeOf(signedRequest({ 'x-amz-content-sha256': hashOfBraces }, '[]'))?.refused).toBe('signatureMismatch');
  });

  it.each(['UNSIGNED-PAYLOAD', 'STREAMING-AWS4-HMAC-SHA256-PAYLOAD', 'STREAMING-UNSIGNED-PAYLOAD-TRAILER', ''])(
    'is not %j, which only S3 takes',
    (claimed) => {
      expect(outcomeOf(signedRequest({ 'x-amz-content-sha256': claimed }))?.refused).toBe('signatureMismatch');
    },
  );
});

describe('the path', () => {
  it.each([
    ['', '/'],
    ['/', '/'],
    ['//', '/'],
    ['/..', '/'],
    ['/../../a', '/a'],
    ['/a/b/../c/', '/a/c/'],
    ['/a/.', '/a'],
    ['/a//b///', '/a/b/'],
    ['/123456789012/orders.fifo', '/123456789012/orders.fifo'],
    ['/.hidden/..more', '/.hidden/..more'],
    ['/a%20b', '/a%2520b'],
    ['/a+b:c', '/a%2Bb%3Ac'],
    ['/%2e%2e/a', '/%252e%252e/a'],
    ['/\u00e1\u0088\u00b4', '/%E1%88%B4'],
  ])('%j is signed as %j', (path, expected) => {
    expect(canonicalPath(path)).toBe(expected);
  });
});

describe('the query string', () => {
  it.each([
    ['', ''],
    ['&&', ''],
    ['a', 'a='],
    ['=a', '=a'],
    ['b=2&a=1', 'a=1&b=2'],
    ['a=2&a=1&a=', 'a=&a=1&a=2'],
    ['a=b=c', 'a=b%3Dc'],
    ['a-b=1&a=2', 'a=2&a-b=1'],
    ['B=1&a=2&A=3', 'A=3&B=1&a=2'],
    ['a=%41%2f%2F', 'a=A%2F%2F'],
    ['a+b=c+d%20e%2B', 'a%20b=c%20d%20e%2B'],
    ['a=%zz%4', 'a=%25zz%254'],
    ['a=~-._*', 'a=~-._%2A'],
  ])('%j is signed as %j', (query, expected) => {
    expect(canonicalQuery(parseQuery(query), false)).toBe(expected);
  });

  it('is signed without its signature, if that is where it is', () => {
    const query = parseQuery('X-Amz-Signature=1&a=2&X%2dAmz-Signature=3&x-amz-signature=4');
    expect(canonicalQuery(query, true)).toBe('a=2&x-amz-signature=4');
    expect(canonicalQuery(query, false)).toBe('X-Amz-Signature=1&X-Amz-Signature=3&a=2&x-amz-signature=4');
  });
});

describe('headers', () => {
  it('are folded, and joined in their order', () => {
    const raw = ['A', '  x \t y  ', 'b', '', 'a', 'z', 'C', ' ', 'd', '\u00a0é  "q   q"'];
    expect([...foldHeaders(raw)]).toEqual([
      ['a', 'x y,z'],
      ['b', ''],
      ['c', ''],
      ['d', '\u00a0é "q q"'],
    ]);
  });
});

describe('signing keys', () => {
  it('are kept once they have verified, as many as there is room for', () => {
    const keys = new SigningKeys(2);
    outcomeOf(signedRequest(), keys, 'another');
    expect(keys.size).toBe(0);
    for (const accessKeyId of ['A', 'B', 'C', 'C']) {
      expect(outcomeOf(signedRequest({}, '{}', { ...signer, accessKeyId }), keys)).toBeUndefined();
    }
    expect(keys.size).toBe(2);
    const kept = readOf(signedRequest({}, '{}', { ...signer, accessKeyId: 'C' }));
    expect(keys.find(kept, secret)).toBe(keys.find(kept, secret));
    const dropped = readOf(signedRequest({}, '{}', { ...signer, accessKeyId: 'A' }));
    expect(keys.find(dropped, secret)).not.toBe(keys.find(dropped, secret));
  });

  it('are of one secret: a new one under the same access key makes the old one useless', () => {
    const keys = new SigningKeys();
    const before = signedRequest();
    const after = signedRequest({}, '{}', { ...signer, secretAccessKey: 'a new secret' });
    expect(outcomeOf(before, keys)).toBeUndefined();
    expect(outcomeOf(before, keys, 'a new secret')?.refused).toBe('signatureMismatch');
    expect(outcomeOf(after, keys, 'a new secret')).toBeUndefined();
    expect(outcomeOf(after, keys)?.refused).toBe('signatureMismatch');
    expect(keys.size).toBe(1);
  });

  it('are derived as AWS derives them', () => {
    const scope = { day: '20150830', region: 'us-east-1', service: 'iam' };
    expect(deriveSigningKey('wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY', scope).toString('hex')).toBe(
      'c4afb1cc5771d871763a393e44b703571b55cc28424d1a5e86da6ed3c154a4b9',
    );
  });
});
