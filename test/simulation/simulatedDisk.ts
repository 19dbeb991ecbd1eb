import { assert } from '../../src/std/assert.ts';
import { Prng } from '../../src/std/prng.ts';
import type { Disk, LogFile, ReadFile, WriteFile } from '../../src/storage/embedded/disk.ts';
import { SimulatedFile } from './simulatedFile.ts';

/** What changes the disk, or makes changes durable. */
export type DiskChange = 'append' | 'write' | 'sync' | 'create' | 'openLog' | 'rename' | 'remove' | 'syncDirectory';
/** Reads: of the directory, and of files. */
export type DiskRead = 'names' | 'open' | 'read';
export type DiskOperation = DiskChange | DiskRead;

/**
 * A disk in memory that takes every liberty that a real one has, by a seed.
 *
 * Running, it does what it is told, except that operations take their time and may be told to fail. Stopped, be it at once
 * or at the n-th operation (`cutAt`), it answers no more: what is under way stays so for ever. `afterPowerCut` and
 * `afterKill` then give the disk as the next start finds it. It stops at changes only: a read that is not answered leaves
 * nothing behind.
 *
 * - A killed process leaves everything that it wrote; of the call under way a part. What was not synced is not durable
 *   yet: readers see it, and a later power cut may still take it.
 * - A power cut leaves of every file what `SimulatedFile` says, and of the changes of names since the last `syncDirectory`
 *   the first few or, as no standard promises even that, any of them whose own names have seen nothing else before.
 * - `create` gives the name to another file at once. A real disk may empty the old one, and keep it so without
 *   `syncDirectory`; here that is needed.
 */
export class SimulatedDisk implements Disk {
  readonly #random: Prng;
  /** ENOSPC beyond so many bytes in all files that have names. */
  capacity = Number.POSITIVE_INFINITY;
  /** Of all operations, the share that fails with EIO or ENOSPC. */
  flakiness = 0;
  readonly #names: Map<string, SimulatedFile>;
  /** The names that are durable, and the changes since then. */
  readonly #durableNames: Map<string, SimulatedFile>;
  readonly #changes: NameChange[];
  #operationsToCut = Number.POSITIVE_INFINITY;
  /** Those that count for the cut; all do if it is undefined. */
  #operationToCut: DiskChange | undefined;
  #stoppedAt: { readonly operation: DiskChange; readonly name: string } | undefined;
  #isStopped = false;
  readonly #faults: { readonly code: string; readonly operation: DiskOperation; after: number; times: number }[] = [];
  readonly #unreadable = new Set<SimulatedFile>();
  #openFiles = 0;
  readonly #logWrites = new Set<{ readonly file: SimulatedFile; readonly position: number; readonly end: number }>();
  readonly stopped: Promise<void>;
  /** How many log writes the power cut has left in part. */
  readonly tornWrites: number;
  #tellStopped: () => void = () => {};

  constructor(seed: number, found?: Found) {
    this.#random = new Prng(seed);
    this.#names = found?.names ?? new Map();
    this.#durableNames = found?.durableNames ?? new Map();
    this.#changes = found?.changes ?? [];
    this.tornWrites = found?.tornWrites ?? 0;
    this.stopped = new Promise((resolve) => {
      this.#tellStopped = resolve;
    });
  }

  get isStopped(): boolean {
    return this.#isStopped;
  }

  /** The operation that `cutAt` hit. */
  get stoppedAt(): { readonly operation: DiskChange; readonly name: string } | undefined {
    return this.#stoppedAt;
  }

  /** Those that were opened and not closed. */
  get openFiles(): number {
    return this.#openFiles;
  }

