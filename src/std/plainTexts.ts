/**
 * Plain texts: of ASCII, without control characters before the space, quotes and backslashes. JSON and UTF-8 have them as
 * they are, a byte for a character. To see that takes half as long as the text's MD5, so who knows it tells the others.
 */

const notPlain = /[^ !#-[\]-\x7f]/;

export function isPlainText(text: string): boolean {
  return !notPlain.test(text);
}

/** A property of an object all of whose own texts are plain; a symbol, so that it is no part of what the object says. */
export const plainTexts = Symbol('plain texts');

export interface MaybePlain {
  readonly [plainTexts]?: boolean;
}

const marked = { value: true };

/** Says of an object that was given by somebody that its texts are plain; copies of it are not marked, as they may differ. */
export function markPlain(object: object): void {
  Object.defineProperty(object, plainTexts, marked);
}

/** Whether all texts in an object are known to be plain. */
export function hasPlainTexts(marked: object): boolean {
  return (marked as MaybePlain)[plainTexts] === true;
}
