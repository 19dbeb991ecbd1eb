/**
 * The audit trail on disk: lines of JSON, in files that are begun anew when they are full.
 *
 * idle -> (a line) waiting, for a second at most -> writing -> idle, or writing again what came meanwhile. Nobody who is
 * recorded waits for any of it.
 *
 * When the disk takes nothing, the lines stay and are tried again each second; what comes beyond the limit is counted and
 * lost. The log has one line when that begins and one when it ends.
 */
import { type FileHandle, mkdir, open } from 'node:fs/promises';
import { join } from 'node:path';
import type { Clock } from '#runtime';
import { flushBytes, flushMs, waitingBytes } from './limits.ts';
import { beganAt, fileName, listFiles, removeOldest } from './trailFiles.ts';

export interface TrailLog {
  error(details: object, text: string): void;
  info(details: object, text: string): void;
}

export interface TrailOptions {
  readonly directory: string;
  /** Of one file. A line that is longer has a file of its own. */
  readonly maxBytes: number;
  /** Files kept, the one that is written among them. */
  readonly maxFiles: number;
  readonly clock: Clock;
  readonly log: TrailLog;
}

/** A sentence for people; 2 is the exit code of a setting that can't be used. */
export class TrailUnusable extends Error {
  readonly exitCode = 2;

  constructor(directory: string, reason: string) {
    super(`The audit records can not be kept in ${directory}: ${reason}. Choose another folder by auditDir.`);
    this.name = 'TrailUnusable';
  }
}

const newline = 10;

/** Opened to append: two servers by mistake in one folder don't write over each other's lines. */
interface OpenFile {
  readonly handle: FileHandle;
  size: number;
  /** A write has failed within a line, whose rest is the first that waits. */
  isCut: boolean;
}

export class Trail {
  readonly #options: TrailOptions;
  #file: OpenFile | undefined;
  #waiting: Buffer[] = [];
  #waitingBytes = 0;
  #callOff: (() => void) | undefined;
  #writing: Promise<void> | undefined;
  #failing = false;
  #lost = 0;
  #closed = false;

  private constructor(options: TrailOptions) {
    this.#options = options;
  }

  /** Goes on with the newest file. Rejects with `TrailUnusable`; a disk that is full now may not be so later. */
  static async open(options: TrailOptions): Promise<Trail> {
    const trail = new Trail(options);
    try {
      await mkdir(options.directory, { recursive: true, mode: 0o700 });
      await trail.#continueFile();
    } catch (error) {
      const { code, message } = error as NodeJS.ErrnoException;
      if (code !== 'ENOSPC' && code !== 'EDQUOT') throw new TrailUnusable(options.directory, message);
    }
    return trail;
  }

  get directory(): string {
    return this.#options.directory;
  }

  /** Lines that no disk has seen, and never will. */
  get lost(): number {
    return this.#lost;
  }

