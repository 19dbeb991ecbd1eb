/**
 * What is kept for the time when the disk is full. Deletes free space only after they have been written, and flushes and
 * merges write before they remove. So part of the newest log's space is left by commits that add something
 * (`keptFrom`), and files of zeros lie ready to be removed when flushes and merges need their space (`Ballast`). A full
 * store can be drained that way, and then takes messages again.
 */
import type { WriteOperation } from '../store.ts';
import type { Disk } from './disk.ts';

/** In the newest log. */
export const keptAltogether = 4 * 1024 * 1024;

/** What a commit does to the store: it adds messages, notes receives, or makes it smaller. */
export type Growth = 'more' | 'notes' | 'none';

/** The share of what is kept that commits have to leave to those of the other kinds. */
export const keptFrom: Readonly<Record<Growth, number>> = { more: 3 / 4, notes: 1 / 2, none: 0 };

/** `storedBytes` is the length of a key's present value. A delete of a message comes with a put of its queue's counters. */
export function growthOf(
  operations: readonly WriteOperation[],
  storedBytes: (key: Uint8Array) => number | undefined,
): Growth {
  let added = 0;
  let largest = 0;
  for (const { key, value } of operations) {
    const growth = bytesOf(key, value?.length) - bytesOf(key, storedBytes(key));
    added += growth;
    largest = Math.max(largest, growth);
  }
  if (added <= 0) return 'none';
  return largest <= noteBytes ? 'notes' : 'more';
}

/** A delivery is 13 + 45 bytes, a message without a body 19 + 60. */
const noteBytes = 64;

function bytesOf(key: Uint8Array, length: number | undefined): number {
  return length === undefined ? 0 : key.length + length;
}

/**
 * Some files of zeros, removed one by one when there is no other space, and made anew when there is. What a flush or a merge
 * writes at most grows with the newest log and with the tables, so the pieces that are wanted do, too. It is *missed* when a
 * piece that was wanted could not be made: then nothing is added to the store, so that only receives and what shrinks it live
 * on what is left.
 *
 * File systems that compress, or share equal blocks, give nothing back for zeros. There a full disk has to be freed by others.
 */
export class Ballast {
  readonly #disk: Disk;
  readonly #pieceBytes: number;
  readonly #pieces: Set<string>;
  #isMissed = false;

  constructor(disk: Disk, names: readonly string[], pieceBytes: number) {
    this.#disk = disk;
    this.#pieceBytes = pieceBytes;
    this.#pieces = new Set(names.filter((name) => pieceNames.includes(name)));
  }

  /** Pieces were given up, or could not be made, and still can't. */
  get isMissed(): boolean {
    return this.#isMissed;
  }

  /** Whether another piece is wanted where a step of the background may write so many bytes. */
  isWanting(stepBytes: number): boolean {
    if (stepBytes === 0) return false;
    const wanted = Math.ceil(stepBytes / this.#pieceBytes) + piecesForNextLog;
    return this.#pieces.size < Math.min(wanted, pieceNames.length);
  }

  /** That no piece is wanted. */
  suffices(): void {
    this.#isMissed = false;
  }

  /** Rejects with Node's error when there is no space for it. */
  async makePiece(): Promise<void> {
    const name = pieceNames.find((each) => !this.#pieces.has(each)) as string;
    try {
      await this.#write(name);
    } catch (error) {
      this.#isMissed = true;
      await this.#disk.remove(name);
      throw error;
    }
    this.#pieces.add(name);
  }

  /** False if nothing is left of it but what a step of the background needs that writes so many bytes. */
  async giveUpPiece(stepBytes = 0): Promise<boolean> {
    const [name] = this.#pieces;
    if (name === undefined || this.#pieces.size <= Math.ceil(stepBytes / this.#pieceBytes)) return false;
    this.#isMissed = true;
    this.#pieces.delete(name);
    await this.#disk.remove(name);
    return true;
  }

  async #write(name: string): Promise<void> {
    const zeros = Buffer.alloc(Math.min(this.#pieceBytes, 256 * 1024));
    const file = await this.#disk.create(name);
    try {
      for (let written = 0; written < this.#pieceBytes; written += zeros.length) {
        await file.append(zeros);
        // Not all at the end: a commit's write waits for what is being synced.
        await file.sync();
      }
    } finally {
      await file.close();
    }
  }
}

/** The log that is begun when one is full takes some space, too, before the full one is in tables. */
const piecesForNextLog = 2;
const pieceNames: readonly string[] = Array.from({ length: 10 }, (_, index) => `ballast-${index}`);
/** All of them are as large as a log, which is the most that one step writes, and what the next log is given. */
export const ballastPieceBytes = 4 * 1024 * 1024;
