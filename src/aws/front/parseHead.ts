/**
 * The head of the one kind of request that nearly all traffic consists of, in the one spelling that can mean one thing only:
 *
 *     POST /path HTTP/1.1 CRLF
 *     ( name ":" value CRLF )*                names differ; values are visible ASCII, spaces and tabs
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

const codes = { lf: 0x0a, cr: 0x0d, space: 0x20, tab: 0x09, zero: 0x30, nine: 0x39, colon: 0x3a, delete: 0x7f };
const start = Buffer.from('POST /');
const version = Buffer.from(' HTTP/1.1\r\n');
const lineEndBytes = 2;
const wordBytes = 4;

const inName = 1;
const inUrl = 2;
/** What each byte may be part of (RFC 9110, 5.6.2, and RFC 9112, 3.2). */
const kinds = new Uint8Array(256);
for (let code = 0x21; code < codes.delete; code += 1) kinds[code] = inUrl;
for (const letter of "!$%&'*+-.^_`|~0123456789") kinds[letter.charCodeAt(0)] = inUrl | inName;
for (let code = 0; code < 26; code += 1) {
  kinds[0x41 + code] = inUrl | inName;
  kinds[0x61 + code] = inUrl | inName;
}
kinds['#'.charCodeAt(0)] = inName;

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
  /** Four bytes each, in small letters; the last ones may be among those before. */
  readonly words: readonly { readonly at: number; readonly bytes: number }[];
  readonly bit: number;
  /** Undefined if nobody needs its value before `readRawHeaders`. */
  readonly read: ReadName | undefined;
}

const none: readonly UsualName[] = [];
const usualByLength: UsualName[][] = [];
[...readNames, ...unreadNames].forEach((name, index) => {
  assert(index < 32 && name.length >= wordBytes, 'there is a bit for each name, and a word');
  usualByLength[name.length] ??= [];
  usualByLength[name.length]?.push({ words: wordsOf(name), bit: 1 << index, read: readNames[index] });
});

function wordsOf(name: string): UsualName['words'] {
  const bytes = Buffer.from(name, 'latin1');
  const count = Math.ceil(bytes.length / wordBytes);
  return Array.from({ length: count }, (_, index) => {
    const at = Math.min(index * wordBytes, bytes.length - wordBytes);
    return { at, bytes: bytes.readInt32LE(at) };
  });
}

