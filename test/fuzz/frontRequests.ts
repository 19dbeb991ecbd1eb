/**
 * Connections for the fuzz of the front: requests that are right, unusual or wrong, several in a row, spoilt byte by byte, and
 * cut into pieces.
 */
import fc from 'fast-check';
import type { Conversation } from './frontPair.ts';

const methods = [
  'POST',
  'POST',
  'POST',
  'POST',
  'POST',
  'POST',
  'GET',
  'PUT',
  'HEAD',
  'post',
  'Post',
  'OPTIONS',
  'P',
  '',
];
const urls = [
  ...['/', '/', '/', '/', '/slow', '/last', '/slowlast', '/page', '/?a=b', '/a#b', '//', '/%00', '/a b', '*', ''],
  ...['http://h/', 'http://', 'h:1', '/\u00e9', '/{}|"<>^`\\', '/\t', '/\u0000', '/\u007f', `/${'u'.repeat(250)}`],
];
const versions = [
  'HTTP/1.1',
  'HTTP/1.1',
  'HTTP/1.1',
  'HTTP/1.1',
  'HTTP/1.0',
  'HTTP/2.0',
  'HTTP/1.2',
  'http/1.1',
  'HTTP/1.1 ',
  '',
];

/** Headers that mean something to somebody on the way. */
const headers = [
  ...[
    'Content-Type: application/x-amz-json-1.0',
    'X-Amz-Target: AmazonSQS.SendMessage',
    'x-amz-date: 1',
    'Accept: */*',
  ],
  ...['Connection: keep-alive', 'Connection: Keep-Alive', 'connection: close', 'Connection: keep-alive, close'],
  ...[
    'Connection:\tkeep-alive\t',
    'Connection:   keep-alive   ',
    'Connection: upgrade',
    'Connection: x',
    'Connection:',
    'Upgrade: h2c',
    'Proxy-Connection: close',
    'Keep-Alive: 1',
  ],
  ...['Transfer-Encoding: chunked', 'transfer-encoding: Chunked', 'Transfer-Encoding: identity', 'Transfer-Encoding:'],
  ...['Transfer-Encoding : chunked', 'Transfer-Encoding: gzip, chunked', 'Transfer-Encoding: chunked, chunked'],
  ...['Content-Length: 0', 'Content-Length: 3', 'Content-Length: 03', 'Content-Length: +3', 'Content-Length: -1'],
  ...[
    'Content-Length: 3, 3',
    'Content-Length : 3',
    ' Content-Length: 3',
    'Content-Length:3',
    'Content-Length:   3   ',
    'Content-Length:\t3',
    'Content-Length: 3\t',
    'Content-Length:\t3\t',
  ],
  ...['Content-Length: 99999999999999999999', 'Content-Length: 0x3', 'Content-Length:', 'Content-Length: 2500'],
  ...['Expect: 100-continue', 'Expect: something', 'TE: trailers', 'Trailer: X', 'Content-Encoding: gzip'],
  ...['Host: other', 'Host:', 'host: h', 'Host : h', 'Authorization: a', 'Authorization: b', 'Date: now'],
  ...[
    'X-Empty:',
    'X-Blank:   ',
    'X-Tabs:\ta\tb\t',
    'X-High: \u00e9\u00ff',
    'X-Nul: a\u0000b',
    'X-Bell: \u0007',
    'X-Del: \u007f',
  ],
  ...[
    'X-Cr: a\rb',
    'X-Lf: a\nb',
    'X-Fold: a\r\n b',
    'X-Fold: a\r\n\tb',
    'X Space: a',
    'X(: a',
    ': a',
    'X',
    '\u00e9: a',
    'X\u0000: a',
  ],
  ...[
    '__proto__: a',
    'constructor: a',
    'toString: a',
    'hasOwnProperty: a',
    'Set-Cookie: a=b',
    'Cookie: a=b',
    'Cookie: c=d',
  ],
  ...[
    'Age: 1',
    'ETag: a',
    'From: a',
    'Referer: a',
    'User-Agent: a',
    "!#$%&'*+-.^_`|~1: a",
    `X-Long: ${'v'.repeat(900)}`,
  ],
  ...['x-amz-content-sha256: a', 'X-Amz-Security-Token: a', 'x-amz-user-agent: a', 'x-amzn-query-mode: true'],
  ...[
    'amz-sdk-invocation-id: a',
    'Amz-Sdk-Request: a',
    'Accept-Encoding: a',
    'ORIGIN: a',
    'x-AMZ-date: 2',
    'x\ramz-date: 3',
  ],
  ...['X-Bad: a\n', 'X-Double:: a', 'X-Colon: a:b', 'HTTP/1.1: x', 'POST / HTTP/1.1: x', 'http2-settings: a'],
];

