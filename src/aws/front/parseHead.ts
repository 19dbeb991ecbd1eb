/**
 * The head of the one kind of request that nearly all traffic consists of, in the one spelling that can mean one thing only:
 *
 *     POST /path HTTP/1.1 CRLF
 *     ( name ":" OWS value OWS CRLF )*        names differ; values are visible ASCII, spaces and tabs
 *     CRLF                                    Host and Content-Length are there
 *
 * Anything else, right or wrong, is `other`: Node's own parser decides about it. So this one need not know what is a mistake
 * and what is merely unusual, and what it takes, Node would have taken for the same (`test/fuzz/front.test.ts`).
 */

import { assert } from '#std/assert';
import type { RequestHeaders } from '../received.ts';

export interface Head {
  readonly url: string;
  readonly headers: RequestHeaders;
  /** As it was sent, for `readRawHeaders`. */
  readonly text: string;
  readonly contentLength: number;
  /** Where the body starts. */
  readonly end: number;
}

export type ParsedHead = Head | 'incomplete' | 'other';

/** What a head may have; the same limits hold for Node's parser. */
export interface HeadLimits {
  readonly headersMaxBytes: number;
  readonly headersMax: number;
  readonly urlMaxBytes: number;
  readonly bodyMaxBytes: number;
}

const codes = { lf: 0x0a, cr: 0x0d, space: 0x20, tab: 0x09, colon: 0x3a };
const start = Buffer.from('POST /');
const version = Buffer.from(' HTTP/1.1\r\n');
const emptyLine = Buffer.from('\r\n\r\n');

const inName = 1;
const inValue = 2;
const inUrl = 4;
/** What each byte may be part of (RFC 9110, 5.6.2 and 5.5). */
const kinds = new Uint8Array(256);
for (let code = 0x21; code < 0x7f; code += 1) kinds[code] = inValue | inUrl;
for (const letter of "!#$%&'*+-.^_`|~0123456789") kinds[letter.charCodeAt(0)] = inValue | inUrl | inName;
for (let code = 0; code < 26; code += 1) {
  kinds[0x41 + code] = inValue | inUrl | inName;
  kinds[0x61 + code] = inValue | inUrl | inName;
}
kinds[codes.space] = inValue;
kinds[codes.tab] = inValue;
kinds['#'.charCodeAt(0)] = inValue | inName;

/** Headers that change what the bytes around them mean, or that have rules of their own for what is in them. */
const decidedByNode: ReadonlySet<string> = new Set([
  '__proto__',
  'content-encoding',
  'expect',
  'proxy-connection',
  'set-cookie',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
]);

/** Those of `Head.headers`, and those that say how to go on. */
type ReadName = keyof RequestHeaders | 'connection' | 'content-length';
type ReadHeaders = { -readonly [Name in ReadName]: string | undefined };

const noHeaders: Readonly<ReadHeaders> = {
  host: undefined,
  connection: undefined,
  'content-length': undefined,
  'content-type': undefined,
  authorization: undefined,
  'x-amz-target': undefined,
  'user-agent': undefined,
  origin: undefined,
  referer: undefined,
};
const readNames = Object.keys(noHeaders) as ReadName[];
/** What else AWS's clients send. */
const unreadNames = [
  ...['accept', 'accept-encoding', 'x-amz-date', 'x-amz-content-sha256', 'x-amz-security-token', 'x-amz-user-agent'],
  ...['x-amzn-query-mode', 'amz-sdk-invocation-id', 'amz-sdk-request'],
];

/** A name that is known by its bytes, and needs no string. */
interface UsualName {
  readonly bytes: Buffer;
  readonly bit: number;
  /** Undefined if nobody needs its value before `readRawHeaders`. */
  readonly read: ReadName | undefined;
}

const none: readonly UsualName[] = [];
const usualByLength: UsualName[][] = [];
[...readNames, ...unreadNames].forEach((name, index) => {
  assert(index < 32, 'there is a bit for each name');
  usualByLength[name.length] ??= [];
  usualByLength[name.length]?.push({ bytes: Buffer.from(name, 'latin1'), bit: 1 << index, read: readNames[index] });
});

/** Reads the head that `bytes` begin with; they may end before it does. */
export function parseHead(bytes: Buffer, limits: HeadLimits): ParsedHead {
  const urlEnd = endOf(inUrl, bytes, start.length);
  const linesAt = urlEnd + version.length;
  if (linesAt > bytes.length) return shortOr(bytes, limits);
  if (!isAt(0, start, bytes) || !isAt(urlEnd, version, bytes)) return 'other';
  const lastLine = bytes.indexOf(emptyLine, linesAt - 2);
  const end = lastLine === -1 ? bytes.length : lastLine + emptyLine.length;
  const text = bytes.toString('latin1', 0, end);
  const url = text.slice(start.length - 1, urlEnd);
  if (url.length > limits.urlMaxBytes) return 'other';
  const headers = { ...noHeaders };
  const count = readLines(bytes, linesAt, text, headers);
  if (count === 'incomplete') return shortOr(bytes, limits);
  if (count === 'other' || count > limits.headersMax || end > limits.headersMaxBytes) return 'other';
  const contentLength = bodyLength(headers, limits);
  return contentLength === undefined ? 'other' : { url, headers, text, contentLength, end };
}

