import { describe, expect, it } from 'vitest';
import { kms } from '#aws/generated/kms';
import { sns } from '#aws/generated/sns';
import { sqs } from '#aws/generated/sqs';
import { digestOf } from './authorization.ts';
import { readSignature } from './read.ts';
import { signatureError } from './refusals.ts';
import {
  expiredToken,
  isRefused,
  missingToken,
  type SignatureRefusal,
  type SignedRequest,
  unknownKey,
} from './signature.ts';

const now = Date.UTC(2026, 0, 2, 3, 4, 5);
const timestamp = '20260102T030405Z';
const rules = { service: 'sqs', now };
const credential = 'AKIDEXAMPLE/20260102/us-east-1/sqs/aws4_request';
const hex = 'a1'.repeat(32);
const parts = { Credential: credential, SignedHeaders: 'host;x-amz-date', Signature: hex };
const authorization = authorizationOf(parts);
const parameters = {
  'X-Amz-Algorithm': 'AWS4-HMAC-SHA256',
  'X-Amz-Credential': credential,
  'X-Amz-Date': timestamp,
  'X-Amz-SignedHeaders': 'host',
  'X-Amz-Expires': '60',
  'X-Amz-Signature': hex,
};

function authorizationOf(given: Readonly<Record<string, string>>): string {
  const components = Object.entries(given).map(([name, value]) => `${name}=${value}`);
  return `AWS4-HMAC-SHA256 ${components.join(', ')}`;
}

function request(headers: Readonly<Record<string, string>>, query = ''): SignedRequest {
  const rawHeaders = ['Host', 'h', ...Object.entries(headers).flat()];
  return { method: 'POST', path: '/', query, rawHeaders, body: Buffer.alloc(0) };
}

function signed(value: string, headers: Readonly<Record<string, string>> = { 'X-Amz-Date': timestamp }): SignedRequest {
  return request({ ...headers, Authorization: value });
}

function presigned(changes: Readonly<Record<string, string | undefined>>, headers = {}): SignedRequest {
  const kept = Object.entries({ ...parameters, ...changes }).filter((entry) => entry[1] !== undefined);
  return request(headers, new URLSearchParams(kept as [string, string][]).toString());
}

function refusalOf(given: SignedRequest, at = now): SignatureRefusal {
  const outcome = readSignature(given, { ...rules, now: at });
  if (!isRefused(outcome)) throw new Error('the signature was read');
  return outcome;
}

const minute = 60_000;
const needs = (name: string): string => `Authorization header requires '${name}' parameter. `;
const needsDate = "Authorization header requires existence of either a 'X-Amz-Date' or a 'Date' header. ";
const hashed = (value: string): string =>
  `(Hashed with SHA-256 and encoded with Base64) Authorization=${digestOf(value)}`;
const include = (name: string): string => `AWS query-string parameters must include '${name}'. `;
const region = 'Credential should be scoped to a valid region. ';
const service = "Credential should be scoped to correct service: 'sqs'. ";
const terminator = "Credential should be scoped with a valid terminator: 'aws4_request'. ";
const dayText = 'Date in Credential scope does not match YYYYMMDD from ISO-8601 version of date from HTTP. ';
const scoped = (scope: string): SignedRequest => signed(authorizationOf({ ...parts, Credential: `A/${scope}` }));

