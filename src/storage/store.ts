import type { Bytes } from '#std/splitBytes';

/**
 * The store contract: an ordered key-value store with atomic, durable batches. Nothing else.
 *
 * Keys and values are byte arrays; keys are ordered bytewise, at most 1,024 bytes. Every store passes
 * `contract.test.ts`. Reads see what has been committed, whole batches at a time; `runtime/groupCommit.ts` lays what is
 * still on its way over them.
 */
export interface Store {
  /** The committed value, or undefined. The caller owns the returned bytes. */
  get(key: Uint8Array): Promise<Uint8Array | undefined>;
  /** Entries with `from` <= key < `to` in ascending order, at most `limit` and, past the first, at most `maxBytes` of values. */
  scan(range: ScanRange): Promise<Entry[]>;
  /**
   * Applies all operations in order, or none. Resolves once they are synced to disk; rejects with `CommitFailed` when
   * nothing was applied. One commit at a time: the caller waits for the first before it starts another.
   */
  commit(operations: readonly WriteOperation[]): Promise<void>;
  /**
   * Nobody needs what lies in these ranges, or writes into them meanwhile: the store removes what it can at little cost,
   * without a deletion for each entry. That may be all of it or nothing, and deletions of old may be forgotten as well: a
   * scan afterwards gives what has to be deleted yet. May run beside commits. The ranges are disjoint.
   */
  forget(ranges: readonly KeyRange[]): Promise<void>;
  /** Why commits that add something are refused while others may succeed, as of the last commit; undefined if none are. */
  readonly shortage?: CommitFailed | undefined;
  /** Finishes the commit that is under way and releases everything, the lock on the directory too. */
  close(): Promise<void>;
}

/** Keys with `from` <= key < `to`. */
export interface KeyRange {
  readonly from: Uint8Array;
  readonly to: Uint8Array;
}

export interface ScanRange extends KeyRange {
  readonly limit: number;
  readonly maxBytes?: number;
}

export interface Entry {
  readonly key: Uint8Array;
  readonly value: Uint8Array;
}

/** A put has a value, a delete has none; deleting what is not there is not an error. */
export interface WriteOperation {
  readonly key: Uint8Array;
  readonly value?: Bytes;
}

/** A commit that changed nothing: no space, an I/O error. The store can be used on. */
export class CommitFailed extends Error {
  readonly reason: 'no-space' | 'read-only' | 'io';

  constructor(reason: 'no-space' | 'read-only' | 'io', message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'CommitFailed';
    this.reason = reason;
  }
}

/** The store can't be opened; `message` is a sentence that says what to do. */
export class StoreUnusable extends Error {
  readonly reason: 'locked' | 'read-only' | 'no-space' | 'corrupt' | 'newer-format' | 'not-a-directory' | 'io';

  constructor(reason: StoreUnusable['reason'], message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'StoreUnusable';
    this.reason = reason;
  }
}
