/** The published test suite of Signature Version 4: requests as they are on the wire, and the signatures that they must have. */

import { describe, expect, it } from 'vitest';
import { readSignature } from './read.ts';
import { isRefused, type SignedRequest } from './signature.ts';
import { SigningKeys } from './signingKeys.ts';
import { verifySignature } from './verify.ts';

const secret = 'wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY';
const now = Date.UTC(2015, 7, 30, 12, 36);
const rules = { service: 'service', now };
const unreserved = '-._~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';
const sessionToken = '6e86291e8372ff2a2260956d9b8aae1d763fbf315fa00fa31553b73ebf194267';
const longToken =
  'AQoDYXdzEPT//////////wEXAMPLEtc764bNrC9SAPBSM22wDOk4x4HIZ8j4FZTwdQWLWsKWHGBuFqwAeMicRXmxfpSPfIeoIYRqTflfKD8YUuwthAx7' +
  'mSEI/qkPpKPi/kMcGdQrmGdeehM4IC1NtBmUpp2wUE8phUZampKsburEDy0KPkyQDYwT7WZ0wq5VSXDvp75YU9HFvlRd8Tx6q6fE8YQcHNVXAkiY9q6d' +
  '+xo0rKwT38xVqr7ZD0u0iPPkUL64lIZbqBAz+scqKmlzm8FDrypNC9Yjc8fPOLn9FX9KSYvKTr4rvx3iSIlTJabIQwj2ICCR/oLxBA==';

/** Host and `X-Amz-Date` come with every request. */
interface Vector {
  readonly name: string;
  readonly target: string;
  readonly headers?: readonly string[];
  readonly body?: string;
  /** Of the Authorization header, and which headers it covers besides the two. */
  readonly header?: string;
  readonly covers?: string;
  /** Of the presigned form, which covers the host and `presignedCovers`. */
  readonly presigned?: string;
  readonly presignedCovers?: string;
  readonly withoutExpires?: true;
}

const emptyPath = '5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31';
const emptyPresigned = 'e93c787ed7f371d5c6b165c1b38ede9550f4dce4144713e844b25b7192d3865d';
const emptyPost = '5da7c1a2acd57cee7505fc6676e4e544621c30862966e37dddb68e92efbe5d6b';
const folded = '"a   b   c"';