describe('a signature that is well-formed', () => {
  const read = {
    credential,
    accessKeyId: 'AKIDEXAMPLE',
    day: '20260102',
    region: 'us-east-1',
    service: 'sqs',
    hex,
    timestamp,
  };

  it.each([
    ['as the SDKs write it', authorization],
    ['with commas alone', authorization.replaceAll(', ', ',')],
    ['with spaces alone', authorization.replaceAll(', ', ' ')],
    ['in another order', authorizationOf({ Signature: hex, SignedHeaders: 'host;x-amz-date', Credential: credential })],
    ['with names of headers in upper case', authorizationOf({ ...parts, SignedHeaders: 'Host;X-Amz-Date' })],
    ['with names of headers in disorder', authorizationOf({ ...parts, SignedHeaders: 'x-amz-date;host' })],
  ])('is read %s', (_, value) => {
    const first = readSignature(signed(value), rules);
    expect(first).toMatchObject({ ...read, form: 'header', signedHeaders: ['host', 'x-amz-date'] });
    expect(readSignature(signed(value), rules)).toEqual(first);
  });

  it('is read from a query string', () => {
    const token = { 'X-Amz-Security-Token': 'a+/=' };
    const expected = { ...read, form: 'presigned', signedHeaders: ['host'], sessionToken: 'a+/=' };
    expect(readSignature(presigned(token), rules)).toMatchObject(expected);
  });

  it('may have its time in a Date header, in either form', () => {
    for (const date of ['Fri, 02 Jan 2026 03:04:05 GMT', timestamp]) {
      const given = signed(authorizationOf({ ...parts, SignedHeaders: 'date;host' }), { Date: date });
      expect(readSignature(given, rules)).toMatchObject(read);
    }
  });

  it('has the time of X-Amz-Date where there are two', () => {
    const given = signed(authorization, { Date: 'Thu, 01 Jan 1970 00:00:00 GMT', 'X-Amz-Date': timestamp });
    expect(readSignature(given, rules)).toMatchObject(read);
  });

  it('need not cover what proxies and SDKs add', () => {
    const given = { 'X-Amz-Date': timestamp, 'x-amz-user-agent': 'a', 'X-Amzn-Trace-Id': 'b', 'amz-sdk-request': 'c' };
    expect(readSignature(signed(authorization, given), rules)).toMatchObject(read);
    expect(readSignature(presigned({}, { 'X-Amz-Date': 'anything' }), rules)).toMatchObject(read);
  });

  it.each([-15 * minute, 0, 15 * minute])('may be off by %i ms', (offset) => {
    expect(readSignature(signed(authorization), { ...rules, now: now + offset })).toMatchObject(read);
  });

  it('may be presigned for seven days', () => {
    const given = presigned({ 'X-Amz-Expires': '604800' });
    expect(readSignature(given, { ...rules, now: now + 604_800_000 })).toMatchObject(read);
    expect(refusalOf(given, now + 604_800_001)).toEqual({ refused: 'requestExpired', message: 'Request has expired.' });
  });

  it('is for one of the regions, where those are told', () => {
    const outcome = (regions: string[]) =>
      readSignature(signed(authorization), { ...rules, regions: new Set(regions) });
    expect(outcome(['us-east-1', 'eu-west-1'])).toMatchObject(read);
    expect(outcome(['eu-west-1'])).toEqual({ refused: 'signatureMismatch', message: region });
  });
});

describe('no signature', () => {
  it.each([
    ['nothing', request({})],
    ['another scheme', signed('Basic dXNlcjpwYXNzd29yZA==')],
    ['a bearer token', signed('Bearer abc')],
    ['parts in a query string without an algorithm', presigned({ 'X-Amz-Algorithm': undefined })],
    ['parts of version 2', request({}, 'AWSAccessKeyId=a&SignatureVersion=2&Signature=b')],
  ])('is found in %s', (_, given) => {
    expect(refusalOf(given)).toBe(missingToken);
  });
});