const lineEnds = [
  '\r\n',
  '\r\n',
  '\r\n',
  '\r\n',
  '\r\n',
  '\r\n',
  '\r\n',
  '\r\n',
  '\n',
  '\r',
  '\r\r\n',
  '\n\r\n',
  '',
  ' \r\n',
];
const bodies = [
  '',
  'abc',
  '{"a":1}',
  '\u00ff\u0000\r\n\r\n',
  'POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 0\r\n\r\n',
  'b'.repeat(1600),
  'c'.repeat(2100),
];
const chunkings = [
  '0\r\n\r\n',
  '3\r\nabc\r\n0\r\n\r\n',
  '3;x=y\r\nabc\r\n0\r\n\r\n',
  '003\r\nabc\r\n0\r\nTrailer: x\r\n\r\n',
  '3\nabc\n0\n\n',
  '3 \r\nabc\r\n0\r\n\r\n',
  '0x3\r\nabc\r\n0\r\n\r\n',
  'ffffffffffffffffff\r\nabc\r\n0\r\n\r\n',
  '3\r\nabcd\r\n0\r\n\r\n',
  '-1\r\n\r\n',
];

const mostly = (weight: number, usual: string, others: readonly string[]) =>
  fc.oneof({ weight, arbitrary: fc.constant(usual) }, { weight: 1, arbitrary: fc.constantFrom(...others) });

const lineEnd = mostly(60, '\r\n', lineEnds);
const header = fc.tuple(fc.constantFrom(...headers), lineEnd).map(([text, end]) => text + end);
const name = fc.string({ unit: fc.constantFrom(...'abcXYZ-_1'), minLength: 1, maxLength: 8 });
const value = fc.string({ unit: fc.constantFrom(...'ab 12,;:"=/\t'), maxLength: 12 });
const ownHeader = fc.tuple(name, value).map(([left, right]) => `x-${left}: ${right}\r\n`);
const someHeaders = fc.array(fc.oneof({ weight: 10, arbitrary: ownHeader }, { weight: 1, arbitrary: header }), {
  maxLength: 5,
});

/** Mostly of the form that the front takes; `length` is what the body is announced with. */
const plain = fc
  .record({
    lead: mostly(40, '', ['\r\n', '\r\n\r\n', '\n', ' ', '\0', '\r']),
    method: mostly(20, 'POST', methods),
    url: mostly(5, '/', urls),
    version: mostly(30, 'HTTP/1.1', versions),
    firstEnd: lineEnd,
    host: mostly(30, 'Host: h\r\n', ['', 'Host: h\r\nHost: h\r\n', 'host:h\r\n', 'HOST: \r\n', 'Host: h\n']),
    before: someHeaders,
    after: someHeaders,
    body: mostly(4, 'abc', bodies),
    length: mostly(15, 'right', ['none', 'short', 'long', 'twice', 'zero']),
    lastEnd: lineEnd,
  })
  .map(({ lead, method, url, version, firstEnd, host, before, after, body, length, lastEnd }) => {
    const lengths: Readonly<Record<string, string>> = {
      right: `Content-Length: ${body.length}\r\n`,
      none: '',
      short: `Content-Length: ${Math.max(0, body.length - 1)}\r\n`,
      long: `Content-Length: ${body.length + 1}\r\n`,
      twice: `Content-Length: ${body.length}\r\ncontent-length: ${body.length}\r\n`,
      zero: 'Content-Length: 0\r\n',
    };
    const head = `${lead}${method} ${url} ${version}${firstEnd}${host}${before.join('')}${lengths[length]}${after.join('')}`;
    return `${head}${lastEnd}${body}`;
  });