/** The first byte from there on that may not be part of it. */
function endOf(kind: number, bytes: Buffer, from: number): number {
  let at = from;
  while (at < bytes.length && ((kinds[bytes[at] as number] as number) & kind) !== 0) at += 1;
  return at;
}

function isAt(at: number, expected: Buffer, bytes: Buffer): boolean {
  let index = 0;
  while (index < expected.length && bytes[at + index] === expected[index]) index += 1;
  return index === expected.length;
}

/** What has not come to its end may still come to nothing. */
function shortOr(bytes: Buffer, limits: HeadLimits): 'incomplete' | 'other' {
  const isPossible = isAt(0, start.subarray(0, bytes.length), bytes) && bytes.length <= limits.headersMaxBytes;
  return isPossible ? 'incomplete' : 'other';
}

/**
 * How many lines there are up to the empty one, each with a name of its own, a colon and a value of the bytes that they may
 * have; `headers` takes the values that are needed. `text` is the same as the bytes.
 */
function readLines(
  bytes: Buffer,
  linesAt: number,
  text: string,
  headers: ReadHeaders,
): number | 'incomplete' | 'other' {
  let seen = 0;
  let unusual: Set<string> | undefined;
  let count = 0;
  let at = linesAt;
  while (at < bytes.length && bytes[at] !== codes.cr) {
    const nameEnd = endOf(inName, bytes, at);
    if (nameEnd === bytes.length) return 'incomplete';
    if (nameEnd === at || bytes[nameEnd] !== codes.colon) return 'other';
    const valueEnd = endOf(inValue, bytes, nameEnd + 1);
    if (valueEnd + 1 >= bytes.length) return 'incomplete';
    if (bytes[valueEnd] !== codes.cr || bytes[valueEnd + 1] !== codes.lf) return 'other';
    const usual = usualName(bytes, at, nameEnd);
    if (usual !== undefined) {
      if ((seen & usual.bit) !== 0) return 'other';
      seen |= usual.bit;
      if (usual.read !== undefined) {
        // Node's parser refuses tabs behind a length, so what is around it is kept until it is looked at.
        const isLength = usual.read === 'content-length';
        headers[usual.read] = isLength ? text.slice(nameEnd + 1, valueEnd) : trimmed(text, nameEnd + 1, valueEnd);
      }
    } else {
      const name = text.slice(at, nameEnd).toLowerCase();
      unusual ??= new Set();
      if (unusual.has(name) || decidedByNode.has(name)) return 'other';
      unusual.add(name);
    }
    count += 1;
    at = valueEnd + 2;
  }
  if (at + 1 >= bytes.length) return 'incomplete';
  return bytes[at + 1] === codes.lf ? count : 'other';
}

function usualName(bytes: Buffer, from: number, to: number): UsualName | undefined {
  for (const name of usualByLength[to - from] ?? none) if (isSameName(name.bytes, bytes, from)) return name;
  return undefined;
}

/** A name's byte that is a small letter but for this bit is a large one. */
const smallLetterBit = 0x20;

function isSameName(small: Buffer, bytes: Buffer, from: number): boolean {
  let index = 0;
  while (index < small.length && ((bytes[from + index] as number) | smallLetterBit) === small[index]) index += 1;
  return index === small.length;
}

/** The length of the body, if the headers leave no doubt about it, nor about the connection. */
function bodyLength(
  { host, connection = 'keep-alive', 'content-length': length = '' }: ReadHeaders,
  limits: HeadLimits,
): number | undefined {
  const contentLength = /^ *\d{1,9} *$/.test(length) ? Number(length) : Number.POSITIVE_INFINITY;
  if (host === undefined || contentLength > limits.bodyMaxBytes) return undefined;
  if (connection !== 'keep-alive' && connection.toLowerCase() !== 'keep-alive') return undefined;
  return contentLength;
}

/** The headers as they were sent, name and value in turn. `text`: of a head that was read. */
export function readRawHeaders(text: string): string[] {
  const rawHeaders: string[] = [];
  for (let at = text.indexOf('\n') + 1; at < text.length - 2; ) {
    const colon = text.indexOf(':', at);
    const lineEnd = text.indexOf('\r', colon);
    rawHeaders.push(text.slice(at, colon), trimmed(text, colon + 1, lineEnd));
    at = lineEnd + 2;
  }
  return rawHeaders;
}

function trimmed(text: string, from: number, to: number): string {
  let first = from;
  let last = to;
  while (first < last && isBlank(text.charCodeAt(first))) first += 1;
  while (last > first && isBlank(text.charCodeAt(last - 1))) last -= 1;
  return text.slice(first, last);
}

function isBlank(code: number): boolean {
  return code === codes.space || code === codes.tab;
}
