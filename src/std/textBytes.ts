import { hasControlBytes } from './plainTexts.ts';

/**
 * Long texts that stay the bytes that they came as. Whoever reads the member that holds one gets the text, which is made
 * then; whoever can do with the bytes asks for them, and the text is never made. They have none of the characters that JSON
 * escapes, so JSON has them as they are.
 */
export class TextBytes {
  /** UTF-8. */
  readonly bytes: Buffer;
  /** As `isPlainText` (`plainTexts.ts`) would say of the text: besides, it is ASCII. */
  readonly isPlain: boolean;
  #text: string | undefined;

  constructor(bytes: Buffer, isPlain: boolean) {
    this.bytes = bytes;
    this.isPlain = isPlain;
  }

  toString(): string {
    this.#text ??= this.bytes.toString(this.isPlain ? 'latin1' : 'utf8');
    return this.#text;
  }
}

/** A property of an object some of whose texts are bytes; a symbol, so that it is no part of what the object says. */
const byMember = Symbol('bytes of texts');

interface Holder {
  readonly [byMember]?: Map<string, TextBytes>;
}

const [quote, backslash] = [0x22, 0x5c];

/** Whether JSON has the bytes, which are UTF-8, as they are. */
export function isUnescaped(bytes: Buffer): boolean {
  return !bytes.includes(quote) && !bytes.includes(backslash) && !hasControlBytes(bytes);
}

/** Copies of the object have the text itself. */
export function holdText(object: object, member: string, text: TextBytes): void {
  const held = (object as Holder)[byMember];
  if (held === undefined) Object.defineProperty(object, byMember, { value: new Map([[member, text]]) });
  else held.set(member, text);
  Object.defineProperty(object, member, { enumerable: true, get: () => text.toString() });
}

/** Undefined where the member is anything else. */
export function textBytesOf(object: object, member: string): TextBytes | undefined {
  return heldTexts(object)?.get(member);
}

/** Those of an object by their members; undefined if it has none. */
export function heldTexts(object: object): ReadonlyMap<string, TextBytes> | undefined {
  return (object as Holder)[byMember];
}