describe('an incomplete signature', () => {
  const cases: readonly (readonly [string, SignedRequest, string])[] = [
    [
      'the algorithm alone',
      signed('AWS4-HMAC-SHA256', {}),
      `${needs('Credential')}${needs('Signature')}${needs('SignedHeaders')}${needsDate}${hashed('AWS4-HMAC-SHA256')}`,
    ],
    ...(['Credential', 'Signature', 'SignedHeaders'] as const).map((name) => {
      const value = authorizationOf({ ...parts, [name]: '' });
      return [`an empty ${name}`, signed(value), `${needs(name)}${hashed(value)}`] as const;
    }),
    ['no time', signed(authorization, {}), `${needsDate}${hashed(authorization)}`],
    [
      'a part without a value',
      signed(`${authorization}, Extra`),
      'Invalid key=value pair (missing equal-sign) in Authorization header (hashed with SHA-256 and encoded with ' +
        `Base64): '${digestOf(`${authorization}, Extra`)}'.`,
    ],
    [
      'a part twice',
      signed(`${authorization}, Credential=${credential}`),
      "Authorization header has more than one 'Credential' parameter.",
    ],
    [
      'a time of another form',
      signed(authorization, { 'X-Amz-Date': '2026-01-02T03:04:05Z' }),
      "Date must be in ISO-8601 'basic format'. Got '2026-01-02T03:04:05Z'. See http://en.wikipedia.org/wiki/ISO_8601",
    ],
    [
      'a time that no clock shows',
      signed(authorization, { 'X-Amz-Date': '20260230T000000Z' }),
      "Date must be in ISO-8601 'basic format'. Got '20260230T000000Z'. See http://en.wikipedia.org/wiki/ISO_8601",
    ],
    [
      'another algorithm',
      signed(authorization.replace('SHA256', 'SHA1')),
      "Unsupported AWS 'algorithm': 'AWS4-HMAC-SHA1' (only AWS4-HMAC-SHA256 for now). ",
    ],
    [
      'the algorithm of many regions',
      presigned({ 'X-Amz-Algorithm': 'AWS4-ECDSA-P256-SHA256' }),
      "Unsupported AWS 'algorithm': 'AWS4-ECDSA-P256-SHA256' (only AWS4-HMAC-SHA256 for now). ",
    ],
    ...['a/b/c/d', 'a/b/c/d/e/f', 'a'].map(
      (given) =>
        [
          `the credential ${given}`,
          signed(authorizationOf({ ...parts, Credential: given })),
          `Credential must have exactly 5 slash-delimited elements, e.g. keyid/date/region/service/term, got '${given}'`,
        ] as const,
    ),
    ...['X-Amz-Credential', 'X-Amz-Signature', 'X-Amz-SignedHeaders', 'X-Amz-Date'].map(
      (name) =>
        [
          `no ${name}`,
          presigned({ [name]: undefined }),
          `${include(name)}Re-examine the query-string parameters.`,
        ] as const,
    ),
    [
      'a parameter alone',
      request({}, 'X-Amz-Algorithm'),
      `${Object.keys(parameters)
        .filter((name) => name !== 'X-Amz-Expires')
        .sort((a, b) => order.indexOf(a) - order.indexOf(b))
        .map(include)
        .join('')}Re-examine the query-string parameters.`,
    ],
    [
      'a parameter twice',
      request({}, `${presigned({}).query}&X-Amz-Credential=b`),
      "AWS query-string parameters must include 'X-Amz-Credential' only once.",
    ],
    ...['0', '604801', '-1', '1.5', 'soon', ''].map(
      (seconds) =>
        [
          `${seconds || 'no number'} for X-Amz-Expires`,
          presigned({ 'X-Amz-Expires': seconds }),
          'X-Amz-Expires must be a number of seconds from 1 to 604800.',
        ] as const,
    ),
  ];

  it.each(cases)('has %s', (_, given, message) => {
    expect(refusalOf(given)).toEqual({ refused: 'incompleteSignature', message });
  });
});

const order = ['X-Amz-Algorithm', 'X-Amz-Credential', 'X-Amz-Signature', 'X-Amz-SignedHeaders', 'X-Amz-Date'];

