import { MemoryStore } from '../../src/storage/memory.ts';
import {
  CommitFailed,
  type Entry,
  type KeyRange,
  type ScanRange,
  type Store,
  type WriteOperation,
} from '../../src/storage/store.ts';

interface HeldCommit {
  readonly operations: readonly WriteOperation[];
  readonly resolve: () => void;
  readonly reject: (error: CommitFailed) => void;
}

/** Told of what reaches the disk, before whoever waits for the commit is. */
type Watch = (operations: readonly WriteOperation[]) => void;

/** A disk whose commits take until the simulation says how they ended. Reads see what has ended well. */
export class FaultyStore implements Store {
  readonly #disk: MemoryStore;
  readonly #watch: Watch;
  #held: HeldCommit | undefined;
  #dead = false;

  constructor(watch: Watch, disk = new MemoryStore()) {
    this.#watch = watch;
    this.#disk = disk;
  }

  get isCommitting(): boolean {
    return this.#held !== undefined;
  }

  get(key: Uint8Array): Promise<Uint8Array | undefined> {
    return this.#dead ? never() : this.#disk.get(key);
  }

  scan(range: ScanRange): Promise<Entry[]> {
    return this.#dead ? never() : this.#disk.scan(range);
  }

  commit(operations: readonly WriteOperation[]): Promise<void> {
    if (this.#dead) return never();
    return new Promise((resolve, reject) => {
      this.#held = { operations, resolve, reject };
    });
  }

  forget(ranges: readonly KeyRange[]): Promise<void> {
    return this.#dead ? never() : this.#disk.forget(ranges);
  }

  async close(): Promise<void> {}

  async finish(outcome: 'synced' | 'failed'): Promise<void> {
    const held = this.#held;
    if (held === undefined) return;
    this.#held = undefined;
    if (outcome === 'failed') {
      held.reject(new CommitFailed('no-space', 'The simulated disk is full.'));
      return;
    }
    await this.#apply(held.operations);
    held.resolve();
  }

  /** The process dies: what was under way may have reached the disk or not, and nobody is told. */
  async crash(reachedDisk: boolean): Promise<FaultyStore> {
    this.#dead = true;
    if (reachedDisk && this.#held !== undefined) await this.#apply(this.#held.operations);
    return new FaultyStore(this.#watch, this.#disk.reopen());
  }

  async #apply(operations: readonly WriteOperation[]): Promise<void> {
    await this.#disk.commit(operations);
    this.#watch(operations);
  }
}

/** What a dead process's reads give. */
function never<T>(): Promise<T> {
  return new Promise(() => undefined);
}
