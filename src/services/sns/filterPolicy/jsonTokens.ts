import { location } from './errors.ts';
import { nestingDepth } from './limits.ts';

/**
 * Reads JSON the way AWS's parser does, because its refusals of a filter policy are that parser's: what it expected, and
 * where it stood. A policy is therefore read token by token, in the order of its text.
 */
export interface JsonToken {
  readonly kind: 'name' | 'string' | 'number' | 'true' | 'false' | 'null' | '{' | '}' | '[' | ']';
  /** Of names and strings what they say, of everything else what is written. */
  readonly text: string;
}

export class JsonSyntaxError extends Error {}

interface Container {
  readonly kind: 'Object' | 'Array';
  readonly start: number;
  isEmpty: boolean;
}

const numberPattern = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/y;
const wordPattern = /[\p{L}\p{Nl}\p{Sc}\p{Pc}\p{Nd}]+/uy;
/** How much of a word a refusal quotes. */
const shownWord = 256;
const validValues = "(JSON String, Number, Array, Object or token 'null', 'true' or 'false')";

export function readJsonTokens(text: string): readonly JsonToken[] {
  return new TokenReader(text).read();
}

/** Stands at the first character that has not been read; containers that are not closed yet are on a stack. */
class TokenReader {
  readonly #text: string;
  readonly #tokens: JsonToken[] = [];
  readonly #open: Container[] = [];
  #at = 0;

  constructor(text: string) {
    this.#text = text;
  }

  read(): readonly JsonToken[] {
    this.#readValue();
    for (let container = this.#open.at(-1); container !== undefined; container = this.#open.at(-1)) {
      this.#readEntry(container);
    }
    this.#skipSpace();
    if (this.#at < this.#text.length) this.#failAtOddValue();
    return this.#tokens;
  }

  #readEntry(container: Container): void {
    const next = this.#peek(() => `: expected close marker for ${this.#describe(container)}`);
    if (next === '}' || next === ']') {
      this.#close(container, next);
      return;
    }
    if (!container.isEmpty) {
      if (next !== ',') this.#failAtCharacter(`was expecting comma to separate ${container.kind} entries`);
      this.#at++;
      this.#peek(() => ` within/between ${container.kind} entries`);
    }
    container.isEmpty = false;
    if (container.kind === 'Object') this.#readName();
    this.#readValue();
  }

