import { compareKeys } from './entryBytes.ts';

/** Stands at an entry, or behind the last one. */
export interface EntryCursor {
  /** The current entry's key, undefined at the end. Both are views that may change with the next call of `next`. */
  readonly key: Buffer | undefined;
  /** Undefined for a tombstone, and at the end. */
  readonly value: Buffer | undefined;
  next(): void;
}

/** Ascending entries of several sources. Of those that have the same key, the first source's entry is the one. */
export function mergeCursors<Cursor extends EntryCursor>(cursors: readonly Cursor[]): MergedCursor<Cursor> {
  return new MergedCursor(cursors);
}

/** A source and its current key. `age` is its place among the sources. */
interface Source<Cursor> {
  readonly cursor: Cursor;
  readonly age: number;
  key: Buffer;
}

/**
 * The sources are kept in the order of their keys, youngest first among equals. What has been moved on goes back to its
 * place from the front: as long as one source is ahead of all others, that is one comparison an entry.
 */
export class MergedCursor<Cursor extends EntryCursor> implements EntryCursor {
  readonly #sources: Source<Cursor>[] = [];

  constructor(cursors: readonly Cursor[]) {
    cursors.forEach((cursor, age) => {
      if (cursor.key !== undefined) this.#sources.push({ cursor, age, key: cursor.key });
    });
    this.#sources.sort((a, b) => compareKeys(a.key, b.key) || a.age - b.age);
  }

  /** The source that has the current entry; undefined at the end. */
  get source(): Cursor | undefined {
    return this.#sources[0]?.cursor;
  }

  get key(): Buffer | undefined {
    return this.#sources[0]?.key;
  }

  get value(): Buffer | undefined {
    return this.#sources[0]?.cursor.value;
  }

  next(): void {
    const first = this.#sources[0];
    if (first === undefined) return;
    // What is hidden goes first: moving the first source on may change the bytes of its key.
    for (let hidden = this.#sources[1]; hidden !== undefined && compareKeys(hidden.key, first.key) === 0; ) {
      this.#moveOn(1);
      hidden = this.#sources[1];
    }
    this.#moveOn(0);
  }

  #moveOn(at: number): void {
    const sources = this.#sources;
    const source = sources[at] as Source<Cursor>;
    source.cursor.next();
    if (source.cursor.key === undefined) {
      sources.splice(at, 1);
      return;
    }
    source.key = source.cursor.key;
    let place = at;
    for (let next = sources[place + 1]; next !== undefined && isBehind(source, next); next = sources[place + 1]) {
      sources[place] = next;
      place += 1;
    }
    sources[place] = source;
  }
}

function isBehind(source: Source<unknown>, other: Source<unknown>): boolean {
  const order = compareKeys(source.key, other.key);
  return order > 0 || (order === 0 && source.age > other.age);
}
