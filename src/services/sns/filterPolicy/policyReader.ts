import { required } from '#std/assert';
import { invalidPolicy, location } from './errors.ts';
import { JsonSyntaxError, type JsonToken, readJsonTokens } from './jsonTokens.ts';

/**
 * The tokens of a policy, and where AWS's parser stands when it has read one. AWS writes the policy anew without white
 * space before it checks it, so positions are those in that text, always in line 1. And its parser is lazy: it stands
 * behind a string's opening quote until somebody asks for the text, and after a name it has already looked at the value.
 * Measured: the columns of 30 recorded refusals follow from these three rules.
 */
export class PolicyReader {
  readonly #tokens: readonly JsonToken[];
  readonly #columns: readonly Columns[];
  #index = -1;
  #isTextRead = false;

  constructor(text: string) {
    this.#tokens = tokensOf(text);
    this.#columns = columnsOf(this.#tokens);
  }

  get isEmptyObject(): boolean {
    return this.#tokens.length === 2 && this.#tokens[0]?.kind === '{';
  }

  get current(): JsonToken {
    return required(this.#tokens[this.#index], 'a token of the policy');
  }

  next(): JsonToken {
    this.#index++;
    this.#isTextRead = false;
    return this.current;
  }

  /** What the current string says. From here on the parser stands behind it. */
  readText(): string {
    this.#isTextRead = true;
    return this.current.text;
  }

  /** The same policy from the start. */
  rewind(): void {
    this.#index = -1;
    this.#isTextRead = false;
  }

  fail(reason: string): never {
    const columns = required(this.#columns[this.#index], 'the columns of a token');
    const column = this.#isTextRead ? columns.read : columns.seen;
    throw invalidPolicy(`${reason}\n at ${location(1, column)}`);
  }
}

interface Columns {
  /** When the token is the current one; of a name, when its value has been looked at. */
  readonly seen: number;
  /** When its text has been asked for. */
  readonly read: number;
}

function tokensOf(text: string): readonly JsonToken[] {
  try {
    return readJsonTokens(text);
  } catch (error) {
    if (error instanceof JsonSyntaxError) throw invalidPolicy(`failed to parse JSON. ${error.message}`);
    throw error;
  }
}

function columnsOf(tokens: readonly JsonToken[]): readonly Columns[] {
  let column = 1;
  let previous: JsonToken['kind'] | undefined;
  const own = tokens.map(({ kind, text }): Columns => {
    const isClosing = kind === '}' || kind === ']';
    const isFirst = previous === undefined || previous === '{' || previous === '[' || previous === 'name';
    if (!isClosing && !isFirst) column += ','.length;
    previous = kind;
    const isQuoted = kind === 'string' || kind === 'name';
    const seen = column + (isQuoted ? 1 : text.length);
    column += isQuoted ? JSON.stringify(text).length : text.length;
    const read = column;
    if (kind === 'name') column += ':'.length;
    return { seen, read };
  });
  return own.map((columns, index) => {
    if (tokens[index]?.kind !== 'name') return columns;
    const seen = required(own[index + 1], 'the value of a name').seen;
    return { seen, read: seen };
  });
}