  #close(container: Container, marker: '}' | ']'): void {
    const expected = container.kind === 'Object' ? '}' : ']';
    if (marker !== expected) {
      const { line, column } = this.#positionOf(container.start);
      const opened = `for ${container.kind} starting at ${location(line, column)}`;
      this.#fail(`Unexpected close marker '${marker}': expected '${expected}' (${opened})`, this.#at);
    }
    this.#open.pop();
    this.#at++;
    this.#tokens.push({ kind: marker, text: marker });
  }

  #readName(): void {
    if (this.#text[this.#at] !== '"') this.#failAtCharacter('was expecting double-quote to start field name');
    this.#tokens.push({ kind: 'name', text: this.#readQuoted(' in field name') });
    const next = this.#peek(() => ' within/between Object entries');
    if (next !== ':') this.#failAtCharacter('was expecting a colon to separate field name and value');
    this.#at++;
  }

  #readValue(): void {
    const around = this.#open.at(-1);
    const next = this.#peek(() => (around === undefined ? '' : ` within/between ${around.kind} entries`));
    if (next === '{' || next === '[') this.#enter(next);
    else if (next === '"') this.#readString();
    else if (next === '-' || (next >= '0' && next <= '9')) this.#readNumber();
    else this.#readWord();
  }

  #readString(): void {
    this.#tokens.push({ kind: 'string', text: this.#readQuoted(': was expecting closing quote for a string value') });
  }

  #readWord(): void {
    const word = this.#wordHere();
    if (word === 'true' || word === 'false' || word === 'null') {
      this.#at += word.length;
      this.#tokens.push({ kind: word, text: word });
    } else this.#failAtOddValue();
  }

  #enter(marker: '{' | '['): void {
    const depth = this.#open.push({ kind: marker === '{' ? 'Object' : 'Array', start: this.#at, isEmpty: true });
    this.#at++;
    if (depth > nestingDepth) {
      const source = '`StreamReadConstraints.getMaxNestingDepth()`';
      this.#fail(
        `Document nesting depth (${depth}) exceeds the maximum allowed (${nestingDepth}, from ${source})`,
        this.#at,
      );
    }
    this.#tokens.push({ kind: marker, text: marker });
  }

  #readQuoted(atEnd: string): string {
    const start = this.#at++;
    for (; ; this.#at++) {
      const code = this.#text.charCodeAt(this.#at);
      if (Number.isNaN(code)) this.#fail(`Unexpected end-of-input${atEnd}`, this.#at);
      if (code === 0x22) break;
      if (code < 0x20) {
        const reason = 'has to be escaped using backslash to be included in string value';
        this.#fail(`Illegal unquoted character (${describeCharacter(code)}): ${reason}`, this.#at + 1);
      }
      if (code === 0x5c) this.#checkEscape(atEnd);
    }
    this.#at++;
    return JSON.parse(this.#text.slice(start, this.#at));
  }

  /** Leaves the reader at the last character of the escape sequence. */
  #checkEscape(atEnd: string): void {
    const escaped = this.#text[++this.#at];
    if (escaped === undefined) this.#fail(`Unexpected end-of-input${atEnd}`, this.#at);
    if ('"\\/bfnrt'.includes(escaped)) return;
    if (escaped !== 'u') {
      this.#fail(`Unrecognized character escape ${describeCharacter(escaped.charCodeAt(0))}`, this.#at + 1);
    }
    for (let digit = 0; digit < 4; digit++) {
      const character = this.#text[++this.#at];
      if (character === undefined) this.#fail(`Unexpected end-of-input${atEnd}`, this.#at);
      if (!/[\da-fA-F]/.test(character)) this.#failAtCharacter('expected a hex-digit for character escape sequence');
    }
  }

  #readNumber(): void {
    numberPattern.lastIndex = this.#at;
    const text = numberPattern.exec(this.#text)?.[0] ?? this.#failAfterMinus();
    this.#at += text.length;
    const next = this.#text[this.#at];
    if (next === '.' || next === 'e' || next === 'E') {
      this.#at++;
      this.#failInNumber(`${next === '.' ? 'Decimal point' : 'Exponent indicator'} not followed by a digit`);
    }
    if (next !== undefined && next >= '0' && next <= '9') {
      this.#fail('Invalid numeric value: Leading zeroes not allowed', this.#at);
    }
    this.#tokens.push({ kind: 'number', text });
  }

  /** The character after white space; the end of the text is a refusal. */
  #peek(describeEnd: () => string): string {
    this.#skipSpace();
    const next = this.#text[this.#at];
    return next ?? this.#fail(`Unexpected end-of-input${describeEnd()}`, this.#at);
  }

  #skipSpace(): void {
    while (' \t\r\n'.includes(this.#text[this.#at] ?? '.')) this.#at++;
  }

  #wordHere(): string | undefined {
    wordPattern.lastIndex = this.#at;
    return wordPattern.exec(this.#text)?.[0];
  }

  #describe({ kind, start }: Container): string {
    const { line, column } = this.#positionOf(start);
    return `${kind} (start marker at ${location(line, column)})`;
  }

  #failAtOddValue(): never {
    const word = this.#wordHere();
    if (word === undefined || /^\d/.test(word)) {
      this.#failAtCharacter(
        this.#text[this.#at] === '}' ? 'expected a value' : `expected a valid value ${validValues}`,
      );
    }
    const shown = word.length > shownWord ? `${word.slice(0, shownWord)}...` : word;
    return this.#fail(`Unrecognized token '${shown}': was expecting ${validValues}`, this.#at + word.length);
  }

  #failAfterMinus(): never {
    this.#at++;
    return this.#failInNumber('expected digit (0-9) to follow minus sign, for valid numeric value');
  }

  #failInNumber(reason: string): never {
    const code = this.#text.charCodeAt(this.#at);
    if (Number.isNaN(code)) this.#fail('Unexpected end-of-input in a Number value', this.#at);
    return this.#fail(`Unexpected character (${describeCharacter(code)}) in numeric value: ${reason}`, this.#at);
  }

  #failAtCharacter(expectation: string): never {
    const code = this.#text.charCodeAt(this.#at);
    return this.#fail(`Unexpected character (${describeCharacter(code)}): ${expectation}`, this.#at);
  }

  #fail(reason: string, offset: number): never {
    const { line, column } = this.#positionOf(offset);
    throw new JsonSyntaxError(`${reason}\n at ${location(line, column)}`);
  }

  #positionOf(offset: number): { line: number; column: number } {
    const lines = this.#text.slice(0, offset).split(/\r\n|\r|\n/);
    return { line: lines.length, column: (lines.at(-1) ?? '').length + 1 };
  }
}

function describeCharacter(code: number): string {
  if (code < 0x20 || (code >= 0x7f && code <= 0x9f)) return `(CTRL-CHAR, code ${code})`;
  const character = String.fromCharCode(code);
  return code > 255 ? `'${character}' (code ${code} / 0x${code.toString(16)})` : `'${character}' (code ${code})`;
}
