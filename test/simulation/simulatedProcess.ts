import type { Clock } from '../../src/runtime/clock.ts';
import { Partition, type PartitionOptions } from '../../src/runtime/index.ts';
import { required } from '../../src/std/assert.ts';
import type { WriteOperation } from '../../src/storage/store.ts';
import { FaultyStore } from './faultyStore.ts';
import type { SimulatedClock } from './simulatedClock.ts';

export interface ProcessOptions {
  readonly clock: SimulatedClock;
  readonly watch: (operations: readonly WriteOperation[]) => void;
  readonly partitionOptions: Omit<PartitionOptions, 'clock' | 'onError'>;
  readonly onError: (error: Error) => void;
}

/** The process died before it had answered. */
export class ProcessDied extends Error {}

/** One partition and its disk, in a process that can die and be started again. */
export class SimulatedProcess {
  readonly #options: ProcessOptions;
  /** What to call when it dies. */
  readonly #pending = new Set<() => void>();
  #store: FaultyStore;
  #clock: ReturnType<SimulatedClock['forProcess']>;
  #partition: Partition | undefined;
  #deaths = 0;
  #waiting: (() => void)[] = [];

  constructor(options: ProcessOptions) {
    this.#options = options;
    this.#store = new FaultyStore(options.watch);
    this.#clock = options.clock.forProcess();
  }

  get isRunning(): boolean {
    return this.#partition !== undefined;
  }

  get partition(): Partition {
    return required(this.#partition, 'a running partition');
  }

  get isCommitting(): boolean {
    return this.#store.isCommitting;
  }

  /** Resolves when it runs. */
  running(): Promise<void> {
    if (this.isRunning) return Promise.resolve();
    return new Promise((resolve) => this.#waiting.push(resolve));
  }

  /** Calls that are under way. */
  get pending(): number {
    return this.#pending.size;
  }

  /** One of them is called in the end. */
  call<T>(
    act: (partition: Partition) => Promise<T>,
    { answered, failed, lost }: { answered: (result: T) => void; failed: (error: Error) => void; lost: () => void },
  ): void {
    this.#pending.add(lost);
    const settle =
      <Value>(then: (value: Value) => void) =>
      (value: Value) => {
        if (this.#pending.delete(lost)) then(value);
      };
    act(this.partition).then(settle(answered), settle(failed));
  }

  /** Rejects with `ProcessDied` if that comes first. */
  ask<T>(act: (partition: Partition) => Promise<T>): Promise<T> {
    return new Promise((resolve, reject) => {
      this.call(act, { answered: resolve, failed: reject, lost: () => reject(new ProcessDied()) });
    });
  }

  async start(): Promise<void> {
    const deaths = this.#deaths;
    this.#partition = await Partition.open(this.#store, {
      ...this.#options.partitionOptions,
      clock: this.#clock satisfies Clock,
      onError: (error) => {
        if (deaths === this.#deaths) this.#options.onError(error);
      },
    });
    for (const resolve of this.#waiting) resolve();
    this.#waiting = [];
  }

  async finishCommit(outcome: 'synced' | 'failed'): Promise<void> {
    await this.#store.finish(outcome);
  }

  async die(reachedDisk: boolean): Promise<void> {
    this.#deaths += 1;
    this.#partition = undefined;
    const lost = [...this.#pending];
    this.#pending.clear();
    for (const each of lost) each();
    this.#clock.die();
    this.#clock = this.#options.clock.forProcess();
    this.#store = await this.#store.crash(reachedDisk);
  }
}