const chunked = fc
  .record({
    extra: someHeaders,
    chunks: mostly(4, chunkings[1] ?? '', chunkings),
    encoding: fc.constantFrom(...headers),
  })
  .map(({ extra, chunks, encoding }) => {
    return `POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n${extra.join('')}${encoding.startsWith('Content-L') ? `${encoding}\r\n` : ''}\r\n${chunks}`;
  });

const noise = fc.string({ unit: fc.constantFrom(...'POST /HTTP1.\r\n\0: \u00ff\u0080Ab{'), maxLength: 60 });

const requests = fc.array(
  fc.oneof({ weight: 20, arbitrary: plain }, { weight: 3, arbitrary: chunked }, { weight: 1, arbitrary: noise }),
  { minLength: 1, maxLength: 4 },
);

type Mutation = { readonly kind: 'put' | 'insert' | 'cut' | 'repeat'; readonly at: number; readonly byte: number };

const mutation: fc.Arbitrary<Mutation> = fc.record({
  kind: fc.constantFrom('put', 'insert', 'cut', 'repeat'),
  at: fc.double({ min: 0, max: 1, noNaN: true }),
  byte: fc.oneof(fc.constantFrom(0, 9, 10, 13, 32, 35, 44, 58, 127, 128, 255), fc.nat(255)),
});

function mutate(text: string, { kind, at, byte }: Mutation): string {
  const place = Math.floor(at * text.length);
  const length = kind === 'cut' || kind === 'repeat' ? byte % 16 : 0;
  const character = String.fromCharCode(byte);
  if (kind === 'put') return text.slice(0, place) + character + text.slice(place + 1);
  if (kind === 'insert') return text.slice(0, place) + character + text.slice(place);
  if (kind === 'cut') return text.slice(0, place) + text.slice(place + length);
  return text.slice(0, place + length) + text.slice(place);
}

const mutations = fc.oneof(
  { weight: 2, arbitrary: fc.constant<Mutation[]>([]) },
  { weight: 1, arbitrary: fc.array(mutation, { minLength: 1, maxLength: 3 }) },
);

/** Which share of the bytes does not come. */
const missing = fc.oneof(
  { weight: 5, arbitrary: fc.constant(0) },
  { weight: 1, arbitrary: fc.double({ min: 0, max: 1, noNaN: true }) },
);

/** Where the bytes are cut: nowhere, anywhere, or behind each of them, as far as that ends soon. */
const cuts = fc.oneof(
  { weight: 6, arbitrary: fc.constant<'none'>('none') },
  { weight: 4, arbitrary: fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { minLength: 1, maxLength: 12 }) },
  { weight: 1, arbitrary: fc.constant<'every'>('every') },
);
const everyByteMax = 400;

function cut(text: string, where: 'none' | 'every' | readonly number[]): string[] {
  if (where === 'every' && text.length <= everyByteMax) return [...text];
  if (typeof where === 'string') return [text];
  const places = [...where.map((share) => Math.floor(share * text.length)), text.length].sort((a, b) => a - b);
  return places.map((end, index) => text.slice(places[index - 1] ?? 0, end)).filter(({ length }) => length > 0);
}

export const conversations: fc.Arbitrary<Conversation> = fc
  .record({ requests, mutations, missing, cuts, isEnded: fc.boolean() })
  .map(({ requests: texts, mutations: spoils, missing: share, cuts: where, isEnded }) => {
    const text = spoils.reduce(mutate, texts.join(''));
    return { chunks: cut(text.slice(0, Math.ceil(text.length * (1 - share))), where), isEnded };
  });
