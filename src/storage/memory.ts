import { asBuffer } from '#std/bytes';
import { copyOf } from '#std/splitBytes';
import { checkKey, checkOperations, checkRange } from './checks.ts';
import { OrderedMap } from './orderedMap.ts';
import { CommitFailed, type Entry, type KeyRange, type ScanRange, type Store, type WriteOperation } from './store.ts';

/**
 * A store that forgets: for `--memory`, for tests, and for simulation, where it stands in for the disk.
 *
 * A commit is applied at the call and resolves in a microtask. `failNextCommit` makes the next one fail as a full disk
 * would, and `reopen` is the same disk after a restart.
 */
export class MemoryStore implements Store {
  readonly #entries: OrderedMap<Uint8Array>;
  #failNext: CommitFailed['reason'] | undefined;
  #committing = false;
  #closed = false;

  constructor(entries: OrderedMap<Uint8Array> = new OrderedMap()) {
    this.#entries = entries;
  }

  get size(): number {
    return this.#entries.size;
  }

  async get(key: Uint8Array): Promise<Uint8Array | undefined> {
    this.#checkOpen();
    checkKey(key);
    const value = this.#entries.get(keyToString(key));
    return value === undefined ? undefined : new Uint8Array(value);
  }

  async scan(range: ScanRange): Promise<Entry[]> {
    this.#checkOpen();
    checkRange(range);
    const entries: Entry[] = [];
    if (range.limit === 0) return entries;
    const to = keyToString(range.to);
    let bytesLeft = range.maxBytes ?? Number.POSITIVE_INFINITY;
    this.#entries.walk(keyToString(range.from), (key, value) => {
      if (key >= to) return false;
      if (entries.length > 0 && value.length > bytesLeft) return false;
      bytesLeft -= value.length;
      entries.push({ key: stringToKey(key), value: new Uint8Array(value) });
      return entries.length < range.limit;
    });
    return entries;
  }

  async commit(operations: readonly WriteOperation[]): Promise<void> {
    this.#checkOpen();
    if (this.#committing) throw new Error('One commit at a time: the one before has not finished.');
    checkOperations(operations);
    this.#committing = true;
    try {
      await this.#apply(operations);
    } finally {
      this.#committing = false;
    }
  }

  async forget(ranges: readonly KeyRange[]): Promise<void> {
    this.#checkOpen();
    for (const { from, to } of ranges) this.#entries.deleteRange(keyToString(from), keyToString(to));
  }

  async close(): Promise<void> {
    this.#closed = true;
  }

  failNextCommit(reason: CommitFailed['reason']): void {
    this.#failNext = reason;
  }

  /** The store after a restart: what was committed is there. This one is closed. */
  reopen(): MemoryStore {
    this.#closed = true;
    return new MemoryStore(this.#entries);
  }

  async #apply(operations: readonly WriteOperation[]): Promise<void> {
    const reason = this.#failNext;
    if (reason !== undefined) {
      this.#failNext = undefined;
      throw new CommitFailed(reason, `This commit was told to fail (${reason}).`);
    }
    for (const { key, value } of operations) {
      if (value === undefined) this.#entries.delete(keyToString(key));
      else this.#entries.set(keyToString(key), copyOf(value));
    }
  }

  #checkOpen(): void {
    if (this.#closed) throw new Error('The store is closed.');
  }
}

/** One character per byte: the order of such strings is the bytewise order of the keys. */
function keyToString(key: Uint8Array): string {
  return asBuffer(key).toString('latin1');
}

function stringToKey(key: string): Uint8Array {
  return Uint8Array.from(Buffer.from(key, 'latin1'));
}
