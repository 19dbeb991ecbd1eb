import { required } from '#std/assert';
import { type ReplayedFrame, replayLog } from './commitLog.ts';
import type { Disk } from './disk.ts';
import { ForgottenEntries } from './forgottenEntries.ts';
import type { FlushJob, FlushResult } from './jobs.ts';
import { Memtable } from './memtable.ts';
import type { TableSummary } from './table.ts';
import { TableWriter } from './tableWriter.ts';
import { Tombstones } from './tombstones.ts';

/** Of `maxBytes`: what a table has to weigh to end where `tableEnds.ts` says. */
const enough = 1 / 16;

/** Makes tables from what a log's operations come to. `memory` is for the log, and may be used again when it resolves. */
export async function flush(disk: Disk, job: FlushJob, memory?: (bytes: number) => Buffer): Promise<FlushResult> {
  const latest = new Memtable();
  const adopt = ({ bytes, firstRecordAt, operations }: ReplayedFrame) => latest.adopt(bytes, firstRecordAt, operations);
  required(replayLog(disk, job.log, adopt, job.knownEnd, memory), `the header of ${job.log}`);
  const tombstones = new Tombstones(job.below);
  const forgotten = new ForgottenEntries(job.forgotten);
  const tables: TableSummary[] = [];
  let writer: TableWriter | undefined;
  try {
    for (const { bytes, at, end } of latest.entries()) {
      if (forgotten.has(bytes, at) || tombstones.isIdle(bytes, at)) continue;
      if (writer?.endsBefore(bytes, at, end, job.maxBytes, enough)) {
        tables.push(await writer.finish());
        writer = undefined;
      }
      writer ??= await TableWriter.create(disk, job.firstTable + tables.length);
      writer.add(bytes, at, end);
      if (writer.isPieceFull) await writer.writePiece();
    }
    if (writer !== undefined) tables.push(await writer.finish());
    return { kind: 'flush', tables };
  } catch (error) {
    await writer?.abandon();
    throw error;
  }
}