const vectors: readonly Vector[] = [
  {
    name: 'get-header-key-duplicate',
    target: 'GET /',
    headers: ['My-Header1', 'value2', 'My-Header1', 'value2', 'My-Header1', 'value1'],
    covers: 'my-header1',
    header: 'c9d5ea9f3f72853aea855b47ea873832890dbdd183b4468f858259531a5138ea',
    presigned: '3349ee0b81b4b589da0ff28a395c3591e04de515651dd74f298fa992d1507a97',
    presignedCovers: 'my-header1',
  },
  {
    // What the suite writes over three lines; Node takes no folded lines, and the signature is of commas.
    name: 'get-header-value-multiline',
    target: 'GET /',
    headers: ['My-Header1', 'value1', 'My-Header1', '  value2', 'My-Header1', '     value3'],
    covers: 'my-header1',
    header: 'ba17b383a53190154eb5fa66a1b836cc297cc0a3d70a5d00705980573d8ff790',
  },
  {
    name: 'get-header-value-order',
    target: 'GET /',
    headers: ['My-Header1', 'value4', 'My-Header1', 'value1', 'My-Header1', 'value3', 'My-Header1', 'value2'],
    covers: 'my-header1',
    header: '08c7e5a9acfcfeb3ab6b2185e75ce8b1deb5e634ec47601a50643f830c755c01',
  },
  {
    name: 'get-header-value-trim',
    target: 'GET /',
    headers: ['My-Header1', ' value1', 'My-Header2', folded],
    covers: 'my-header1;my-header2',
    header: 'acc3ed3afb60bb290fc8d2dd0098b9911fcaa05412b367055dee359757a9c736',
    presigned: 'e7bb0fd515e125e1aec2ecc4c0c17484fb06f6846b927c35e46005dd3df3acd4',
    presignedCovers: 'my-header1;my-header2',
  },
  { name: 'get-relative', target: 'GET /example/..', header: emptyPath, presigned: emptyPresigned },
  { name: 'get-relative-relative', target: 'GET /example1/example2/../..', header: emptyPath },
  { name: 'get-slash', target: 'GET //', header: emptyPath },
  { name: 'get-slash-dot-slash', target: 'GET /./', header: emptyPath },
  {
    name: 'get-slash-pointless-dot',
    target: 'GET /./example',
    header: 'ef75d96142cf21edca26f06005da7988e4f8dc83a165a80865db7089db637ec5',
    presigned: '35034b1a0bdd969f346975386daf8aedfd4976573b8348cf4f67eaa41c5857de',
  },
  {
    name: 'get-slashes',
    target: 'GET //example//',
    header: '9a624bd73a37c9a373b5312afbebe7a714a789de108f0bdfe846570885f57e84',
    presigned: 'c1834e8fb0307243711f0f907f6ab7311ed300d87f13792d7ee4da89ab93e082',
  },
  {
    name: 'get-space',
    target: 'GET /example space/',
    header: '652487583200325589f1fba4c7e578f72c47cb61beeca81406b39ddec1366741',
    presigned: '7a1f416954786484c9824d93c1f26ef64acb9b1b6c9154d08c9f07d0e394abf6',
  },
  {
    name: 'get-unreserved',
    target: `GET /${unreserved}`,
    header: '07ef7494c76fa4850883e2b006601f940f8a34d404d0cfa977f52a65bbf5f24f',
  },
  {
    name: 'get-utf8',
    target: 'GET /ሴ',
    header: '8318018e0b0f223aa2bbf98705b62bb787dc9c0e678f255a891fd03141be5d85',
    presigned: '10eae3f14a260bd3911cc6d008d3c576d143b05b62f09782a7a4b37f52178e44',
  },
  { name: 'get-vanilla', target: 'GET /', header: emptyPath },
  {
    name: 'get-vanilla-empty-query-key',
    target: 'GET /?Param1=value1',
    header: 'a67d582fa61cc504c4bae71f336f98b97f1ea3c7a6bfe1b6e45aec72011b9aeb',
    presigned: '49096700cbbaa5753443850f40df10f904fc2fdb544dc9512203cc77c471a9de',
  },
  {
    name: 'get-vanilla-query-order-encoded',
    target: 'GET /?Param-3=Value3&Param=Value2&%E1%88%B4=Value1',
    header: '371d3713e185cc334048618a97f809c9ffe339c62934c032af5a0e595648fcac',
    presigned: 'c5f1848ceec943ac2ca68ee720460c23aaae30a2300586597ada94c4a65e4787',
  },
  {
    name: 'get-vanilla-query-order-key-case',
    target: 'GET /?Param2=value2&Param1=value1',
    header: 'b97d918cfa904a5beff61c982a1b6f458b799221646efd99d3219ec94cdf2500',
    presigned: '86012e2c9ad4d77369f5d81c11f75158aae4f895a085212cc6d3f923d300bed5',
  },
  {
    name: 'get-vanilla-query-unreserved',
    target: `GET /?${unreserved}=${unreserved}`,
    header: '9c3e54bfcdf0b19771a7f523ee5669cdf59bc7cc0884027167c21bb143a40197',
    presigned: '8e76a88a7433637b12778d5592799b29ad21ecd6cf6325051c21d86f0acda2bf',
  },
  {
    name: 'get-vanilla-utf8-query',
    target: 'GET /?ሴ=bar',
    header: '2cdec8eed098649ff3a119c94853b13c643bcf08f8b0a1d91e12c9027818dd04',
    presigned: '0bdd809b1519ac4f0c1dc3540e2cc46bd0c7f778eda408b2ebf3b913d21ff600',
  },
  {
    name: 'get-vanilla-with-session-token',
    target: 'GET /',
    headers: ['X-Amz-Security-Token', sessionToken],
    covers: 'x-amz-security-token',
    header: '07ec1639c89043aa0e3e2de82b96708f198cceab042d4a97044c66dd9f74e7f8',
  },
  { name: 'post-header-key-case', target: 'POST /', header: emptyPost },
  {
    name: 'post-header-key-sort',
    target: 'POST /',
    headers: ['My-Header1', 'value1'],
    covers: 'my-header1',
    header: 'c5410059b04c1ee005303aed430f6e6645f61f4dc9e1461ec8f8916fdf18852c',
  },
  {
    name: 'post-header-value-case',
    target: 'POST /',
    headers: ['My-Header1', 'VALUE1'],
    covers: 'my-header1',
    header: 'cdbc9802e29d2942e5e10b5bccfdd67c5f22c7c4e8ae67b53629efa58b974b7d',
  },
  {
    name: 'post-sts-header-before',
    target: 'POST /',
    headers: ['X-Amz-Security-Token', longToken],
    covers: 'x-amz-security-token',
    header: '85d96828115b5dc0cfc3bd16ad9e210dd772bbebba041836c64533a82be05ead',
    presigned: 'aca67b49ed321f377645504bccbd5a65f9085c536ff1961bc49c835d30827b16',
    presignedCovers: 'x-amz-security-token',
  },
  {
    name: 'post-vanilla-query',
    target: 'POST /?Param1=value1',
    header: '28038455d6de14eafc1f9222cf5aa6f1a96197d7deb8263271d420d138af7f11',
    presigned: '3db81c23f61a113c20a450ddd23cd505339301826c402790ceaa9490520fb718',
    withoutExpires: true,
  },
  {
    // Escaped here: the signature is of a plus, and a bare one is a space.
    name: 'post-vanilla-query-nonunreserved',
    target: 'POST /?@%23$%25^=&%2B=/,?><`";:\\|][{}',
    header: '66c82657c86e26fb25238d0e69f011edc4c6df5ae71119d7cb98ed9b87393c1e',
  },
  {
    name: 'post-vanilla-query-space',
    target: 'POST /?p=',
    header: 'e71688addb58a26418614085fb730ba3faa623b461c17f48f2fbdb9361b94a9b',
  },
  {
    name: 'post-x-www-form-urlencoded',
    target: 'POST /',
    headers: ['Content-Type', 'application/x-www-form-urlencoded'],
    body: 'Param1=value1',
    covers: 'content-type',
    header: 'ff11897932ad3f4e8b18135d722051e5ac45fc38421b1da7b9d196a0fe09473a',
  },
  {
    name: 'post-x-www-form-urlencoded, with its length and hash',
    target: 'POST /',
    headers: [
      ...['Content-Type', 'application/x-www-form-urlencoded', 'Content-Length', '13'],
      ...['x-amz-content-sha256', '9095672bbd1f56dfc5b65f3e153adc8731a4a654192329106275f4c7b24d0b6e'],
    ],
    body: 'Param1=value1',
    covers: 'content-length;content-type;x-amz-content-sha256',
    header: 'd3875051da38690788ef43de4db0d8f280229d82040bfac253562e56c3f20e0b',
  },
  {
    name: 'post-x-www-form-urlencoded-parameters',
    target: 'POST /',
    headers: ['Content-Type', 'application/x-www-form-urlencoded; charset=utf8'],
    body: 'Param1=value1',
    covers: 'content-type',
    header: '1a72ec8f64bd914b0e42e42607c7fbce7fb2c7465f63e3092b3b0d39fa77a6fe',
  },
];