/** Reads the head that `bytes` begin with; they may end before it does. */
export function parseHead(bytes: Buffer, limits: HeadLimits): ParsedHead {
  const urlEnd = endOf(inUrl, bytes, start.length);
  const linesAt = urlEnd + version.length;
  if (linesAt > bytes.length) return shortOr(bytes, limits);
  if (!isAt(0, start, bytes) || !isAt(urlEnd, version, bytes)) return 'other';
  // Its getters are plain loads to V8; a Buffer's put bytes together.
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const lineEnds = findLines(view, linesAt);
  if (lineEnds === 'incomplete') return shortOr(bytes, limits);
  if (lineEnds === 'other' || lineEnds.length - 1 > limits.headersMax) return 'other';
  const end = (lineEnds.at(-1) as number) + lineEndBytes;
  if (urlEnd - start.length + 1 > limits.urlMaxBytes || end > limits.headersMaxBytes) return 'other';
  const text = bytes.toString('latin1', 0, end);
  const headers = readLines(bytes, view, linesAt, lineEnds, text);
  const contentLength = headers === undefined ? undefined : bodyLength(headers, limits);
  if (headers === undefined || contentLength === undefined) return 'other';
  return { url: text.slice(start.length - 1, urlEnd), headers, text, contentLength, end };
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

/** Of each byte of a word the bit that is set in all visible ASCII and the space, if the bit to its right is put to it. */
const shownBits = 0x40404040;
const highBits = 0x80808080;
const ones = 0x01010101;

/**
 * Where the lines end, the first of which begins at `from`: at CR LF, the empty one last. All else is visible ASCII, spaces and tabs.
 * Looks at four bytes at a time, and one by one where one of them is a tab or ends a line.
 */
function findLines(view: DataView, from: number): number[] | 'incomplete' | 'other' {
  const length = view.byteLength;
  const ends: number[] = [];
  let lineAt = from;
  for (let at = from; ; ) {
    let wrong = 0;
    for (; at + wordBytes <= length; at += wordBytes) {
      const word = view.getInt32(at, true);
      if (((word | (word << 1)) & shownBits) !== shownBits) break;
      // Beyond ASCII, or DEL, which one more takes there.
      wrong |= word | (word + ones);
    }
    if ((wrong & highBits) !== 0) return 'other';
    while (at < length && isOfLine(view.getUint8(at))) at += 1;
    if (at + 1 >= length) return at === length || view.getUint8(at) === codes.cr ? 'incomplete' : 'other';
    if (view.getUint8(at) !== codes.cr || view.getUint8(at + 1) !== codes.lf) return 'other';
    ends.push(at);
    if (at === lineAt) return ends;
    at += lineEndBytes;
    lineAt = at;
  }
}

function isOfLine(byte: number): boolean {
  return (byte >= codes.space && byte < codes.delete) || byte === codes.tab;
}

/** The values that are needed; undefined if a line has no name of its own, or one that Node decides about. `text`: the bytes. */
function readLines(
  bytes: Buffer,
  view: DataView,
  linesAt: number,
  lineEnds: readonly number[],
  text: string,
): ReadHeaders | undefined {
  const headers = { ...noHeaders };
  let seen = 0;
  let unusual: Set<string> | undefined;
  let at = linesAt;
  for (let line = 0; line < lineEnds.length - 1; line += 1) {
    const lineEnd = lineEnds[line] as number;
    const nameEnd = endOf(inName, bytes, at);
    if (nameEnd === at || bytes[nameEnd] !== codes.colon) return undefined;
    const usual = usualName(view, at, nameEnd);
    if (usual !== undefined) {
      if ((seen & usual.bit) !== 0) return undefined;
      seen |= usual.bit;
      if (usual.read !== undefined) {
        // Node's parser refuses tabs behind a length, so what is around it is kept until it is looked at.
        const isLength = usual.read === 'content-length';
        headers[usual.read] = isLength ? text.slice(nameEnd + 1, lineEnd) : trimmed(text, nameEnd + 1, lineEnd);
      }
    } else {
      const name = text.slice(at, nameEnd).toLowerCase();
      unusual ??= new Set();
      if (unusual.has(name) || decidedByNode.has(name)) return undefined;
      unusual.add(name);
    }
    at = lineEnd + lineEndBytes;
  }
  return headers;
}

function usualName(view: DataView, from: number, to: number): UsualName | undefined {
  for (const name of usualByLength[to - from] ?? none) if (isSameName(name, view, from)) return name;
  return undefined;
}

/** Of a letter the bit that makes it a small one. The other bytes of names have it; of a line, what has it not is no other byte of them. */
const smallLetterBits = 0x20202020;

function isSameName({ words }: UsualName, view: DataView, from: number): boolean {
  for (const { at, bytes } of words) if ((view.getInt32(from + at, true) | smallLetterBits) !== bytes) return false;
  return true;
}

/** The length of the body, if the headers leave no doubt about it, nor about the connection. */
function bodyLength(
  { host, connection = 'keep-alive', 'content-length': length = '' }: ReadHeaders,
  limits: HeadLimits,
): number | undefined {
  const contentLength = readLength(length);
  if (host === undefined || contentLength === undefined || contentLength > limits.bodyMaxBytes) return undefined;
  if (connection !== 'keep-alive' && connection.toLowerCase() !== 'keep-alive') return undefined;
  return contentLength;
}

/** One to nine digits, with spaces around them. By hand, for `Number` looks for all kinds of numbers in a text. */
function readLength(text: string): number | undefined {
  let first = 0;
  while (text.charCodeAt(first) === codes.space) first += 1;
  let at = first;
  let length = 0;
  for (let code = text.charCodeAt(at); code >= codes.zero && code <= codes.nine; code = text.charCodeAt(at)) {
    length = length * 10 + code - codes.zero;
    at += 1;
  }
  if (at === first || at - first > 9) return undefined;
  while (text.charCodeAt(at) === codes.space) at += 1;
  return at === text.length ? length : undefined;
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
