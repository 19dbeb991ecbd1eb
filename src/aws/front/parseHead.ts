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

export interface Head {
  readonly url: string;
  /** As they were sent, name and value in turn. */
  readonly rawHeaders: readonly string[];
  /** By their names in small letters. */
  readonly headers: Readonly<Record<string, string>>;
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

const codes = { lf: 0x0a, cr: 0x0d, space: 0x20, tab: 0x09, colon: 0x3a, slash: 0x2f };
const start = 'POST /';
const version = ' HTTP/1.1\r\n';

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

/** Reads the head that begins at `from`; `bytes` may end before it does. */
export function parseHead(bytes: Buffer, from: number, limits: HeadLimits): ParsedHead {
  const urlEnd = endOf(inUrl, bytes, from + start.length);
  const headersAt = urlEnd + version.length;
  if (headersAt > bytes.length) return shortOr(bytes, from, limits);
  if (latin(bytes, from, from + start.length) !== start) return 'other';
  if (latin(bytes, urlEnd, headersAt) !== version) return 'other';
  const url = latin(bytes, from + start.length - 1, urlEnd);
  if (url.length > limits.urlMaxBytes) return 'other';
  const end = endOfHead(bytes, headersAt);
  if (end === 'incomplete') return shortOr(bytes, from, limits);
  if (end === 'other' || end - from > limits.headersMaxBytes) return 'other';
  return readHeaders(url, latin(bytes, headersAt, end), end, limits);
}

/** The first byte from there on that may not be part of it. */
function endOf(kind: number, bytes: Buffer, from: number): number {
  let at = from;
  while (at < bytes.length && ((kinds[bytes[at] as number] as number) & kind) !== 0) at += 1;
  return at;
}

/** What has not come to its end may still come to nothing. */
function shortOr(bytes: Buffer, from: number, limits: HeadLimits): 'incomplete' | 'other' {
  const seen = latin(bytes, from, from + start.length);
  const isPossible = start.startsWith(seen) && bytes.length - from <= limits.headersMaxBytes;
  return isPossible ? 'incomplete' : 'other';
}

/** Behind the empty line; every line up to there has a name, a colon and a value of the bytes that they may have. */
function endOfHead(bytes: Buffer, headersAt: number): number | 'incomplete' | 'other' {
  let at = headersAt;
  while (at < bytes.length && bytes[at] !== codes.cr) {
    const nameEnd = endOf(inName, bytes, at);
    if (nameEnd === bytes.length) return 'incomplete';
    if (nameEnd === at || bytes[nameEnd] !== codes.colon) return 'other';
    at = endOf(inValue, bytes, nameEnd + 1);
    if (at + 1 >= bytes.length) return 'incomplete';
    if (bytes[at] !== codes.cr || bytes[at + 1] !== codes.lf) return 'other';
    at += 2;
  }
  if (at + 1 >= bytes.length) return 'incomplete';
  return bytes[at + 1] === codes.lf ? at + 2 : 'other';
}

/** `text`: lines that are known to be well formed, and the empty one. */
function readHeaders(url: string, text: string, end: number, limits: HeadLimits): Head | 'other' {
  const rawHeaders: string[] = [];
  const headers: Record<string, string> = Object.create(null);
  for (let at = 0; at < text.length - 2; ) {
    const colon = text.indexOf(':', at);
    const lineEnd = text.indexOf('\r', colon);
    const rawName = text.slice(at, colon);
    const name = smallName(rawName);
    if (headers[name] !== undefined || decidedByNode.has(name)) return 'other';
    const value = trimmed(text, colon + 1, lineEnd);
    // Node's parser refuses tabs behind a length.
    if (name === 'content-length' && text.slice(colon, lineEnd).includes('\t')) return 'other';
    headers[name] = value;
    rawHeaders.push(rawName, value);
    at = lineEnd + 2;
  }
  const { host, connection = 'keep-alive', 'content-length': length = '' } = headers;
  const contentLength = /^\d{1,9}$/.test(length) ? Number(length) : Number.POSITIVE_INFINITY;
  if (host === undefined || contentLength > limits.bodyMaxBytes) return 'other';
  if (connection !== 'keep-alive' && connection.toLowerCase() !== 'keep-alive') return 'other';
  if (rawHeaders.length > 2 * limits.headersMax) return 'other';
  return { url, rawHeaders, headers, contentLength, end };
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

/** Clients send the same names again and again, and making them small anew costs more than to look them up. */
const smallNames = new Map<string, string>();
const smallNamesMax = 1000;

function smallName(name: string): string {
  const known = smallNames.get(name);
  if (known !== undefined) return known;
  const small = name.toLowerCase();
  if (smallNames.size < smallNamesMax) smallNames.set(name, small);
  return small;
}

function latin(bytes: Buffer, from: number, to: number): string {
  return bytes.toString('latin1', from, to);
}