describe('a signature that is not for this', () => {
  const mustSign = (what: string): string => `${what} must be a 'SignedHeader' in the AWS Authorization.`;
  const host = mustSign("'Host' or ':authority'");
  const covering = (names: string): string => authorizationOf({ ...parts, SignedHeaders: names });
  const date = { 'X-Amz-Date': timestamp };
  const cases: readonly (readonly [string, SignedRequest, string])[] = [
    [
      'is in two places',
      request({ ...date, Authorization: authorization }, presigned({}).query),
      "Found both 'X-Amz-Algorithm' as a query-string param and 'Authorization' as HTTP header.",
    ],
    ['does not cover the host', signed(covering('x-amz-date')), host],
    ['covers the host under another name', signed(covering('hosts;x-amz-date')), host],
    ['covers what is no header', signed(covering('host;x:y;x-amz-date')), host],
    ['covers a line feed', presigned({ 'X-Amz-SignedHeaders': 'host\nx-amz-date' }), host],
    ['does not cover its own time', signed(covering('host')), mustSign("'x-amz-date'")],
    [
      'does not cover the target',
      signed(authorization, { ...date, 'X-Amz-Target': 'AmazonSQS.PurgeQueue' }),
      mustSign("'x-amz-target'"),
    ],
    [
      'does not cover the session token',
      presigned({}, { 'x-amz-security-token': 'a' }),
      mustSign("'x-amz-security-token'"),
    ],
    ['is for no region', scoped('20260102/US/sqs/aws4_request'), region],
    ['is for another service', scoped('20260102/us-east-1/sns/aws4_request'), service],
    ['ends otherwise', scoped('20260102/us-east-1/sqs/aws5_request'), terminator],
    ['is for another day', scoped('20260101/us-east-1/sqs/aws4_request'), dayText],
    ['is for nothing', scoped('b/c_/d/e'), `${region}${service}${terminator}${dayText}`],
  ];

  it.each(cases)('%s', (_, given, message) => {
    expect(refusalOf(given)).toEqual({ refused: 'signatureMismatch', message });
  });

  it('is of another time', () => {
    expect(refusalOf(signed(authorization), now + 15 * minute + 1000).message).toBe(
      'Signature expired: 20260102T030405Z is now earlier than 20260102T030406Z (20260102T031906Z - 15 min.)',
    );
    expect(refusalOf(signed(authorization), now - 15 * minute - 1000).message).toBe(
      'Signature not yet current: 20260102T030405Z is still later than 20260102T030404Z (20260102T024904Z + 15 min.)',
    );
    expect(refusalOf(presigned({}), now - 16 * minute).message).toMatch(/^Signature not yet current: /);
    expect(refusalOf(presigned({ 'X-Amz-Expires': undefined }), now + 16 * minute).message).toMatch(
      /^Signature expired: /,
    );
  });

  it('is refused for the first of several reasons', () => {
    // first the parts, then the time, then the headers, then the algorithm, then the credential, then its scope
    const wrong = { Credential: 'a/b/c/d', SignedHeaders: 'x-amz-date', Signature: hex };
    const given = authorizationOf(wrong).replace('SHA256', 'SHA1');
    expect(refusalOf(signed(`${given}, Extra`)).message).toMatch(/^Invalid key=value pair/);
    expect(refusalOf(signed(given), now + 16 * minute).message).toMatch(/^Signature expired/);
    expect(refusalOf(signed(given)).message).toBe(host);
    const covered = given.replace('=x-amz-date', '=host;x-amz-date');
    expect(refusalOf(signed(covered)).message).toMatch(/^Unsupported AWS 'algorithm'/);
    expect(refusalOf(signed(covered.replace('SHA1', 'SHA256'))).message).toMatch(/^Credential must have/);
  });
});

describe('a refusal', () => {
  const kinds: readonly (readonly [SignatureRefusal, string, string, number])[] = [
    [missingToken, 'MissingAuthenticationTokenException', 'MissingAuthenticationToken', 403],
    [refusalOf(presigned({ 'X-Amz-Date': '1' })), 'IncompleteSignatureException', 'IncompleteSignature', 400],
    [unknownKey, 'UnrecognizedClientException', 'InvalidClientTokenId', 403],
    [refusalOf(scoped('b/c/d/e')), 'InvalidSignatureException', 'SignatureDoesNotMatch', 403],
    [expiredToken, 'ExpiredTokenException', 'ExpiredToken', 403],
    [refusalOf(presigned({}), now + 61_000), 'RequestExpired', 'RequestExpired', 400],
  ];

  it.each(kinds)('is named by the protocol: $refused', (refusal, code, queryCode, httpStatus) => {
    const { message } = refusal;
    for (const contract of [sqs, sns, undefined]) {
      const error = signatureError(refusal, contract);
      expect(error).toMatchObject({ code, queryCode, httpStatus, message, senderFault: true });
    }
    expect(signatureError(refusal, kms)).toMatchObject({ code, httpStatus: 400, message });
  });
});
