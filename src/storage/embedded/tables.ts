import { asBuffer } from '#std/bytes';
import { BlockCache } from './blockCache.ts';
import type { Disk } from './disk.ts';
import { StoreDamaged } from './diskErrors.ts';
import { compareKeys } from './entryBytes.ts';
import { type Manifest, type NeededLogs, writeManifest } from './manifest.ts';
import type { EntryCursor } from './mergeCursors.ts';
import { type CoveredRange, covered, firstOf, indexOf, type LiveTable, type Run } from './runs.ts';
import { tableName, tableNumberOf } from './table.ts';
import { TableReader } from './tableReader.ts';

/**
 * The tables of a store as they are now, for reads, and the manifest that names them. A change is *saved* (the new tables
 * are open, the manifest durable) and then *taken over*, in one turn with what else changes by it.
 */
export class Tables {
  readonly #disk: Disk;
  readonly #readers: Map<number, TableReader>;
  readonly #cache: BlockCache;
  #runs: readonly Run[];
  #logs: NeededLogs;
  #nextNumber: number;
  #bytes = 0;
  readonly #abandoned: string[] = [];
  #ranges: readonly CoveredRange[] | undefined;

  /** Throws `StoreDamaged` or `TableDamaged`. What the manifest doesn't name is left over from work that was interrupted, and removed. */
  static async open(disk: Disk, names: readonly string[], manifest: Manifest): Promise<Tables> {
    const readers = new Map<number, TableReader>();
    const cache = new BlockCache();
    const there = new Set(names);
    try {
      const runs = manifest.runs.map((run) =>
        run.map(({ table, from }): LiveTable => {
          if (!there.has(tableName(table))) throw new StoreDamaged(`${tableName(table)} is missing`);
          const reader = TableReader.open(disk, table, cache);
          readers.set(table, reader);
          return from === undefined ? reader : { summary: reader.summary, from: Buffer.from(from, 'hex') };
        }),
      );
      const numbers = names.map(tableNumberOf).filter((number) => number !== undefined);
      for (const number of numbers) if (!readers.has(number)) await disk.remove(tableName(number));
      const { firstLog, lastLog } = manifest;
      return new Tables(disk, readers, cache, runs, { firstLog, lastLog }, Math.max(0, ...numbers) + 1);
    } catch (error) {
      for (const reader of readers.values()) reader.close();
      throw error;
    }
  }

  private constructor(
    disk: Disk,
    readers: Map<number, TableReader>,
    cache: BlockCache,
    runs: readonly Run[],
    logs: NeededLogs,
    nextNumber: number,
  ) {
    this.#disk = disk;
    this.#readers = readers;
    this.#cache = cache;
    this.#runs = runs;
    this.#logs = logs;
    this.#nextNumber = nextNumber;
    this.#noteContents();
  }

  get runs(): readonly Run[] {
    return this.#runs;
  }

  /** Of all tables' files. */
  get bytes(): number {
    return this.#bytes;
  }

  /** As the manifest has it. */
  get logs(): NeededLogs {
    return this.#logs;
  }

  /** No table of this number, or of a higher one, has been in a change. */
  get nextNumber(): number {
    return this.#nextNumber;
  }

