import type { Disk } from './disk.ts';
import { entryHeaderBytes, keyEndOf, ownCopy } from './entryBytes.ts';
import type { TableSummary } from './table.ts';
import { TableWriter } from './tableWriter.ts';

/** An entry is `bytes[at..end)`, until the next one is asked for. */
export interface EntryPlace {
  readonly bytes: Buffer;
  readonly at: number;
  readonly end: number;
}

export interface TablesPlan {
  /** They are numbered from here on. */
  readonly firstTable: number;
  /** Of entries in a table. */
  readonly maxBytes: number;
  /** Of `maxBytes`: what a table has to weigh to end where `tableEnds.ts` says. */
  readonly enough: number;
  /** Of entries in all tables, unless a single one has more. */
  readonly mostBytes?: number;
  readonly mostTables?: number;
}

export interface WrittenTables {
  /** Ascending. */
  readonly tables: TableSummary[];
  /** The key of the first entry that they don't have; undefined: they have all. */
  readonly upTo: Buffer | undefined;
}

/** Makes tables of entries that ascend. When it rejects, some without an end may be left. */
export async function writeTables(disk: Disk, entries: Iterable<EntryPlace>, plan: TablesPlan): Promise<WrittenTables> {
  const { firstTable, maxBytes, enough, mostBytes = unlimited, mostTables = unlimited } = plan;
  const tables: TableSummary[] = [];
  let total = 0;
  let upTo: Buffer | undefined;
  let writer: TableWriter | undefined;
  try {
    for (const { bytes, at, end } of entries) {
      const length = end - at;
      const endsTable = writer?.endsBefore(bytes, at, end, maxBytes, enough) ?? false;
      const isFull = total > 0 && total + length > mostBytes;
      if (isFull || (endsTable && tables.length + 1 === mostTables)) {
        upTo = ownCopy(bytes.subarray(at + entryHeaderBytes, keyEndOf(bytes, at)));
        break;
      }
      if (writer !== undefined && endsTable) {
        tables.push(await writer.finish());
        writer = undefined;
      }
      writer ??= await TableWriter.create(disk, firstTable + tables.length);
      writer.add(bytes, at, end);
      total += length;
      if (writer.isPieceFull) await writer.writePiece();
    }
    if (writer !== undefined) tables.push(await writer.finish());
    return { tables, upTo };
  } catch (error) {
    await writer?.abandon();
    throw error;
  }
}

const unlimited = Number.POSITIVE_INFINITY;
