/**
 * Looks through a large JSON body before it is parsed: a body of opening brackets alone becomes thirty times its size in
 * memory, and a second of work. Strings are jumped over, so the cost of an honest body is that of finding their quotes.
 */
import { edgeLimits } from '../../limits.ts';

const codes = { quote: 0x22, backslash: 0x5c, comma: 0x2c, object: 0x7b, array: 0x5b, objectEnd: 0x7d, arrayEnd: 0x5d };

/** Where the characters of a string are, without its quotes. */
export interface Span {
  readonly start: number;
  readonly end: number;
}

/** Whether it is deeper, or has more values, than anything that an operation takes. It need not be JSON. */
export function isTooComplex(body: Uint8Array): boolean {
  // Depth takes an opening and a closing bracket each, so small bodies need no look.
  if (body.length <= 2 * edgeLimits.jsonDepthMax) return false;
  return longStrings(body, Number.POSITIVE_INFINITY) === 'too complex';
}

/** The strings of at least so many bytes, in order; or that the body is too complex. It need not be JSON. */
export function longStrings(body: Uint8Array, atLeast: number): readonly Span[] | 'too complex' {
  const { jsonDepthMax, jsonValuesMax } = edgeLimits;
  const found: Span[] = [];
  let depth = 0;
  let values = 0;
  for (let index = 0; index < body.length; index += 1) {
    const code = body[index];
    if (code === codes.quote) {
      const start = index + 1;
      index = endOfString(body, index);
      if (index - start >= atLeast) found.push({ start, end: index });
    } else if (code === codes.object || code === codes.array) {
      depth += 1;
      values += 1;
      if (depth > jsonDepthMax) return 'too complex';
    } else if (code === codes.objectEnd || code === codes.arrayEnd) {
      depth -= 1;
    } else if (code === codes.comma) {
      values += 1;
    }
    if (values > jsonValuesMax) return 'too complex';
  }
  return found;
}

/** The same of a body that was parsed, and is too small to have too many values. */
export function isTooDeep(value: unknown, depthLeft = edgeLimits.jsonDepthMax): boolean {
  if (typeof value !== 'object' || value === null) return false;
  if (depthLeft === 0) return true;
  if (Array.isArray(value)) {
    for (const each of value) if (typeof each === 'object' && isTooDeep(each, depthLeft - 1)) return true;
    return false;
  }
  const members = value as Record<string, unknown>;
  for (const key in members) {
    const member = members[key];
    if (typeof member === 'object' && isTooDeep(member, depthLeft - 1)) return true;
  }
  return false;
}

/** Bytes of a string that are looked at one by one; a search by Node is faster from then on, and slower to begin. */
const shortString = 48;

/** The place of the closing quote, or the end of the body. */
function endOfString(body: Uint8Array, start: number): number {
  for (let from = start + 1; from < body.length; ) {
    const near = Math.min(from + shortString, body.length);
    for (; from < near; from += 1) {
      const code = body[from];
      if (code === codes.quote) return from;
      if (code === codes.backslash) from += 1;
    }
    const quote = body.indexOf(codes.quote, from);
    if (quote === -1) break;
    let slashes = quote - 1;
    while (slashes >= from && body[slashes] === codes.backslash) slashes -= 1;
    // An even number of backslashes escape each other.
    if ((quote - slashes) % 2 === 1) return quote;
    from = quote + 1;
  }
  return body.length;
}