  /** Whether a table may have the key: it lies between the first and the last of one. */
  mayHave(key: Uint8Array): boolean {
    this.#ranges ??= covered(this.#runs);
    let low = 0;
    let high = this.#ranges.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (compareKeys((this.#ranges[middle] as CoveredRange).last, key) < 0) low = middle + 1;
      else high = middle;
    }
    const range = this.#ranges[low];
    return range !== undefined && compareKeys(range.first, key) <= 0;
  }

  /** A copy. */
  get(key: Uint8Array): Buffer | 'deleted' | undefined {
    for (const run of this.#runs) {
      const table = run[indexOf(run, ({ summary }) => Buffer.compare(summary.last, key) >= 0)];
      if (table === undefined || Buffer.compare(firstOf(table), key) > 0) continue;
      const found = this.#reader(table).get(key);
      if (found !== undefined) return found;
    }
    return undefined;
  }

  /** One for each run with something in the range, the youngest first. They may go beyond `to`. */
  cursors(from: Uint8Array, to: Uint8Array): EntryCursor[] {
    return this.#runs.flatMap((run) => {
      const start = indexOf(run, ({ summary }) => Buffer.compare(summary.last, from) >= 0);
      const table = run[start];
      if (table === undefined || Buffer.compare(firstOf(table), to) >= 0) return [];
      return [new RunCursor(run, start, asBuffer(from), asBuffer(to), (each) => this.#reader(each))];
    });
  }

  /** Makes a change durable. When it rejects, the manifest is the one or the other; `abandon` comes next. */
  async save(runs: readonly Run[], logs: NeededLogs): Promise<void> {
    const tables = runs.flat();
    this.#nextNumber = tables.reduce((next, { summary }) => Math.max(next, summary.number + 1), this.#nextNumber);
    for (const { summary } of tables) {
      if (!this.#readers.has(summary.number)) {
        this.#readers.set(summary.number, TableReader.open(this.#disk, summary.number, this.#cache));
      }
    }
    await writeManifest(this.#disk, {
      ...logs,
      runs: runs.map((run) =>
        run.map(({ summary, from }) => ({ table: summary.number, ...(from && { from: from.toString('hex') }) })),
      ),
    });
  }

  /** After `save`: reads see it from here on. The result: names of files that nobody needs any more. */
  takeOver(runs: readonly Run[], logs: NeededLogs): string[] {
    this.#runs = runs;
    this.#logs = logs;
    this.#noteContents();
    return [...this.#abandoned.splice(0), ...this.#forgetOthers(runs)];
  }

  /** After a `save` that failed. The manifest may name the new tables all the same, so they stay until another is durable. */
  abandon(runs: readonly Run[]): void {
    this.#forgetOthers(this.#runs);
    const kept = numbersOf(this.#runs);
    for (const number of numbersOf(runs)) if (!kept.has(number)) this.#abandoned.push(tableName(number));
  }

  close(): void {
    for (const reader of this.#readers.values()) reader.close();
    this.#readers.clear();
  }

  #forgetOthers(runs: readonly Run[]): string[] {
    const kept = numbersOf(runs);
    const names: string[] = [];
    for (const [number, reader] of this.#readers) {
      if (kept.has(number)) continue;
      reader.close();
      this.#readers.delete(number);
      names.push(tableName(number));
    }
    return names;
  }

  #noteContents(): void {
    this.#bytes = this.#runs.flat().reduce((sum, { summary }) => sum + summary.bytes, 0);
    this.#ranges = undefined;
  }

  #reader({ summary }: LiveTable): TableReader {
    return this.#readers.get(summary.number) as TableReader;
  }
}

function numbersOf(runs: readonly Run[]): Set<number> {
  return new Set(runs.flat().map(({ summary }) => summary.number));
}

/** The entries of a run from a key on, table by table. */
class RunCursor implements EntryCursor {
  readonly #run: Run;
  readonly #to: Buffer;
  readonly #reader: (table: LiveTable) => TableReader;
  #index: number;
  #cursor: EntryCursor | undefined;

  constructor(run: Run, index: number, from: Buffer, to: Buffer, reader: (table: LiveTable) => TableReader) {
    this.#run = run;
    this.#index = index;
    this.#to = to;
    this.#reader = reader;
    this.#enter(from);
  }

  get key(): Buffer | undefined {
    return this.#cursor?.key;
  }

  get value(): Buffer | undefined {
    return this.#cursor?.value;
  }

  next(): void {
    this.#cursor?.next();
    this.#enterNextIfAtEnd();
  }

  #enter(from: Buffer): void {
    const table = this.#run[this.#index];
    this.#cursor = undefined;
    if (table === undefined || Buffer.compare(firstOf(table), this.#to) >= 0) return;
    const first = firstOf(table);
    this.#cursor = this.#reader(table).cursor(Buffer.compare(first, from) > 0 ? first : from);
    this.#enterNextIfAtEnd();
  }

  #enterNextIfAtEnd(): void {
    if (this.#cursor === undefined || this.#cursor.key !== undefined) return;
    this.#index += 1;
    const table = this.#run[this.#index];
    if (table === undefined) this.#cursor = undefined;
    else this.#enter(firstOf(table));
  }
}
