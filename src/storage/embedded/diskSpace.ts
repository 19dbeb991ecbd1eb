import { CommitFailed } from '../store.ts';
import type { CommitLog } from './commitLog.ts';
import type { Disk } from './disk.ts';
import { isNoSpace, toCommitFailed } from './diskErrors.ts';
import type { Memtable } from './memtable.ts';
import { Ballast, type Growth, keptFrom } from './reserve.ts';
import type { Tables } from './tables.ts';

export interface KeptSpace {
  /** In the newest log. */
  readonly keptBytes: number;
  /** Of each piece of the ballast. */
  readonly ballastPieceBytes: number;
  /** What is not more goes from log to log, and never takes space beside them. */
  readonly carriedBytes: number;
  /** Of the entries of a table. */
  readonly tableBytes: number;
}

/**
 * The space of a disk that may be full: what there is for commits, logs, flushes and merges, and what is given up for whom.
 * What is kept for the time when the disk is full, and why, is said in `reserve.ts`.
 *
 * It is in one of these modes, as of the last commit:
 * - *ample*: behind the newest log's end lies all that is kept there, and no ballast is missed. Every commit is taken.
 * - *short* (`shortage` says why): one of them is not so. A commit is taken if it leaves what is kept from its kind, and
 *   logs are begun early. The next commit that finds all of it ends that.
 *
 * A *spare* is the file of a released log, which becomes the next one. It is the first to be given up.
 */
export class DiskSpace {
  readonly #disk: Disk;
  readonly #ballast: Ballast;
  readonly #kept: KeptSpace;
  readonly #tables: Tables;
  /** One as a rule; more when one could not be removed, or taken for a log. */
  readonly #spares: string[] = [];
  #shortage: CommitFailed | undefined;

  constructor(disk: Disk, names: readonly string[], tables: Tables, kept: KeptSpace) {
    this.#disk = disk;
    this.#ballast = new Ballast(disk, names, kept.ballastPieceBytes);
    this.#kept = kept;
    this.#tables = tables;
  }

  get shortage(): CommitFailed | undefined {
    return this.#shortage;
  }

  /**
   * Makes room in the newest log for a frame and, as long as there is any, for those that are still to be taken when there
   * is no more. The result: of which kind the commit is, if it is refused. `failure` says why the ballast may be missed.
   */
  async makeRoom(
    log: CommitLog,
    bytes: number,
    growth: () => Growth,
    failure: Error | undefined,
  ): Promise<Growth | undefined> {
    const { keptBytes } = this.#kept;
    const { isMissed } = this.#ballast;
    const leaves = (kind: Growth) => log.allocated - log.end - bytes >= keptFrom[kind] * keptBytes;
    const error = await this.#allocationError(log, bytes + keptBytes, () => this.giveUpSpare());
    if (!isMissed && (error === undefined || leaves('more'))) {
      this.#shortage = undefined;
      return undefined;
    }
    this.#shortage = toCommitFailed(error ?? failure ?? noSpaceBesides);
    const kind = growth();
    if (kind === 'more') return !isMissed && leaves('more') ? undefined : kind;
    // The ballast may have been made of the space that this log would have needed. So it gets that of the next log.
    if (!leaves(kind))
      await this.#allocationError(log, bytes + keptFrom[kind] * keptBytes, () => this.#giveUpNextLog(log));
    return leaves(kind) ? undefined : kind;
  }

  /**
   * While something is short: whether a frame had better go into a new log, because this one has little room left or is
   * *hollow*, which means that most of it is of no use any more.
   */
  wantsNewLog(log: CommitLog, { liveBytes }: Memtable, bytes: number): boolean {
    if (this.#shortage === undefined) return false;
    const { keptBytes } = this.#kept;
    const isHollow = log.end > keptBytes && liveBytes < log.end / 4;
    return isHollow || log.allocated - log.end - bytes < Math.min(keptBytes / 2, log.end);
  }

  /** Begins a log, in the spare if there is one, at the price of the ballast. */
  async forNewLog(begin: (spare: string | undefined) => Promise<CommitLog>): Promise<CommitLog> {
    const spare = this.#spares.shift();
    try {
      return await withSpace(
        () => begin(spare),
        () => this.#ballast.giveUpPiece(),
      );
    } catch (error) {
      if (spare !== undefined) this.#spares.push(spare);
      throw error;
    }
  }

  /** The file of a log that nobody needs any more. */
  takeBack(name: string): void {
    this.#spares.push(name);
  }

  async keepSpares(most: number): Promise<void> {
    while (this.#spares.length > most) await this.giveUpSpare();
  }

  /** Whether the background has to see to the ballast since so much is in the newest log. */
  isWanting({ liveBytes }: Memtable): boolean {
    return this.#ballast.isMissed || (liveBytes > this.#kept.carriedBytes && this.#ballast.isWanting(liveBytes));
  }

  /** Makes a piece of ballast if a flush of the newest log, or a merge, may need it; whether it did. */
  async keepBallast({ liveBytes }: Memtable): Promise<boolean> {
    const { carriedBytes } = this.#kept;
    const flushed = liveBytes > carriedBytes ? liveBytes : 0;
    const isWanting = this.#ballast.isWanting(Math.max(flushed, this.#mergedBytes));
    if (!isWanting) this.#ballast.suffices();
    else
      await withSpace(
        () => this.#ballast.makePiece(),
        () => this.giveUpSpare(),
      );
    return isWanting;
  }

  /** False if nothing is left that is only kept ready. */
  async giveUp(): Promise<boolean> {
    return (await this.giveUpSpare()) || this.#ballast.giveUpPiece();
  }

  async giveUpSpare(): Promise<boolean> {
    const spare = this.#spares.shift();
    if (spare === undefined) return false;
    try {
      await this.#disk.remove(spare);
      return true;
    } catch (error) {
      this.#spares.push(spare);
      throw error;
    }
  }

  async #giveUpNextLog(log: CommitLog): Promise<boolean> {
    return (await this.giveUpSpare()) || this.#ballast.giveUpPiece(Math.max(log.end, this.#mergedBytes));
  }

  /** What a merge may write. */
  get #mergedBytes(): number {
    return Math.min(this.#tables.bytes, this.#kept.tableBytes);
  }

  async #allocationError(log: CommitLog, bytes: number, giveUp: () => Promise<boolean>): Promise<unknown> {
    if (log.allocated - log.end >= bytes) return undefined;
    try {
      await withSpace(() => log.allocate(bytes), giveUp);
      return undefined;
    } catch (error) {
      return error;
    }
  }
}

/** Tries again on a full disk as long as there is space to be given up. */
async function withSpace<T>(attempt: () => Promise<T>, giveUp: () => Promise<boolean>): Promise<T> {
  for (;;) {
    try {
      return await attempt();
    } catch (error) {
      if (!isNoSpace(error) || !(await giveUp())) throw error;
    }
  }
}

const noSpaceBesides = new CommitFailed(
  'no-space',
  'Nothing was committed: no space is left beside what deletes need.',
);
