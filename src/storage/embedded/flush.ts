import { required } from '#std/assert';
import { type ReplayedFrame, replayLog } from './commitLog.ts';
import type { Disk } from './disk.ts';
import { ForgottenEntries } from './forgottenEntries.ts';
import type { FlushJob, FlushResult } from './jobs.ts';
import { Memtable } from './memtable.ts';
import { Tombstones } from './tombstones.ts';
import { type EntryPlace, writeTables } from './writeTables.ts';

const enough = 1 / 16;

/** Makes tables from what a log's operations come to. `memory` is for the log, and may be used again when it resolves. */
export async function flush(disk: Disk, job: FlushJob, memory?: (bytes: number) => Buffer): Promise<FlushResult> {
  const latest = new Memtable();
  const adopt = ({ bytes, firstRecordAt, operations }: ReplayedFrame) => latest.adopt(bytes, firstRecordAt, operations);
  required(replayLog(disk, job.log, adopt, job.knownEnd, memory), `the header of ${job.log}`);
  const { firstTable, maxBytes } = job;
  const { tables } = await writeTables(disk, wanted(latest, job), { firstTable, maxBytes, enough });
  return { kind: 'flush', tables };
}

function* wanted(latest: Memtable, job: FlushJob): Generator<EntryPlace> {
  const tombstones = new Tombstones(job.below);
  const forgotten = new ForgottenEntries(job.forgotten);
  for (const entry of latest.entries()) {
    if (!forgotten.has(entry.bytes, entry.at) && !tombstones.isIdle(entry.bytes, entry.at)) yield entry;
  }
}
