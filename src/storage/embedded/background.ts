import type { KeyRange } from '../store.ts';
import { logName } from './commitLog.ts';
import type { Disk } from './disk.ts';
import { isNoSpace } from './diskErrors.ts';
import type { Job, JobResult } from './jobs.ts';
import type { NeededLogs } from './manifest.ts';
import { nextJoin, nextMerge, nextRewrite } from './mergeSteps.ts';
import type { SealedLog } from './recovery.ts';
import { covered, coveredBelow, type MergeStep, type Run, withFlushed, withMerged, withoutForgotten } from './runs.ts';
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
  /** The logs that are needed, once that one is not. */
  neededLogs(flushed?: SealedLog): NeededLogs;
  /** Makes a piece of ballast if one is wanted; whether it did. */
  keepBallast(): Promise<boolean>;
  /** Removes something that is only kept ready; false if nothing is left. */
  giveUpSpace(): Promise<boolean>;
  /** The work failed, after all had gone well. */
  failed(error: Error): void;
  /** Logs below this number are not needed any more. */
  releaseLogs(below: number): Promise<void>;
}

/**
 * Turns full logs into tables and merges those, one step at a time, while the store takes commits. What a step wrote counts
 * when the manifest names it; a step that fails changed nothing and is done again some commits later. Tables whose merge
 * failed are *aside* until all other work is done: one that can't be read must not stop what has to do with others.
 *
 * It is in one of these modes: *idle*, *working*, *failing* (the last step failed; `failure` says why) or *stopped*.
 */
export class Background {
  readonly #backed: Backed;
  #working: Promise<void> | undefined;
  #failure: Error | undefined;
  #wakesToSkip = 0;
  #failuresInARow = 0;
  /** Came while the work was under way, which may not see to it any more. */
  #isUrged = false;
  #stopped = false;
  /** Numbers of tables. */
  readonly #aside = new Set<number>();
  /** Tables from this number on were left by a job that failed. */
  #leftFrom: number | undefined;
  /** Names of files. */
  readonly #unneeded: string[] = [];
  #forgetting: readonly Forgetting[] = [];

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
      if (this.#stopped || this.#failure !== undefined) this.#doneForgetting(this.#forgetting);
      else if (this.#forgetting.some((each) => this.#isOutOfLogs(each))) this.wake();
      if (this.#isUrged) this.urge();
    });
  }

  /** The same for what can't wait: after a failure, too, the work is tried at once, or as soon as the present try has ended. */
  urge(): void {
    this.#isUrged = this.#working !== undefined;
    this.#wakesToSkip = 0;
    this.wake();
  }

  /**
   * Resolves when nothing of the ranges is left in the logs up to a number, nor in tables that hold nothing else; or when the
   * work fails or stops: then as much of it is left as reads find.
   */
  forget(ranges: readonly KeyRange[], upToLog: number): Promise<void> {
    return new Promise((done) => {
      this.#forgetting = [...this.#forgetting, { ranges, upToLog, done }];
      if (this.#stopped) this.#doneForgetting(this.#forgetting);
      else this.urge();
    });
  }

  /** Resolves when there is nothing to do, or the work fails. */
  async settled(): Promise<void> {
    await this.#working;
  }

  /** Finishes the step that is under way, and lets the manifest tell of the last log if it can be written. */
  async stop(): Promise<void> {
    this.#stopped = true;
    await this.#working;
    await this.#tellOfLogs().catch(() => false);
  }

  /** Makes one run of everything, without tombstones. Rejects when a step fails. */
  async compact(): Promise<void> {
    await this.stop();
    const { tables } = this.#backed;
    for (;;) {
      const log = this.#backed.nextToFlush();
      const step = log === undefined ? this.#nextOfAll() : undefined;
      if (log !== undefined) await this.#flush(log);
      else if (step !== undefined) await this.#merge(step);
      else break;
    }
    await this.#change(tables.runs, this.#backed.neededLogs());
  }

  #nextOfAll(): MergeStep | undefined {
    const { tables, tableBytes } = this.#backed;
    return nextMerge(tables.runs, { stepBytes: mergedAtOnce * tableBytes, all: true }) ?? nextRewrite(tables.runs);
  }