const scope = '20150830/us-east-1/service/aws4_request';

function requestOf({ target, headers = [], body = '' }: Vector): SignedRequest {
  const [, method = '', path = '', query = ''] = /^(\S+) ([^?]*)\??([\s\S]*)$/.exec(asBytes(target)) ?? [];
  const rawHeaders = ['Host', 'example.amazonaws.com', ...headers, 'X-Amz-Date', '20150830T123600Z'];
  return { method, path, query, rawHeaders, body: Buffer.from(body) };
}

/** As Node reads it from a socket: one character a byte. */
function asBytes(text: string): string {
  return Buffer.from(text).toString('latin1');
}

function inHeader(vector: Vector): SignedRequest {
  const request = requestOf(vector);
  const signed = ['host', 'x-amz-date', ...(vector.covers?.split(';') ?? [])].sort().join(';');
  const authorization = `AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/${scope}, SignedHeaders=${signed}, Signature=${vector.header}`;
  return { ...request, rawHeaders: [...request.rawHeaders, 'Authorization', authorization] };
}

function inQuery(vector: Vector): SignedRequest {
  const request = requestOf(vector);
  const signed = ['host', ...(vector.presignedCovers?.split(';') ?? [])].join('%3B');
  const parameters = [
    ...(request.query === '' ? [] : [request.query]),
    `X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=AKIDEXAMPLE%2F${scope.replaceAll('/', '%2F')}`,
    `X-Amz-Date=20150830T123600Z&X-Amz-SignedHeaders=${signed}`,
    ...(vector.withoutExpires === true ? [] : ['X-Amz-Expires=3600']),
    `X-Amz-Signature=${vector.presigned}`,
  ];
  return { ...request, query: parameters.join('&') };
}

function outcomeOf(request: SignedRequest, givenSecret: string): unknown {
  const signature = readSignature(request, rules);
  if (isRefused(signature)) return signature;
  return verifySignature(signature, request, givenSecret, { keys: new SigningKeys(), debug: true });
}

const cases = vectors.flatMap((vector) => [
  ...(vector.header === undefined ? [] : [{ name: `${vector.name}, header`, request: inHeader(vector) }]),
  ...(vector.presigned === undefined ? [] : [{ name: `${vector.name}, presigned`, request: inQuery(vector) }]),
]);

describe('the published vectors', () => {
  it('are all here', () => {
    expect(vectors.length).toBeGreaterThanOrEqual(30);
    expect(cases.filter(({ name }) => name.endsWith('presigned')).length).toBeGreaterThanOrEqual(14);
  });

  it.each(cases)('verify: $name', ({ request }) => {
    expect(outcomeOf(request, secret)).toBeUndefined();
    expect(outcomeOf(request, `${secret}x`)).toMatchObject({ refused: 'signatureMismatch' });
  });
});
