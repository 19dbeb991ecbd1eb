/**
 * Plain texts: of ASCII, without control characters before the space, quotes and backslashes. JSON and UTF-8 have them as
 * they are, a byte for a character. To see that takes half as long as the text's MD5, so who knows it tells the others.
 */

const notPlain = /[^ !#-[\]-\x7f]/;

export function isPlainText(text: string): boolean {
  return !notPlain.test(text);
}

/**
 * Whether there is a byte before the space. Four at a time: the highest bit of a byte is set in `(w - 0x20...) & ~w` if that
 * byte is below 0x20, and in no other word than one that has such a byte.
 */
export function hasControlBytes(bytes: Buffer): boolean {
  const { buffer, byteOffset, length } = bytes;
  if (length < 4) return hasControlByte(bytes, 0, length);
  const wordsAt = -byteOffset & 3;
  const words = new Int32Array(buffer, byteOffset + wordsAt, (length - wordsAt) >>> 2);
  let found = 0;
  for (let index = 0; index < words.length; index += 1) {
    const word = words[index] as number;
    found |= (word - 0x2020_2020) & ~word;
  }
  if ((found & 0x8080_8080) !== 0) return true;
  return hasControlByte(bytes, 0, wordsAt) || hasControlByte(bytes, wordsAt + words.byteLength, length);
}

function hasControlByte(bytes: Buffer, from: number, to: number): boolean {
  for (let index = from; index < to; index += 1) if ((bytes[index] as number) < 0x20) return true;
  return false;
}

/** A property of an object all of whose own texts are plain; a symbol, so that it is no part of what the object says. */
export const plainTexts = Symbol('plain texts');

export interface MaybePlain {
  readonly [plainTexts]?: boolean;
}

/**
 * An object that somebody gave, whose texts are plain. Copies of it are not marked, as they may differ: the mark is its prototype's.
 * A property of its own that copies leave out costs half a microsecond.
 */
export class GivenPlain {
  declare readonly [plainTexts]: boolean;
}
Object.defineProperty(GivenPlain.prototype, plainTexts, { value: true });

/** Whether all texts in an object are known to be plain. */
export function hasPlainTexts(marked: object): boolean {
  return (marked as MaybePlain)[plainTexts] === true;
}