  append(line: string): void {
    const bytes = Buffer.from(`${line}\n`);
    if (this.#closed || this.#waitingBytes + bytes.length > waitingBytes) {
      this.#lost += 1;
      return;
    }
    this.#waiting.push(bytes);
    this.#waitingBytes += bytes.length;
    if (this.#writing !== undefined) return;
    // After a failure there is a pause, however much waits.
    if (this.#waitingBytes >= flushBytes && !this.#failing) this.flush();
    else this.#writeSoon();
  }

  /** Resolves when everything that was appended is on disk, or can't be brought there now. */
  flush(): Promise<void> {
    this.#callOff?.();
    this.#callOff = undefined;
    this.#writing ??= this.#writeAll().finally(() => {
      this.#writing = undefined;
      if (this.#waiting.length > 0) this.#writeSoon();
    });
    return this.#writing;
  }

  async close(): Promise<void> {
    this.#closed = true;
    await this.flush();
    this.#callOff?.();
    if (this.#waiting.length > 0) {
      this.#lost += this.#waiting.length;
      this.#options.log.error({ lost: this.#lost }, 'audit records are lost: the disk took none until the end');
    }
    await this.#file?.handle.close();
    this.#file = undefined;
  }

  #writeSoon(): void {
    const { clock } = this.#options;
    if (this.#closed) return;
    this.#callOff ??= clock.schedule(clock.now() + flushMs, () => {
      this.#callOff = undefined;
      this.flush();
    });
  }

  async #writeAll(): Promise<void> {
    try {
      while (this.#waiting.length > 0) await this.#writeSome();
    } catch (error) {
      if (!this.#failing) {
        this.#options.log.error({ err: error }, 'audit records can not be written; they are kept in memory for now');
      }
      this.#failing = true;
      return;
    }
    if (this.#failing) this.#options.log.info({ lost: this.#lost }, 'audit records are written again');
    this.#failing = false;
  }

  /** Writes and syncs as many of the waiting lines as the file has room for. */
  async #writeSome(): Promise<void> {
    const file = await this.#fileWithRoom();
    const count = this.#fitting(file);
    const batch = Buffer.concat(this.#waiting.slice(0, count));
    let done = 0;
    try {
      while (done < batch.length) done += (await file.handle.write(batch, done)).bytesWritten;
      await file.handle.datasync();
    } finally {
      this.#written(file, done);
    }
  }

  /** What a full disk took before it refused stays there; the next write goes on from that very byte. */
  #written(file: OpenFile, bytes: number): void {
    let left = bytes;
    let whole = 0;
    for (const { length } of this.#waiting) {
      if (length > left) break;
      left -= length;
      whole += 1;
    }
    this.#waiting.splice(0, whole);
    const [cut] = this.#waiting;
    if (left > 0 && cut !== undefined) this.#waiting[0] = cut.subarray(left);
    this.#waitingBytes -= bytes;
    file.size += bytes;
    if (bytes > 0) file.isCut = left > 0;
  }

  async #fileWithRoom(): Promise<OpenFile> {
    const { maxBytes } = this.#options;
    const [first] = this.#waiting;
    const file = this.#file;
    if (file === undefined) return this.#beginFile();
    const isFull = file.size > 0 && file.size + (first?.length ?? 0) > maxBytes;
    return isFull && !file.isCut ? this.#beginFile() : file;
  }

  /** How many of the waiting lines the file has room for: one at least. */
  #fitting({ size }: OpenFile): number {
    let bytes = size;
    let count = 0;
    for (const { length } of this.#waiting) {
      bytes += length;
      if (count > 0 && bytes > this.#options.maxBytes) break;
      count += 1;
    }
    return count;
  }

  async #beginFile(): Promise<OpenFile> {
    const { directory, clock, maxFiles } = this.#options;
    await mkdir(directory, { recursive: true, mode: 0o700 });
    const newest = (await listFiles(directory)).at(-1);
    // A clock that was put back must not put new records before old ones.
    const at = Math.max(clock.now(), newest === undefined ? 0 : beganAt(newest) + 1);
    const handle = await open(join(directory, fileName(at)), 'ax', 0o600);
    const former = this.#file;
    const begun = { handle, size: 0, isCut: false };
    this.#file = begun;
    await former?.handle.close();
    await removeOldest(directory, maxFiles);
    return begun;
  }

  async #continueFile(): Promise<void> {
    const { directory, maxBytes } = this.#options;
    const name = (await listFiles(directory)).at(-1);
    if (name === undefined) return;
    const handle = await open(join(directory, name), 'a+');
    const { size } = await handle.stat();
    if (size >= maxBytes) {
      await handle.close();
      return;
    }
    this.#file = { handle, size, isCut: false };
    if (size === 0) return;
    const last = Buffer.alloc(1);
    await handle.read(last, 0, 1, size - 1);
    // A line that a crash cut off ends here, so that it stays the only one that can't be read.
    if (last[0] !== newline) await handle.write('\n');
  }
}
