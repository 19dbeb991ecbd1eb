/**
 * DER (X.690), as much of it as a certificate takes. Every value is drawn alike:
 *
 *     tag(1) { length(1) below 128, or 80 + number of length bytes (1), length } contents
 */

const tags = {
  boolean: 0x01,
  integer: 0x02,
  bitString: 0x03,
  octetString: 0x04,
  objectIdentifier: 0x06,
  utf8String: 0x0c,
  utcTime: 0x17,
  generalizedTime: 0x18,
  sequence: 0x30,
  set: 0x31,
} as const;

const contextSpecific = 0x80;
const constructed = 0x20;

export function sequence(...items: Uint8Array[]): Buffer {
  return value(tags.sequence, Buffer.concat(items));
}

/** Of one member: several would have to be sorted. */
export function setOf(item: Uint8Array): Buffer {
  return value(tags.set, item);
}

/** Not negative, from its bytes, most significant first. */
export function integer(bytes: Uint8Array): Buffer {
  let start = 0;
  while (start < bytes.length - 1 && bytes[start] === 0) start += 1;
  const digits = Buffer.from(bytes.subarray(start));
  // A first bit that is set would mean a negative number.
  return value(tags.integer, (digits[0] ?? 0) < 0x80 ? digits : Buffer.concat([Buffer.of(0), digits]));
}

export function isTrue(): Buffer {
  return value(tags.boolean, Buffer.of(0xff));
}

/** `unusedBits`: how many of the last byte's low bits do not count. */
export function bitString(bytes: Uint8Array, unusedBits = 0): Buffer {
  return value(tags.bitString, Buffer.concat([Buffer.of(unusedBits), bytes]));
}

export function octetString(bytes: Uint8Array): Buffer {
  return value(tags.octetString, bytes);
}

/** From `1.2.840.113549`. */
export function objectIdentifier(text: string): Buffer {
  const [first = 0, second = 0, ...others] = text.split('.').map(Number);
  return value(tags.objectIdentifier, Buffer.from([first * 40 + second, ...others].flatMap(base128)));
}

export function utf8String(text: string): Buffer {
  return value(tags.utf8String, Buffer.from(text));
}

/** As X.509 wants it: two digits of the year until 2049, four from then on. */
export function time(moment: Date): Buffer {
  const digits = `${moment.toISOString().slice(0, 19).replace(/[-T:]/g, '')}Z`;
  return moment.getUTCFullYear() < 2050
    ? value(tags.utcTime, Buffer.from(digits.slice(2)))
    : value(tags.generalizedTime, Buffer.from(digits));
}

/** `[number]` around a whole value. */
export function explicit(number: number, item: Uint8Array): Buffer {
  return value(contextSpecific | constructed | number, item);
}

/** `[number]` in place of a value's own tag. */
export function implicit(number: number, contents: Uint8Array): Buffer {
  return value(contextSpecific | number, contents);
}

function value(tag: number, contents: Uint8Array): Buffer {
  return Buffer.concat([Buffer.of(tag), lengthOf(contents), contents]);
}

function lengthOf(contents: Uint8Array): Buffer {
  if (contents.length < 0x80) return Buffer.of(contents.length);
  const bytes: number[] = [];
  for (let rest = contents.length; rest > 0; rest = Math.floor(rest / 256)) bytes.unshift(rest % 256);
  return Buffer.of(0x80 | bytes.length, ...bytes);
}

/** Seven bits a byte; all but the last have the first bit set. */
function base128(number: number): number[] {
  const bytes = [number % 128];
  for (let rest = Math.floor(number / 128); rest > 0; rest = Math.floor(rest / 128)) bytes.unshift(0x80 | (rest % 128));
  return bytes;
}
