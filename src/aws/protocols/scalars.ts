/** Scalars as text, the same in every text protocol. */

import type { TimestampFormat } from '../contract.ts';
import { malformedInput } from './protocol.ts';

export const int32Min = -(2 ** 31);
export const int32Max = 2 ** 31 - 1;
// JavaScript's nearest numbers to the ends of 64 bits, on the inside.
export const int64Min = -(2 ** 63);
export const int64Max = 2 ** 63 - 1024;

const notBase64 = /[^A-Za-z0-9+/]/;

/** Base64 of the strict kind that AWS reads: padded, and of the standard alphabet; Node's own decoder takes anything. */
export function decodeBase64(text: string): Uint8Array {
  if (text.length % 4 !== 0) {
    throw malformedInput(`Base64 encoded length is expected a multiple of 4 bytes but found: ${text.length}`);
  }
  const padding = text.endsWith('==') ? 2 : text.endsWith('=') ? 1 : 0;
  const bad = notBase64.exec(padding === 0 ? text : text.slice(0, -padding));
  if (bad !== null) throw malformedInput(`Invalid Base64 character: '${bad[0]}'`);
  return Buffer.from(text, 'base64');
}

export function encodeBase64(bytes: Uint8Array): string {
  const buffer = Buffer.isBuffer(bytes) ? bytes : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return buffer.toString('base64');
}

/** Milliseconds to text; whole seconds are written without a fraction, as AWS does. */
export function timestampText(milliseconds: number, format: TimestampFormat): string {
  if (format === 'unixTimestamp') return String(milliseconds / 1000);
  const date = new Date(milliseconds);
  return format === 'rfc822' ? date.toUTCString() : date.toISOString().replace('.000Z', 'Z');
}

const iso8601 = /^\d{4}-\d\d-\d\d(T\d\d:\d\d(:\d\d(\.\d{1,9})?)?(Z|[+-]\d\d:?\d\d)?)?$/;
// The point is what tells the two runs of digits apart: if it could be missing between them, a long text that fails would be
// tried at every place where the first might end.
const decimal = /^[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d{1,3})?$/;

/** Text to milliseconds; the three formats are told apart by their looks, as lenient servers do. */
export function parseTimestamp(text: string): number | undefined {
  if (decimal.test(text)) return checkedTime(Number(text) * 1000);
  if (!iso8601.test(text) && !/^[A-Z][a-z]{2}, /.test(text)) return undefined;
  return checkedTime(Date.parse(text));
}

/** Rejects what no Date can hold; the year 275760 is far enough for a retention period. */
export function checkedTime(milliseconds: number): number | undefined {
  return Math.abs(milliseconds) <= 8.64e15 ? Math.round(milliseconds) : undefined;
}
