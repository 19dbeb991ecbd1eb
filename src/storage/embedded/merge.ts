import type { Disk } from './disk.ts';
import { compareKeys, compareRanges, entryHeaderBytes } from './entryBytes.ts';
import type { MergeJob, MergeResult, TableRef } from './jobs.ts';
import { type EntryCursor, mergeCursors } from './mergeCursors.ts';
import { smallShare } from './mergeSteps.ts';
import type { TableCursor } from './tableCursor.ts';
import { TableReader } from './tableReader.ts';
import { Tombstones } from './tombstones.ts';
import { type EntryPlace, writeTables } from './writeTables.ts';

/** Makes tables from parts of some runs. Of a key that several have, the youngest's entry is the one. */
export async function merge(disk: Disk, job: MergeJob): Promise<MergeResult> {
  const inputs = job.inputs.map((tables) => new MergeInput(disk, tables, job.before));
  const { firstTable, maxBytes } = job;
  // Tables that are only joined are to be one.
  const enough = inputs.length === 1 ? Number.POSITIVE_INFINITY : 1 / smallShare;
  try {
    for (const input of inputs) input.enter();
    // Of two runs one table: what lies behind it may not be the most worthwhile any more.
    const mostTables = inputs.length === 2 ? 1 : Number.POSITIVE_INFINITY;
    const plan = { firstTable, maxBytes, enough, mostBytes: maxBytes, mostTables };
    return { kind: 'merge', ...(await writeTables(disk, merged(inputs, job), plan)) };
  } finally {
    for (const input of inputs) input.close();
  }
}

function* merged(inputs: readonly MergeInput[], job: MergeJob): Generator<EntryPlace> {
  const tombstones = new Tombstones(job.below);
  const cursor = mergeCursors(inputs);
  for (let entry = cursor.source?.entry; entry !== undefined; cursor.next(), entry = cursor.source?.entry) {
    if (!tombstones.isIdle(entry.bytes, entry.at)) yield entry;
  }
}

/** The entries of tables that ascend and don't overlap, one table after the other: of many, one is open at a time. */
class MergeInput implements EntryCursor {
  readonly #disk: Disk;
  readonly #tables: TableRef[];
  readonly #before: Uint8Array | undefined;
  #reader: TableReader | undefined;
  /** The current one, undefined at the end, and until `enter` is called. */
  entry: TableCursor | undefined;
  /** Some entries of this table lie behind the end. */
  #isCut = false;

  constructor(disk: Disk, tables: readonly TableRef[], before: Uint8Array | undefined) {
    this.#disk = disk;
    this.#tables = [...tables];
    this.#before = before;
  }

  get key(): Buffer | undefined {
    return this.entry?.key;
  }

  get value(): Buffer | undefined {
    return this.entry?.value;
  }

  next(): void {
    this.entry?.next();
    this.#stopAtEnd();
  }

  /** Goes to the first entry of the next table. */
  enter(): void {
    const memory = this.entry?.bytes;
    this.close();
    this.entry = undefined;
    const table = this.#tables.shift();
    if (table === undefined) return;
    this.#reader = TableReader.open(this.#disk, table.number);
    this.entry = this.#reader.cursor(table.from ?? nothing, memory);
    this.#isCut = this.#before !== undefined && compareKeys(this.#reader.summary.last, this.#before) >= 0;
    this.#stopAtEnd();
  }

  close(): void {
    this.#reader?.close();
    this.#reader = undefined;
  }

  #stopAtEnd(): void {
    if (this.entry === undefined) return;
    if (this.entry.at < 0) this.enter();
    else if (this.#isCut && this.#isBehindEnd(this.entry)) this.entry = undefined;
  }

  #isBehindEnd({ bytes, at, keyEnd }: TableCursor): boolean {
    const before = this.#before as Uint8Array;
    return compareRanges(bytes, at + entryHeaderBytes, keyEnd, before, 0, before.length) >= 0;
  }
}

const nothing = new Uint8Array(0);