  /** Bytes in all files that have names. */
  get bytes(): number {
    let sum = 0;
    for (const file of this.#names.values()) sum += file.size;
    return sum;
  }

  /** Stops in the middle of the n-th operation from here on, or of the n-th of that kind. */
  cutAt(count: number, operation?: DiskChange): void {
    this.#operationsToCut = count;
    this.#operationToCut = operation;
  }

  stop(): void {
    this.#isStopped = true;
    this.#tellStopped();
  }

  /** The next operations of the kind fail, those `after` so many that don't. Changes have done a part, all or nothing. */
  failNext(code: string, operation: DiskOperation, times = 1, after = 0): void {
    this.#faults.push({ code, operation, after, times });
  }

  /** No file under this name can be read until `heal`, as if there were a bad sector. */
  failReadsOf(name: string): void {
    const file = this.#names.get(name);
    if (file !== undefined) this.#unreadable.add(file);
  }

  /** Nothing fails any more that was told to, and there is space. */
  heal(): void {
    this.#faults.length = 0;
    this.#unreadable.clear();
    this.flakiness = 0;
    this.capacity = Number.POSITIVE_INFINITY;
  }

  afterKill(): SimulatedDisk {
    this.stop();
    return this.#next({ names: this.#names, durableNames: this.#durableNames, changes: this.#changes, tornWrites: 0 });
  }

  afterPowerCut(): SimulatedDisk {
    this.stop();
    const found = this.#namesAfterPowerCut();
    const left = new Map([...found.values()].map((file) => [file, file.afterPowerCut(this.#random)] as const));
    const names = new Map([...found].map(([name, file]) => [name, left.get(file) as SimulatedFile] as const));
    const tornWrites = [...this.#logWrites].filter(({ file, position, end }) => {
      const after = left.get(file);
      return after !== undefined && isPartlyThere(file, after, position, end);
    }).length;
    return this.#next({ names, durableNames: new Map(names), changes: [], tornWrites });
  }

  async names(): Promise<string[]> {
    await this.#pass();
    this.#failIfTold('names', '.');
    return [...this.#names.keys()];
  }

  openForReading(name: string): ReadFile {
    this.#failIfTold('open', name);
    const file = this.#file(name, 'open');
    let isOpen = true;
    this.#openFiles += 1;
    return {
      size: file.size,
      read: (into, position) => {
        assert(isOpen, `${name} is open when it is read`);
        // What a read that fails leaves in memory is anything.
        into.fill(garbage);
        if (this.#unreadable.has(file)) throw diskError('EIO', 'read', name);
        this.#failIfTold('read', name);
        return file.read(into, position);
      },
      close: () => {
        assert(isOpen, `${name} is closed once`);
        isOpen = false;
        this.#openFiles -= 1;
      },
    };
  }

  /** Files with all that readers see, to tell whether anything has changed. */
  contents(): Map<string, Buffer> {
    const contentOf = (file: SimulatedFile) => {
      const bytes = Buffer.alloc(file.size);
      file.read(bytes, 0);
      return bytes;
    };
    return new Map([...this.#names].map(([name, file]) => [name, contentOf(file)]));
  }

  async create(name: string): Promise<WriteFile> {
    const file = new SimulatedFile();
    const begin = () => this.#change([name], (names) => names.set(name, file));
    await this.#perform('create', name, { begin, part: () => this.#perhaps(begin) });
    const handle = this.#handle(name);
    return {
      append: (bytes) => handle.use(() => this.#append(name, file, bytes)),
      sync: () => handle.use(() => this.#sync(name, file)),
      close: () => handle.close(() => this.#pass()),
    };
  }

  async openLog(name: string): Promise<LogFile> {
    const begin = () => {
      if (this.#names.has(name)) return;
      const file = new SimulatedFile();
      this.#change([name], (names) => names.set(name, file));
    };
    await this.#perform('openLog', name, { begin, part: () => this.#perhaps(begin) });
    const file = this.#file(name, 'open');
    const handle = this.#handle(name);
    return {
      size: file.size,
      extend: (bytes) => handle.use(() => this.#append(name, file, Buffer.alloc(bytes))),
      write: (bytes, position) => handle.use(() => this.#writeLog(name, file, bytes, position)),
      close: () => handle.close(() => this.#pass()),
    };
  }

  async rename(from: string, to: string): Promise<void> {
    const begin = () => {
      const file = this.#file(from, 'rename');
      this.#change([from, to], (names) => {
        names.delete(from);
        names.set(to, file);
      });
    };
    await this.#perform('rename', to, { begin, atStop: () => this.#perhaps(begin) });
  }

  async remove(name: string): Promise<void> {
    const begin = () => {
      if (this.#names.has(name)) this.#change([name], (names) => names.delete(name));
    };
    await this.#perform('remove', name, { begin, atStop: () => this.#perhaps(begin) });
  }

  async syncDirectory(): Promise<void> {
    let count = 0;
    const begin = () => {
      count = this.#changes.length;
    };
    const finish = () => {
      for (const change of this.#changes.splice(0, count)) change.make(this.#durableNames);
    };
    await this.#perform('syncDirectory', '', { begin, finish });
  }

  async #append(name: string, file: SimulatedFile, bytes: Uint8Array): Promise<void> {
    const part = () => file.write(this.#partOf(bytes), file.size);
    await this.#perform('append', name, { begin: () => this.#writeWhatFits(name, file, bytes, file.size), part });
  }

  async #sync(name: string, file: SimulatedFile): Promise<void> {
    await this.#perform('sync', name, { finish: () => file.sync(), part: () => file.failSync(), atStop: () => {} });
  }

  async #writeLog(name: string, file: SimulatedFile, bytes: Uint8Array, position: number): Promise<void> {
    assert(position <= file.size, `a write to ${name} leaves no hole`);
    const written = { file, position, end: position + bytes.length };
    const begin = () => this.#writeWhatFits(name, file, bytes, position);
    const finish = () => file.syncRange(position, written.end);
    const atStop = () => file.write(this.#partOf(bytes), position);
    const part = () => {
      atStop();
      file.failSync();
    };
    this.#logWrites.add(written);
    try {
      await this.#perform('write', name, { begin, finish, part, atStop });
    } finally {
      this.#logWrites.delete(written);
    }
  }

  #writeWhatFits(name: string, file: SimulatedFile, bytes: Uint8Array, position: number): void {
    const room = Math.max(0, this.capacity - this.bytes) + Math.max(0, file.size - position);
    file.write(bytes.subarray(0, Math.min(bytes.length, room)), position);
    if (bytes.length <= room) return;
    throw diskError('ENOSPC', 'write', name);
  }

  /** One operation: `begin` shows its effect, `finish` makes it durable; `part` is what a failure leaves, `atStop` a stop. */
  async #perform(operation: DiskChange, name: string, steps: Steps): Promise<void> {
    if (this.#isStopped) await forever();
    if (this.#operationToCut === undefined || this.#operationToCut === operation) this.#operationsToCut -= 1;
    if (this.#operationsToCut === 0) {
      this.#stoppedAt = { operation, name };
      const { begin, part, atStop = part } = steps;
      // The process may die before the kernel has begun, in the middle, or before it is told of the end.
      if (atStop !== undefined && this.#random.chance(0.7)) atStop();
      else if (begin !== undefined && atStop !== undefined) begin();
      this.stop();
    }
    await this.#pass();
    if (this.#isStopped) await forever();
    const fault = this.#takeFault(operation);
    if (fault !== undefined) {
      steps.part?.();
      throw diskError(fault, operation, name);
    }
    steps.begin?.();
    await this.#pass();
    if (this.#isStopped) await forever();
    steps.finish?.();
  }

  /** Lets a few turns go by, and never ends once the disk has stopped. */
  async #pass(): Promise<void> {
    for (let turns = this.#random.below(4); turns >= 0; turns -= 1) await undefined;
    if (this.#isStopped) await forever();
  }

  #failIfTold(operation: DiskRead, name: string): void {
    const fault = this.#takeFault(operation);
    // No space is no reason for a read to fail.
    if (fault !== undefined) throw diskError(fault === 'ENOSPC' ? 'EIO' : fault, operation, name);
  }

  #handle(name: string): Handle {
    this.#openFiles += 1;
    return new Handle(name, () => {
      this.#openFiles -= 1;
    });
  }

  #takeFault(operation: DiskOperation): string | undefined {
    if (this.flakiness > 0 && this.#random.chance(this.flakiness)) return this.#random.chance(0.5) ? 'EIO' : 'ENOSPC';
    const index = this.#faults.findIndex((fault) => fault.operation === operation);
    const fault = this.#faults[index];
    if (fault === undefined) return undefined;
    fault.after -= 1;
    if (fault.after >= 0) return undefined;
    fault.times -= 1;
    if (fault.times === 0) this.#faults.splice(index, 1);
    return fault.code;
  }

  #perhaps(act: () => void): void {
    if (this.#random.chance(0.5)) act();
  }

  #file(name: string, syscall: string): SimulatedFile {
    const file = this.#names.get(name);
    if (file === undefined) throw diskError('ENOENT', syscall, name);
    return file;
  }

  #change(names: readonly string[], make: NameChange['make']): void {
    this.#changes.push({ names, make });
    make(this.#names);
  }

  #namesAfterPowerCut(): Map<string, SimulatedFile> {
    const left = new Map(this.#durableNames);
    const lost = new Set<string>();
    const isInOrder = this.#random.chance(0.5);
    const share = this.#random.next();
    for (const { names, make } of this.#changes) {
      const isLost =
        names.some((name) => lost.has(name)) || (isInOrder && lost.size > 0) || !this.#random.chance(share);
      if (!isLost) make(left);
      else for (const name of names) lost.add(name);
    }
    return left;
  }

  /** Of bytes that are being written: all, none, or the first of them. */
  #partOf(bytes: Uint8Array): Uint8Array {
    return bytes.subarray(0, this.#random.pick([0, bytes.length, this.#random.below(bytes.length + 1)]));
  }

  #next(found: Found): SimulatedDisk {
    const next = new SimulatedDisk(this.#random.below(2 ** 31), found);
    next.capacity = this.capacity;
    return next;
  }
}

/** What an operation waits for when the disk has stopped: nothing of it may happen after that. A promise of its own each, so that none holds the others. */
function forever(): Promise<never> {
  return new Promise(() => {});
}

/** What the disk before has left. */
interface Found {
  readonly names: Map<string, SimulatedFile>;
  readonly durableNames: Map<string, SimulatedFile>;
  readonly changes: NameChange[];
  readonly tornWrites: number;
}

/** A change of the directory that is not durable yet. */
interface NameChange {
  readonly names: readonly string[];
  readonly make: (names: Map<string, SimulatedFile>) => void;
}

interface Steps {
  readonly begin?: () => void;
  readonly finish?: () => void;
  readonly part?: () => void;
  readonly atStop?: () => void;
}

/** Holds the caller to the contract: one call at a time, and none after the file was closed. */
class Handle {
  readonly #name: string;
  readonly #tellClosed: () => void;
  #isBusy = false;
  #isOpen = true;

  constructor(name: string, tellClosed: () => void) {
    this.#name = name;
    this.#tellClosed = tellClosed;
  }

  async use(act: () => Promise<void>): Promise<void> {
    assert(this.#isOpen, `${this.#name} is open when it is written`);
    assert(!this.#isBusy, `calls of ${this.#name} come one at a time`);
    this.#isBusy = true;
    try {
      await act();
    } finally {
      this.#isBusy = false;
    }
  }

  async close(act: () => Promise<void>): Promise<void> {
    await this.use(act);
    this.#isOpen = false;
    this.#tellClosed();
  }
}

function isPartlyThere(written: SimulatedFile, found: SimulatedFile, position: number, end: number): boolean {
  const wanted = Buffer.alloc(end - position);
  const there = Buffer.alloc(end - position);
  written.read(wanted, position);
  const count = found.read(there, position);
  if (count === wanted.length && wanted.equals(there)) return false;
  return wanted.some((byte, at) => byte !== 0 && at < count && byte === there[at]);
}

const garbage = 0xa5;

function diskError(code: string, syscall: string, name: string): NodeJS.ErrnoException {
  return Object.assign(new Error(`${code}: simulated, ${syscall} '${name}'`), { code, syscall, path: name });
}