  async #work(): Promise<void> {
    try {
      while (!this.#stopped && ((await this.#stepWithSpace()) || (await this.#backed.keepBallast())));
      const isAllDone = this.#aside.size === 0;
      this.#aside.clear();
      // Those that were aside come next; until then the reason is the same.
      if (!isAllDone) throw this.#failure;
      this.#failure = undefined;
      this.#failuresInARow = 0;
    } catch (error) {
      this.#failure = error instanceof Error ? error : new Error(String(error));
      if (this.#failuresInARow === 0) this.#backed.failed(this.#failure);
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
    if (await this.#tellOfLogs()) return true;
    const { tables, tableBytes } = this.#backed;
    const log = this.#backed.nextToFlush();
    if (log !== undefined) {
      await this.#flush(log);
      return true;
    }
    const forgotten = this.#forgetting.filter((each) => this.#isOutOfLogs(each));
    if (forgotten.length > 0) {
      const left = withoutForgotten(tables.runs, rangesOf(forgotten));
      if (left.flat().length < tables.runs.flat().length) await this.#change(left, this.#backed.neededLogs());
      this.#doneForgetting(forgotten);
      return true;
    }
    const limits = { stepBytes: mergedAtOnce * tableBytes, aside: this.#aside };
    const step = nextMerge(tables.runs, limits) ?? nextJoin(tables.runs, tableBytes, this.#aside);
    if (step !== undefined) {
      await this.#merge(step);
      return true;
    }
    await this.#removeLeft();
    return this.#removeUnneeded();
  }

  /** Whether the manifest did not tell of the logs that are needed. */
  async #tellOfLogs(): Promise<boolean> {
    const { tables } = this.#backed;
    const needed = this.#backed.neededLogs();
    const { firstLog, lastLog } = tables.logs;
    if (needed.firstLog === firstLog && needed.lastLog === lastLog) return false;
    await this.#change(tables.runs, needed);
    return true;
  }

  async #flush(log: SealedLog): Promise<void> {
    const { tables, tableBytes } = this.#backed;
    const result = await this.#run({
      kind: 'flush',
      log: logName(log.number),
      knownEnd: log.end,
      firstTable: tables.nextNumber,
      below: covered(tables.runs),
      forgotten: rangesOf(this.#forgetting),
      maxBytes: tableBytes,
    });
    if (result.kind !== 'flush') throw new Error('A flush was answered by something else.');
    await this.#change(withFlushed(tables.runs, result.tables), this.#backed.neededLogs(log), () =>
      this.#backed.flushed(log),
    );
  }

  /** What those logs hold is in tables, or nowhere. */
  #isOutOfLogs({ upToLog }: Forgetting): boolean {
    return this.#backed.tables.logs.firstLog > upToLog;
  }

  #doneForgetting(those: readonly Forgetting[]): void {
    this.#forgetting = this.#forgetting.filter((each) => !those.includes(each));
    for (const { done } of those) done();
  }

  async #merge(step: MergeStep): Promise<void> {
    const { tables, tableBytes } = this.#backed;
    const result = await this.#run({
      kind: 'merge',
      inputs: step.inputs.map((run) => run.map(refOf)),
      before: step.before,
      firstTable: tables.nextNumber,
      below: coveredBelow(tables.runs, step),
      maxBytes: tableBytes,
    });
    if (result.kind !== 'merge') throw new Error('A merge was answered by something else.');
    await this.#change(withMerged(tables.runs, step, result), this.#backed.neededLogs());
  }

  async #run(job: Job): Promise<JobResult> {
    await this.#removeLeft();
    try {
      return await this.#backed.runJob(job);
    } catch (error) {
      this.#leftFrom = job.firstTable;
      if (job.kind === 'merge' && !isNoSpace(error)) {
        for (const { number } of job.inputs.flat()) this.#aside.add(number);
      }
      // If that fails, too, it is done before the next job.
      await this.#removeLeft().catch(() => undefined);
      throw error;
    }
  }

  /** Of a job that failed nothing is left, since it may have failed for want of space. */
  async #removeLeft(): Promise<void> {
    const from = this.#leftFrom;
    if (from === undefined) return;
    const { disk } = this.#backed;
    for (const name of await disk.names()) if ((tableNumberOf(name) ?? 0) >= from) await disk.remove(name);
    this.#leftFrom = undefined;
  }

  async #change(runs: readonly Run[], logs: NeededLogs, alongside: () => void = () => undefined): Promise<void> {
    const { tables } = this.#backed;
    try {
      await tables.save(runs, logs);
    } catch (error) {
      tables.abandon(runs);
      throw error;
    }
    alongside();
    this.#unneeded.push(...tables.takeOver(runs, logs));
    await this.#removeUnneeded();
  }

  /** Whether there was something. What can't be removed now is, after the next change or when all other work is done. */
  async #removeUnneeded(): Promise<boolean> {
    await this.#backed.releaseLogs(this.#backed.tables.logs.firstLog);
    const names = this.#unneeded.splice(0);
    let failure: unknown;
    for (const name of names) {
      await this.#backed.disk.remove(name).catch((error: unknown) => {
        failure = error;
        this.#unneeded.push(name);
      });
    }
    if (failure !== undefined) throw failure;
    return names.length > 0;
  }
}

/** A wish to forget. */
interface Forgetting {
  readonly ranges: readonly KeyRange[];
  readonly upToLog: number;
  readonly done: () => void;
}

function rangesOf(those: readonly Forgetting[]): KeyRange[] {
  return those.flatMap(({ ranges }) => ranges).sort((a, b) => Buffer.compare(a.from, b.from));
}

const mostWakesToSkip = 32;
/** So many full tables are read in one step. */
const mergedAtOnce = 4;

function refOf({ summary, from }: Run[number]): { number: number; from?: Buffer } {
  return { number: summary.number, ...(from && { from }) };
}
