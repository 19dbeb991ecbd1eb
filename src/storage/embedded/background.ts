import { logName } from './commitLog.ts';
import type { Disk } from './disk.ts';
import { isNoSpace } from './diskErrors.ts';
import type { Job, JobResult } from './jobs.ts';
import type { SealedLog } from './recovery.ts';
import {
  covered,
  type MergeStep,
  nextJoin,
  nextMerge,
  nextRewrite,
  type Run,
  withFlushed,
  withMerged,
} from './runs.ts';
import { tableNumberOf } from './table.ts';
import type { Tables } from './tables.ts';

/** What the background works for. */
export interface Backed {
  readonly disk: Disk;
  readonly tables: Tables;
  readonly tableBytes: number;
  runJob(job: Job): Promise<JobResult>;
  /** The oldest log that is to become tables. */
  nextToFlush(): SealedLog | undefined;
  /** In the turn in which reads begin to find the log's contents in tables. */
  flushed(log: SealedLog): void;
  /** The number of the oldest log that is needed once that one is not. */
  firstLogNeeded(flushed?: SealedLog): number;
  /** Makes a piece of ballast if one is wanted; whether it did. */
  keepBallast(): Promise<boolean>;
  /** Removes something that is only kept ready; false if nothing is left. */
  giveUpSpace(): Promise<boolean>;
  /** Logs below this number are not needed any more. */
  releaseLogs(below: number): Promise<void>;
}

/**
 * Turns full logs into tables and merges those, one step at a time, while the store takes commits. What a step wrote counts
 * when the manifest names it; a step that fails changed nothing and is done again some commits later.
 *
 * It is in one of these modes: *idle*, *working*, *failing* (the last step failed; `failure` says why) or *stopped*.
 */
export class Background {
  readonly #backed: Backed;
  #working: Promise<void> | undefined;
  #failure: Error | undefined;
  #wakesToSkip = 0;
  #failuresInARow = 0;
  #stopped = false;

  constructor(backed: Backed) {
    this.#backed = backed;
  }

  get failure(): Error | undefined {
    return this.#failure;
  }

  /** To be called after every commit that may have brought work. After a failure most of these calls do nothing. */
  wake(): void {
    if (this.#working !== undefined || this.#stopped) return;
    if (this.#wakesToSkip > 0) {
      this.#wakesToSkip -= 1;
      return;
    }
    this.#working = this.#work().finally(() => {
      this.#working = undefined;
    });
  }

  /** The same for one who can't wait: after a failure, too, the work is tried at once. */
  urge(): void {
    this.#wakesToSkip = 0;
    this.wake();
  }

  /** Resolves when there is nothing to do, or the work fails. */
  async settled(): Promise<void> {
    await this.#working;
  }

  /** Finishes the step that is under way. */
  async stop(): Promise<void> {
    this.#stopped = true;
    await this.#working;
  }

  /** Makes one run of everything, without tombstones. Rejects when a step fails. */
  async compact(): Promise<void> {
    await this.stop();
    const { tables, tableBytes } = this.#backed;
    for (;;) {
      const log = this.#backed.nextToFlush();
      const step =
        log === undefined
          ? (nextMerge(tables.runs, mergedAtOnce * tableBytes, true) ?? nextRewrite(tables.runs))
          : undefined;
      if (log !== undefined) await this.#flush(log);
      else if (step !== undefined) await this.#merge(step);
      else break;
    }
    await this.#change(tables.runs, this.#backed.firstLogNeeded());
  }

  async #work(): Promise<void> {
    try {
      while (!this.#stopped && ((await this.#stepWithSpace()) || (await this.#backed.keepBallast())));
      this.#failure = undefined;
      this.#failuresInARow = 0;
    } catch (error) {
      this.#failure = error instanceof Error ? error : new Error(String(error));
      this.#wakesToSkip = Math.min(2 ** this.#failuresInARow, mostWakesToSkip);
      this.#failuresInARow += 1;
    }
  }

  /** As long as something is kept ready, a full disk is no reason to fail. */
  async #stepWithSpace(): Promise<boolean> {
    for (;;) {
      try {
        return await this.#step();
      } catch (error) {
        if (!isNoSpace(error) || !(await this.#backed.giveUpSpace())) throw error;
      }
    }
  }

  /** Whether there was something to do. */
  async #step(): Promise<boolean> {
    const { tables } = this.#backed;
    const log = this.#backed.nextToFlush();
    if (log !== undefined) {
      await this.#flush(log);
      return true;
    }
    const { tableBytes } = this.#backed;
    const step = nextMerge(tables.runs, mergedAtOnce * tableBytes) ?? nextJoin(tables.runs, tableBytes);
    if (step !== undefined) {
      await this.#merge(step);
      return true;
    }
    const needed = this.#backed.firstLogNeeded();
    if (needed === tables.firstLog) return false;
    await this.#change(tables.runs, needed);
    return true;
  }

  async #flush(log: SealedLog): Promise<void> {
    const { tables, tableBytes } = this.#backed;
    const result = await this.#run({
      kind: 'flush',
      log: logName(log.number),
      knownEnd: log.end,
      firstTable: tables.takeNumbers(tablesOfLog),
      below: covered(tables.runs),
      maxBytes: tableBytes,
    });
    if (result.kind !== 'flush') throw new Error('A flush was answered by something else.');
    await this.#change(withFlushed(tables.runs, result.tables), this.#backed.firstLogNeeded(log), () =>
      this.#backed.flushed(log),
    );
  }

  async #merge(step: MergeStep): Promise<void> {
    const { tables, tableBytes } = this.#backed;
    const { into, younger, older, before } = step;
    const result = await this.#run({
      kind: 'merge',
      younger: younger.map(refOf),
      older: older.map(refOf),
      before,
      table: tables.takeNumbers(1),
      below: covered(tables.runs.slice(into + 1)),
      maxBytes: tableBytes,
    });
    if (result.kind !== 'merge') throw new Error('A merge was answered by something else.');
    await this.#change(withMerged(tables.runs, step, result), this.#backed.firstLogNeeded());
  }

  /** Of a job that failed nothing is left, since it may have failed for want of space. */
  async #run(job: Job): Promise<JobResult> {
    try {
      return await this.#backed.runJob(job);
    } catch (error) {
      const first = job.kind === 'flush' ? job.firstTable : job.table;
      const { disk } = this.#backed;
      for (const name of await disk.names()) if ((tableNumberOf(name) ?? 0) >= first) await disk.remove(name);
      throw error;
    }
  }

  async #change(runs: readonly Run[], firstLog: number, alongside: () => void = () => undefined): Promise<void> {
    const { tables, disk } = this.#backed;
    try {
      await tables.save(runs, firstLog);
    } catch (error) {
      tables.abandon();
      throw error;
    }
    alongside();
    for (const name of tables.takeOver(runs, firstLog)) await disk.remove(name);
    await this.#backed.releaseLogs(firstLog);
  }
}

const mostWakesToSkip = 32;
/** A log gives fewer tables than this, at whatever borders they are cut. */
const tablesOfLog = 4096;
/** So many tables' worth of older entries are read in one step. */
const mergedAtOnce = 4;

function refOf({ summary, from }: Run[number]): { number: number; from?: Buffer } {
  return { number: summary.number, ...(from && { from }) };
}
