import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isPlainText } from '#std/plainTexts';
import { TextBytes } from '#std/textBytes';
import { malformedInput } from '../protocol.ts';
import { parseBody } from './parse.ts';
import { isTooComplex } from './size.ts';

/** A text that is kept as bytes, and is its own beginning and end. */
const long = (unit: string) => unit.repeat(Math.ceil((20 * 1024) / unit.length));

const parse = (text: string) => parseBody(Buffer.from(text));

function textsIn(value: unknown): TextBytes[] {
  if (value instanceof TextBytes) return [value];
  return typeof value === 'object' && value !== null ? Object.values(value).flatMap(textsIn) : [];
}

/** What everybody reads: nothing of how texts are kept. */
function readable(value: unknown): unknown {
  if (value instanceof TextBytes) return value.toString();
  if (Array.isArray(value)) return value.map(readable);
  if (typeof value !== 'object' || value === null) return value;
  return Object.entries(value).map(([key, under]) => [key, readable(under)]);
}

describe('long texts', () => {
  it('without escapes stay in the body', () => {
    const body = Buffer.from(`{"a":"${long('plain')}","b":[1],"c":{"d" : "${long('\u00e9')}" }}`);
    const { value } = parseBody(body);
    const texts = textsIn(value);
    expect(texts.map(({ isPlain, bytes }) => [isPlain, bytes.toString()])).toEqual([
      [true, long('plain')],
      [false, long('\u00e9')],
    ]);
    for (const { bytes } of texts) expect(bytes.buffer).toBe(body.buffer);
    expect(readable(value)).toEqual(readable(JSON.parse(body.toString())));
  });

  it.each([
    ['a key', `{"${long('key')}" \t\r\n: 1}`],
    ['an element of a list', `["${long('element')}"]`],
    ['all there is', `"${long('root')}"`],
    ['a text with an escape', `{"a":"${long('x')}\\n"}`],
    ['a short text in a large body', `{"a":"${'x'.repeat(4000)}"${' '.repeat(16_000)}}`],
    ['a small share of a body', `{"a":"${'x'.repeat(5000)}"${' '.repeat(100_000)}}`],
  ])('are strings where they are %s', (_, text) => {
    const { value } = parse(text);
    expect(textsIn(value)).toEqual([]);
    expect(value).toEqual(JSON.parse(text));
  });

  it('are not mistaken for what an escape can write', () => {
    const text = `{"a":"${long('x')}","b":"\\udfff0","c":"\\uDFFF1"}`;
    expect(readable(parse(text).value)).toEqual([
      ['a', long('x')],
      ['b', '\udfff0'],
      ['c', '\udfff1'],
    ]);
  });

  it('of a member that is there twice are those of the last', () => {
    const text = `{"a":"${long('x')}","a":"${long('y')}","a":"${long('z')}"}`;
    expect(readable(parse(text).value)).toEqual([['a', long('z')]]);
  });

  it.each([
    ['plain ones', `{"a":"${long('x')}","b":"y"}`, true],
    ['one beyond ASCII', `{"a":"${long('x')}","b":"${long('\u00e9')}"}`, false],
    ['an escape elsewhere', `{"a":"${long('x')}","b":"\\""}`, false],
    ['a short text beyond ASCII', `{"a":"${long('x')}","b":"\u00e9"}`, false],
  ])('make all texts known to be plain, or not: %s', (_, text, expected) => {
    expect(parse(text).isPlain).toBe(expected);
  });
});

/** As it would be without any of this. */
function reference(body: Buffer): unknown {
  if (isTooComplex(body)) return malformedInput('The body has too many values, or too many within each other');
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(body));
  } catch {
    return malformedInput('');
  }
}

function outcome(body: Buffer): unknown {
  try {
    return parseBody(body).value;
  } catch (error) {
    return error;
  }
}

const unit = fc.oneof(
  fc.string({ unit: 'grapheme-ascii', minLength: 1 }).map((text) => text.replaceAll(/["\\]/g, '-')),
  fc.string({ unit: 'binary', minLength: 1 }),
  fc.constantFrom('plain', '\u00e9\ud83d\udfff', '"', '\\', '\n', '\udfff0', '\ufffe'),
);
const text = fc
  .tuple(unit, fc.constantFrom(1, 10, 4100, 9000))
  .map(([each, length]) => each.repeat(Math.ceil(length / each.length)));
const { value: anyValue } = fc.letrec((tie) => ({
  value: fc.oneof({ maxDepth: 3 }, text, tie('object'), tie('list'), fc.jsonValue({ maxDepth: 1 })),
  object: fc.array(fc.tuple(fc.oneof(fc.constantFrom('a', 'b', '__proto__'), text), tie('value')), { maxLength: 4 }),
  list: fc.array(tie('value'), { maxLength: 3 }),
}));

/** Lists of pairs are objects, whose names may be there twice. */
function write(value: unknown, space: string): string {
  if (!Array.isArray(value)) return JSON.stringify(value);
  const isObject = value.length > 0 && value.every((each) => Array.isArray(each) && typeof each[0] === 'string');
  if (!isObject) return `[${value.map((each) => write(each, space)).join(`${space},`)}]`;
  const members = value.map(([name, under]) => `${JSON.stringify(name)}${space}:${space}${write(under, space)}`);
  return `{${members.join(`,${space}`)}${space}}`;
}

const oddBytes = [0x22, 0x5c, 0x3a, 0x2c, 0x7b, 0x7d, 0x5b, 0x5d, 0x00, 0x0a, 0x1f, 0x20, 0x7f, 0x80, 0xc3, 0xed, 0xff];
const change = fc.record({
  at: fc.double({ min: 0, max: 1, noNaN: true }),
  byte: fc.constantFrom(...oddBytes),
  kind: fc.constantFrom('replace', 'insert', 'remove'),
});

function changed(body: Buffer, changes: readonly { at: number; byte: number; kind: string }[]): Buffer {
  return changes.reduce((bytes, { at, byte, kind }) => {
    const place = Math.floor(at * (bytes.length - 1));
    const inserted = kind === 'remove' ? [] : [byte];
    return Buffer.concat([
      bytes.subarray(0, place),
      Buffer.from(inserted),
      bytes.subarray(kind === 'insert' ? place : place + 1),
    ]);
  }, body);
}

it('accepts, refuses and reads what JSON.parse does, whatever a body has', () => {
  const body = fc.tuple(fc.array(anyValue, { minLength: 1, maxLength: 4 }), fc.constantFrom('', ' ', '\r\n\t'));
  const counts = { kept: 0, refused: 0, accepted: 0 };
  fc.assert(
    fc.property(body, fc.array(change, { maxLength: 3 }), ([values, space], changes) => {
      const members = values.map((each, index) => [`m${index}`, each]);
      const whole = Buffer.from(write(members, space).padEnd(17 * 1024));
      const bytes = changed(whole, changes);
      const [expected, found] = [reference(bytes), outcome(bytes)];
      expect(readable(found)).toEqual(readable(expected));
      expect(found instanceof Error).toBe(expected instanceof Error);
      counts.kept += textsIn(found).length;
      if (expected instanceof Error) counts.refused += 1;
      else counts.accepted += 1;
      for (const { isPlain, bytes } of textsIn(found)) expect(isPlain).toBe(isPlainText(bytes.toString()));
    }),
    { numRuns: 2000 },
  );
  // Otherwise nothing was shown.
  expect(Math.min(counts.kept, counts.refused, counts.accepted)).toBeGreaterThan(100);
});
