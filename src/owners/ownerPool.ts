/** The processes that own the partitions 1, 2, and so on. They stand and fall together, home with them. */
import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Door, tokenBytes } from '#edge/door';
import type { FoundElsewhere, Letter, LettersTaken, QueuePath } from '#runtime';
import type { OwnerSettings } from './calls.ts';
import { Owner, type OwnerOptions } from './owner.ts';

/** What partitions ask for, whichever asks. */
export interface HomeAnswers {
  find(path: QueuePath, asker: number): Promise<FoundElsewhere | undefined>;
  ship(from: number, to: number, letters: readonly Letter[]): Promise<LettersTaken>;
  keysMoved(dataKeyIds: readonly string[]): Promise<void>;
}

export interface OwnerPoolOptions
  extends Pick<OwnerSettings, 'managedEncryption' | 'mark'>,
    Pick<OwnerOptions, 'log' | 'onCommit' | 'onCommitFailed' | 'program'> {
  /** Of the partitions from 1 on, in their order. */
  readonly partitions: readonly Pick<OwnerSettings, 'directory' | 'isNew' | 'number'>[];
  readonly home: HomeAnswers;
  /** A process has ended that nobody has asked to: called once, with a sentence that says which. */
  readonly onLost: (sentence: string) => void;
}

/** How long a process may take to store what it has accepted. To kill it then loses no more than any kill. */
const closeGraceMs = 10_000;

export class OwnerPool {
  /** By their partitions: the first has partition 1. */
  readonly owners: readonly Owner[];
  /** Where the edge comes in, of each. */
  readonly doors: readonly Door[];
  readonly #folder: string | undefined;
  readonly #onLost: (sentence: string) => void;
  #isExpected = true;

  /** Resolves when all partitions are open. Rejects with `StoreUnusable`, of the first that is not. */
  static async open(options: OwnerPoolOptions): Promise<OwnerPool> {
    // Names of sockets are short, so they don't lie in the data directory.
    const folder = process.platform === 'win32' ? undefined : await mkdtemp(join(tmpdir(), 'posthorn-'));
    const pool = new OwnerPool(options, folder);
    try {
      await Promise.all(pool.owners.map((owner) => owner.open()));
      pool.#isExpected = false;
      return pool;
    } catch (error) {
      await pool.close();
      throw error;
    }
  }

  private constructor(options: OwnerPoolOptions, folder: string | undefined) {
    const { partitions, home, onLost, mark, managedEncryption, program, log, onCommit, onCommitFailed } = options;
    this.#onLost = onLost;
    this.#folder = folder;
    this.doors = partitions.map(({ number }) => newDoor(folder, number));
    this.owners = partitions.map(({ number, ...place }, index) => {
      return new Owner({
        ...{ program, log, onCommit, onCommitFailed },
        settings: { ...place, number, mark, managedEncryption, door: this.doors[index] as Door },
        home: {
          find: (path) => home.find(path, number),
          ship: (to, letters) => home.ship(number, to, letters),
          keysMoved: (ids) => home.keysMoved(ids),
        },
        onEnded: (reason) => this.#ended(number, reason),
      });
    });
  }

  /** What needs other partitions starts. */
  begin(): void {
    for (const owner of this.owners) owner.begin();
  }

  /** Answers waiting receives with nothing, so that their connections can end. */
  answerWaiting(): void {
    for (const owner of this.owners) owner.answerWaiting();
  }

  /** Resolves when all has been stored that was accepted, and the processes have ended. */
  async close(): Promise<void> {
    this.#isExpected = true;
    const grace = setTimeout(() => {
      for (const owner of this.owners) owner.kill();
    }, closeGraceMs);
    // Those that were not opened, or are gone, have nothing to store.
    await Promise.allSettled(this.owners.map((owner) => owner.close()));
    clearTimeout(grace);
    if (this.#folder !== undefined) await rm(this.#folder, { recursive: true, force: true });
  }

  #ended(number: number, reason: string): void {
    if (this.#isExpected) return;
    this.#isExpected = true;
    this.#onLost(
      `The process that owned partition ${number} ended unexpectedly (${reason}). The server stops: start it again.`,
    );
  }
}

function newDoor(folder: string | undefined, number: number): Door {
  const token = randomBytes(tokenBytes).toString('hex');
  const path =
    folder === undefined ? `\\\\.\\pipe\\posthorn-${randomBytes(16).toString('hex')}` : join(folder, `${number}.sock`);
  return { path, token };
}
