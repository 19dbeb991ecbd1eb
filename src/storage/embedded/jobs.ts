/**
 * The background work: to make tables from a log, and fewer tables from many. Jobs and results are plain data. A job
 * changes nothing but the tables that it writes, which are synced when it resolves; the directory is for the caller to
 * sync. When it rejects, tables without an end may be left.
 */
import type { KeyRange } from '../store.ts';
import type { Disk } from './disk.ts';
import { flush } from './flush.ts';
import { merge } from './merge.ts';
import type { TableSummary } from './table.ts';

/** A log becomes tables, with the last operation on each key. */
export interface FlushJob {
  readonly kind: 'flush';
  /** Name of the log's file. */
  readonly log: string;
  readonly knownEnd: number;
  /** The tables are numbered from here on. */
  readonly firstTable: number;
  readonly below: readonly OlderRange[];
  /** What nobody needs any more and is left out. Ascending and disjoint. */
  readonly forgotten: readonly KeyRange[];
  /** Of entries in a table; `tableEnds.ts` says where else one ends. */
  readonly maxBytes: number;
}

/**
 * Both ends included: where older tables, that take no part, may have entries. A tombstone elsewhere hides nothing and is
 * dropped. The ranges of a job ascend and are disjoint.
 */
export interface OlderRange {
  readonly first: Uint8Array;
  readonly last: Uint8Array;
}

/** What parts of some runs hold becomes tables, or its first `maxBytes` do; of two runs, what the first table has. */
export interface MergeJob {
  readonly kind: 'merge';
  /** By run, the youngest first. Those of a run ascend. */
  readonly inputs: readonly (readonly TableRef[])[];
  /** Entries from here on don't take part; undefined: all do. */
  readonly before?: Uint8Array | undefined;
  /** The tables are numbered from here on. */
  readonly firstTable: number;
  readonly below: readonly OlderRange[];
  /** Of entries in all of the tables. */
  readonly maxBytes: number;
}

/** Entries below `from` are not there any more. */
export interface TableRef {
  readonly number: number;
  readonly from?: Uint8Array | undefined;
}

export interface FlushResult {
  readonly kind: 'flush';
  /** Ascending. */
  readonly tables: TableSummary[];
}

export interface MergeResult {
  readonly kind: 'merge';
  /** Ascending; none: nothing was left. */
  readonly tables: TableSummary[];
  /** What lies below it has been merged. Undefined: all that took part has. */
  readonly upTo: Buffer | undefined;
}

export type Job = FlushJob | MergeJob;
export type JobResult = FlushResult | MergeResult;

/** `logMemory` gives what a log is read into; where one job runs at a time it may be the same each time. */
export async function runJob(disk: Disk, job: Job, logMemory?: (bytes: number) => Buffer): Promise<JobResult> {
  switch (job.kind) {
    case 'flush':
      return flush(disk, job, logMemory);
    case 'merge':
      return merge(disk, job);
    default:
      throw job satisfies never;
  }
}
