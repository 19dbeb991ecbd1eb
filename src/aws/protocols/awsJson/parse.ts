/**
 * The body of a request as bytes to what JSON.parse makes of it; but long texts without escapes are found in the bytes and
 * stay there, as `TextBytes`. For a message of 1 MiB that spares two copies, and JSON.parse looking at each character.
 *
 * What JSON.parse is given instead of such a text is a mark of two characters. The text has passed by itself all that
 * JSON.parse and UTF-8 ask of it, so that both accept the rest if and only if they accept the whole.
 */
import { isAscii, isUtf8 } from 'node:buffer';
import { hasControlBytes } from '#std/plainTexts';
import { TextBytes } from '#std/textBytes';
import type { AwsError } from '../../contract.ts';
import { malformedInput } from '../protocol.ts';
import { isTooComplex, isTooDeep, longStrings, type Span } from './size.ts';

export interface ParsedBody {
  /** Long texts may be `TextBytes` where they are members of objects. */
  readonly value: unknown;
  /** All texts in it are known to be plain (`std/plainTexts.ts`): what JSON escapes can't be there without a backslash. */
  readonly isPlain: boolean;
}

/**
 * Bytes. Up to here a body is parsed first, and its depth is that of what came out: an honest one has a handful of objects, and
 * may have quotes by the hundred. One that is all brackets takes 0.8 ms.
 */
const smallBody = 16 * 1024;

export function parseBody(body: Buffer): ParsedBody {
  return body.length <= smallBody ? parseSmall(body) : parseLarge(body);
}

function parseSmall(body: Buffer): ParsedBody {
  let value: unknown;
  try {
    value = JSON.parse(utf8(body));
  } catch {
    throw isTooComplex(body) ? tooComplex() : notJson();
  }
  if (isTooDeep(value)) throw tooComplex();
  return { value, isPlain: body.length >= worthTelling && isPlainJson(body) };
}

/** Bytes. Of a shorter body it costs less to look at the texts than to tell that they are plain. */
const worthTelling = 512;

/** Of JSON, or of parts of it that are cut at quotes. */
function isPlainJson(bytes: Buffer): boolean {
  return isAscii(bytes) && !bytes.includes(codes.backslash);
}

/**
 * A text is kept as a view of the body if it is at least such a share of it. For who keeps the text keeps the whole body: a
 * queue does so with waiting messages, and bounds these by their own length.
 */
const leastShare = 1 / 16;
/** Bytes. Of shorter texts JSON.parse makes strings in less time than it takes to look after them. */
const leastText = 4 * 1024;

function parseLarge(body: Buffer): ParsedBody {
  const strings = longStrings(body, Math.max(leastText, body.length * leastShare));
  if (strings === 'too complex') throw tooComplex();
  const { texts, rest } = cut(body, strings);
  const isPlain = rest.every(isPlainJson) && texts.every((text) => text.isPlain);
  try {
    return { value: texts.length === 0 ? JSON.parse(utf8(body)) : parseAround(body, texts, rest), isPlain };
  } catch {
    throw notJson();
  }
}

function parseAround(body: Buffer, texts: readonly TextBytes[], rest: readonly Buffer[]): unknown {
  const marked = rest.map((part, index) => (index === 0 ? utf8(part) : markOf(index - 1) + utf8(part))).join('');
  if (escapedMark.test(marked)) return JSON.parse(utf8(body));
  const parsed: [unknown] = [JSON.parse(marked)];
  placeTexts(parsed, texts);
  return parsed[0];
}

const codes = { space: 0x20, tab: 0x09, lf: 0x0a, cr: 0x0d, zero: 0x30, colon: 0x3a, backslash: 0x5c };

/** No text in UTF-8 begins with it: only an escape could write it, which is looked for. */
const mark = '\udfff';
const escapedMark = /\\u[dD][fF]{3}/;

function markOf(index: number): string {
  return mark + String.fromCharCode(codes.zero + index);
}

/** Long texts, and the parts of the body before, between and behind them. */
function cut(body: Buffer, strings: readonly Span[]): { texts: readonly TextBytes[]; rest: readonly Buffer[] } {
  const texts: TextBytes[] = [];
  const rest: Buffer[] = [];
  let restAt = 0;
  for (const { start, end } of strings) {
    const text = textIn(body, start, end);
    if (text === undefined) continue;
    texts.push(text);
    rest.push(body.subarray(restAt, start));
    restAt = end;
  }
  rest.push(body.subarray(restAt));
  return { texts, rest };
}

/** Undefined where it has to be parsed: it is a key, has escapes, or is not valid. */
function textIn(body: Buffer, start: number, end: number): TextBytes | undefined {
  const bytes = body.subarray(start, end);
  if (bytes.includes(codes.backslash) || isKey(body, end + 1) || hasControlBytes(bytes)) return undefined;
  const isPlain = isAscii(bytes);
  return isPlain || isUtf8(bytes) ? new TextBytes(bytes, isPlain) : undefined;
}

/** What is behind the closing quote says so. */
function isKey(body: Buffer, from: number): boolean {
  const { space, tab, lf, cr, colon } = codes;
  for (let index = from; index < body.length; index += 1) {
    const code = body[index];
    if (code !== space && code !== tab && code !== lf && code !== cr) return code === colon;
  }
  return false;
}

/** Puts the texts where their marks are. */
function placeTexts(parsed: unknown, texts: readonly TextBytes[]): void {
  if (typeof parsed !== 'object' || parsed === null) return;
  const textAt = (value: unknown) =>
    typeof value === 'string' && value.startsWith(mark) ? texts[value.charCodeAt(1) - codes.zero] : undefined;
  if (Array.isArray(parsed)) {
    for (let index = 0; index < parsed.length; index += 1) {
      const text = textAt(parsed[index]);
      if (text === undefined) placeTexts(parsed[index], texts);
      else parsed[index] = text.toString();
    }
    return;
  }
  const members = parsed as Record<string, unknown>;
  for (const key in members) {
    const text = textAt(members[key]);
    if (text === undefined) placeTexts(members[key], texts);
    else members[key] = text;
  }
}

const strictUtf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** Refuses what is not UTF-8: replacing it in silence would change a message. */
function utf8(bytes: Buffer): string {
  return isAscii(bytes) ? bytes.toString('latin1') : strictUtf8.decode(bytes);
}

function tooComplex(): AwsError {
  return malformedInput('The body has too many values, or too many within each other');
}

/** Measured: AWS gives the type and no message for a body that is no JSON. */
function notJson(): AwsError {
  return malformedInput('');
}
