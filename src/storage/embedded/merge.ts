import type { Disk } from './disk.ts';
import { compareKeys, compareRanges, entryHeaderBytes, ownCopy } from './entryBytes.ts';
import type { MergeJob, MergeResult, TableRef } from './jobs.ts';
import { smallShare } from './runs.ts';
import type { TableCursor } from './tableCursor.ts';
import { TableReader } from './tableReader.ts';
import { TableWriter } from './tableWriter.ts';
import { Tombstones } from './tombstones.ts';

/** Makes one table from parts of two runs. Of a key that both have, the younger's entry is the one. */
export async function merge(disk: Disk, job: MergeJob): Promise<MergeResult> {
  const readers: TableReader[] = [];
  const open = ({ number, from }: TableRef): Source => {
    const reader = TableReader.open(disk, number);
    readers.push(reader);
    return { reader, from };
  };
  const tombstones = new Tombstones(job.below);
  // Tables that are only joined are to be one.
  const enough = job.older.length === 0 ? Number.POSITIVE_INFINITY : 1 / smallShare;
  let writer: TableWriter | undefined;
  try {
    const younger = new MergeInput(job.younger.map(open), job.before);
    const older = new MergeInput(job.older.map(open), job.before);
    let upTo: Buffer | undefined;
    for (;;) {
      const order = compareInputs(younger, older);
      const entry = order > 0 ? older.entry : younger.entry;
      if (entry === undefined) break;
      if (!tombstones.isIdle(entry.bytes, entry.at)) {
        writer ??= await TableWriter.create(disk, job.table);
        if (writer.endsBefore(entry.bytes, entry.at, entry.end, job.maxBytes, enough)) {
          upTo = ownCopy(entry.bytes.subarray(entry.at + entryHeaderBytes, entry.keyEnd));
          break;
        }
        writer.add(entry.bytes, entry.at, entry.end);
        if (writer.isPieceFull) await writer.writePiece();
      }
      if (order <= 0) younger.next();
      if (order >= 0) older.next();
    }
    return { kind: 'merge', table: await writer?.finish(), upTo };
  } catch (error) {
    await writer?.abandon();
    throw error;
  } finally {
    for (const reader of readers) reader.close();
  }
}

/** Negative: the younger's entry is next. 0: both have the key, or none has entries left. */
function compareInputs({ entry: younger }: MergeInput, { entry: older }: MergeInput): number {
  if (younger === undefined || older === undefined) return Number(younger === undefined) - Number(older === undefined);
  const [youngerFrom, olderFrom] = [younger.at + entryHeaderBytes, older.at + entryHeaderBytes];
  return compareRanges(younger.bytes, youngerFrom, younger.keyEnd, older.bytes, olderFrom, older.keyEnd);
}

interface Source {
  readonly reader: TableReader;
  readonly from: Uint8Array | undefined;
}

/** The entries of tables that ascend and don't overlap, one table after the other. */
class MergeInput {
  readonly #sources: Source[];
  readonly #before: Uint8Array | undefined;
  /** The current one, undefined at the end. */
  entry: TableCursor | undefined;
  /** Some entries of this table lie behind the end. */
  #isCut = false;

  constructor(sources: Source[], before: Uint8Array | undefined) {
    this.#sources = sources;
    this.#before = before;
    this.#enterTable();
  }

  next(): void {
    this.entry?.next();
    this.#stopAtEnd();
  }

  #enterTable(): void {
    const source = this.#sources.shift();
    this.entry = source?.reader.cursor(source.from ?? nothing, this.entry?.bytes);
    const last = source?.reader.summary.last;
    this.#isCut = this.#before !== undefined && last !== undefined && compareKeys(last, this.#before) >= 0;
    this.#stopAtEnd();
  }

  #stopAtEnd(): void {
    if (this.entry === undefined) return;
    if (this.entry.at < 0) this.#enterTable();
    else if (this.#isCut && this.#isBehindEnd(this.entry)) this.entry = undefined;
  }

  #isBehindEnd({ bytes, at, keyEnd }: TableCursor): boolean {
    const before = this.#before as Uint8Array;
    return compareRanges(bytes, at + entryHeaderBytes, keyEnd, before, 0, before.length) >= 0;
  }
}

const nothing = new Uint8Array(0);
