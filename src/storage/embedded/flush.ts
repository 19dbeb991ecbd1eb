import { required } from '#std/assert';
import { type ReplayedFrame, replayLog } from './commitLog.ts';
import type { Disk } from './disk.ts';
import { compareRanges, entryHeaderBytes, keyEndOf } from './entryBytes.ts';
import { ForgottenEntries } from './forgottenEntries.ts';
import type { FlushJob, FlushResult } from './jobs.ts';
import { Memtable } from './memtable.ts';
import type { TableSummary } from './table.ts';
import { TableWriter } from './tableWriter.ts';
import { Tombstones } from './tombstones.ts';

/** A kind of entry and a queue's id: as far as that the keys of one queue's messages are alike (`storage/keys.ts`). */
const prefixBytes = 7;

/** Of `maxBytes`: a table with less is not ended because another prefix begins. */
const shareForPrefix = 1 / 16;

/** A tombstone counts as much there, about what it hides: so those of a long queue come to lie alone, too. */
const bytesOfTombstone = 1024;

/** Makes tables from what a log's operations come to. */
export async function flush(disk: Disk, job: FlushJob): Promise<FlushResult> {
  const latest = new Memtable();
  const adopt = ({ bytes, firstRecordAt, operations }: ReplayedFrame) => latest.adopt(bytes, firstRecordAt, operations);
  required(replayLog(disk, job.log, adopt, job.knownEnd), `the header of ${job.log}`);
  const tombstones = new Tombstones(job.below);
  const forgotten = new ForgottenEntries(job.forgotten);
  const tables: TableSummary[] = [];
  let writer: TableWriter | undefined;
  let previous: Place | undefined;
  try {
    for (const place of latest.entries()) {
      if (forgotten.has(place.bytes, place.at) || tombstones.isIdle(place.bytes, place.at)) continue;
      if (writer !== undefined && previous !== undefined && isTableEnd(job, writer, previous, place)) {
        tables.push(await writer.finish());
        writer = undefined;
      }
      writer ??= await TableWriter.create(disk, job.firstTable + tables.length);
      writer.add(place.bytes, place.at, place.end);
      if (writer.isPieceFull) await writer.writePiece();
      previous = place;
    }
    if (writer !== undefined) tables.push(await writer.finish());
    return { kind: 'flush', tables };
  } catch (error) {
    await writer?.abandon();
    throw error;
  }
}

/**
 * Whether a table ends between two entries: when it is full; where another kind of entry begins, so that the few of all
 * queues don't make a table that overlaps all their messages; and where another queue begins, when there is enough.
 */
function isTableEnd({ maxBytes }: FlushJob, table: TableWriter, previous: Place, next: Place): boolean {
  if (table.entryBytes + next.end - next.at > maxBytes) return true;
  if (previous.bytes[previous.at + entryHeaderBytes] !== next.bytes[next.at + entryHeaderBytes]) return true;
  const weight = table.entryBytes + bytesOfTombstone * table.tombstones;
  return weight >= maxBytes * shareForPrefix && comparePrefixes(previous, next) !== 0;
}

function comparePrefixes(a: Place, b: Place): number {
  const [aFrom, bFrom] = [a.at + entryHeaderBytes, b.at + entryHeaderBytes];
  const aTo = Math.min(aFrom + prefixBytes, keyEndOf(a.bytes, a.at));
  return compareRanges(a.bytes, aFrom, aTo, b.bytes, bFrom, Math.min(bFrom + prefixBytes, keyEndOf(b.bytes, b.at)));
}

/** Where an entry lies: `bytes[at..end)`. */
interface Place {
  readonly bytes: Buffer;
  readonly at: number;
  readonly end: number;
}
