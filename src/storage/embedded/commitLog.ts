/**
 * The commit log's files: `log-` and a number of ten digits. Numbers are big-endian.
 *
 *     header, 512 bytes    0 'PHlog' | 5 version u8 = 1 | 6 zeros u16 | 8 number of this log u32
 *                         12 number of the log before u32, 0: none | 16 its end u48 | 22 zeros u16
 *                         24 salt u32 | 28 crc32 of the 28 bytes before u32 | 32 zeros
 *     frames              one behind the other (`frames.ts`)
 *     the rest            zeros, or what the file held when it was a log with another number
 *
 * Nothing marks the end of a log. It is where no frame follows that is whole, has the log's number and salt, and a higher
 * commit number than the one before; or, since a commit that failed may have left its whole frame, where the next log's
 * header says.
 */
import { randomInt } from 'node:crypto';
import { crc32 } from 'node:zlib';
import { assert, required } from '#std/assert';
import { readUint48, writeUint48 } from '#std/bytes';
import type { Disk, LogFile } from './disk.ts';
import {
  type FrameHeader,
  frameHeaderBytes,
  frameStart,
  readFrameHeader,
  readWholeFrame,
  sealFrame,
} from './frames.ts';

/** Where the first frame begins: one sector, so that a header is overwritten as a whole or not at all. */
export const logHeaderBytes = 512;
/** What is allocated at once, unless the owner says something else. */
export const allocationBytes = 256 * 1024;

const headerMagic = Buffer.from('PHlog', 'latin1');
const version = 1;
const maxUint32 = 0xffff_ffff;
/** Where things are in the header. */
const at = { version: 5, number: 8, previousNumber: 12, previousEnd: 16, salt: 24, crc: 28 } as const;

/** A log, and where it ends. */
export interface LogEnd {
  readonly number: number;
  readonly end: number;
}

interface LogHeader {
  readonly number: number;
  readonly previous: LogEnd | undefined;
  readonly salt: number;
}

/** What was durable can't be read. `message` is a sentence that says which file is wrong, where and how. */
export class LogDamaged extends Error {
  constructor(name: string, position: number, what: string) {
    super(`The commit log ${name} is damaged at byte ${position}: ${what}.`);
    this.name = 'LogDamaged';
  }
}

/**
 * A log that commits are appended to, one call at a time.
 *
 * It is *whole* until the write of a frame fails, or the next log's header is about to be written. Then it is *broken* and
 * takes no more frames: nobody knows what of the frame that failed is on the disk, and frames behind the end that the next
 * header tells would be lost. The owner has to begin the next log, again and again if that fails.
 */
export class CommitLog {
  readonly number: number;
  readonly #file: LogFile;
  readonly #salt: number;
  readonly #allocatedAtOnce: number;
  #end = logHeaderBytes;
  #allocated: number;
  #lastCommit = -1;
  #isBroken = false;
  #isBusy = false;

  /**
   * Makes the log that comes after `previous`; it is durable when the promise resolves. `recycled` is the file of a log
   * that nobody needs any more: it is renamed, and its space used again.
   *
   * The header is written last: when anything before fails, `previous` may go on. The next attempt has to take the same
   * number, for a file of that name may be there, and a log that is not whole is accepted only as the newest.
   */
  static async create(
    disk: Disk,
    number: number,
    previous: CommitLog | LogEnd | undefined,
    recycled?: string,
    atOnce = allocationBytes,
  ): Promise<CommitLog> {
    assert(number > (previous?.number ?? 0) && number <= maxUint32, 'log numbers ascend');
    if (recycled !== undefined) await renameIfThere(disk, recycled, logName(number));
    const file = await disk.openLog(logName(number));
    try {
      if (file.size < atOnce) await file.extend(atOnce - file.size);
      await disk.syncDirectory();
      if (previous instanceof CommitLog) previous.#isBroken = true;
      const header: LogHeader = { number, previous, salt: randomInt(maxUint32) };
      await file.write(headerBytesOf(header), 0);
      return new CommitLog(file, header, atOnce);
    } catch (error) {
      await file.close();
      throw error;
    }
  }

  private constructor(file: LogFile, { number, salt }: LogHeader, atOnce: number) {
    this.#file = file;
    this.#allocatedAtOnce = atOnce;
    this.number = number;
    this.#salt = salt;
    this.#allocated = Math.max(file.size, atOnce);
  }

  /** Where the next frame begins. */
  get end(): number {
    return this.#end;
  }

  /** The file's length as far as it is known to be there. */
  get allocated(): number {
    return this.#allocated;
  }

  /** It takes no more frames. */
  get isBroken(): boolean {
    return this.#isBroken;
  }

  /**
   * Seals a frame that `writeFrame` wrote and puts it at the end; it is durable when the promise resolves. Rejects with
   * Node's error, and then the end is as before. If it was the allocation that failed the log isn't broken.
   */
  async append(frame: Buffer): Promise<void> {
    const { log, commit, length } = readFrameHeader(frame, 0);
    assert(!this.#isBroken, 'a broken log takes no frames');
    assert(log === this.number && length === frame.length, 'a frame is appended whole, to the log it was written for');
    assert(commit > this.#lastCommit, 'commit numbers ascend');
    sealFrame(frame, this.#salt);
    await this.#alone(async () => {
      await this.#allocate(frame.length);
      await this.#write(frame);
    });
    this.#end += frame.length;
    this.#lastCommit = commit;
  }

  /** Makes sure that `bytes` more fit. Rejects with Node's error and keeps what it could get. */
  async allocate(bytes: number): Promise<void> {
    await this.#alone(() => this.#allocate(bytes));
  }

  async close(): Promise<void> {
    await this.#file.close();
  }

  async #write(frame: Buffer): Promise<void> {
    try {
      await this.#file.write(frame, this.#end);
    } catch (error) {
      this.#isBroken = true;
      throw error;
    }
  }

  /** A step that was written in part is written again, as zeros make no difference to zeros. */
  async #allocate(bytes: number): Promise<void> {
    while (this.#allocated < this.#end + bytes) {
      await this.#file.extend(this.#allocatedAtOnce);
      this.#allocated += this.#allocatedAtOnce;
    }
  }

  /** Zeros that are still on their way could wipe out a frame. */
  async #alone(write: () => Promise<void>): Promise<void> {
    assert(!this.#isBusy, 'one write to a log at a time');
    this.#isBusy = true;
    try {
      await write();
    } finally {
      this.#isBusy = false;
    }
  }
}

export interface ReplayedFrame {
  readonly commit: number;
  /** A view of the whole frame: `readRecord` reads it from `firstRecordAt` on. */
  readonly bytes: Buffer;
  readonly firstRecordAt: number;
  readonly operations: number;
  /** The position in the log behind the frame. */
  readonly end: number;
}

export interface ReplayedLog {
  readonly number: number;
  readonly previous: LogEnd | undefined;
  /** Where the last whole frame begins and ends. Without any both are where the first would begin. */
  readonly lastFrame: number;
  readonly end: number;
  readonly commits: number;
  /** The file as it was read, up to the known end if there is one. */
  readonly bytes: Buffer;
}

/**
 * Hands over the frames of a log in order; undefined if it was interrupted while it was made, so that nothing can be in it.
 *
 * `knownEnd` is what the next log says; frames up to there must be whole, and nothing behind counts. The newest log has no
 * such end, and may have a torn frame at its end, of a commit that was never acknowledged. But since a frame is written
 * when the one before is durable, a whole frame further behind tells that the hole is damage. Damage to the very last
 * frame can't be told from a torn write.
 *
 * `memory` gives what the log is read into. Throws `LogDamaged`, when some frames may have been handed over already.
 */
export function replayLog(
  disk: Disk,
  name: string,
  visit: (frame: ReplayedFrame) => void,
  knownEnd?: number,
  memory: (bytes: number) => Buffer = Buffer.allocUnsafeSlow,
): ReplayedLog | undefined {
  const bytes = readUpTo(disk, name, knownEnd, memory);
  const number = required(logNumberOf(name), 'the number in the name of a log');
  const header = readHeader(name, bytes);
  if (header?.number !== number) {
    // The header of another log is that of a recycled file; anything else may have been this log's once.
    const hasFrames = header === undefined && bytes.includes(frameStart(number), logHeaderBytes);
    if (hasFrames || knownEnd !== undefined) throw new LogDamaged(name, 0, 'its header is not whole');
    return undefined;
  }
  let lastFrame = logHeaderBytes;
  let end = logHeaderBytes;
  let commits = 0;
  let lastCommit = -1;
  while (end !== knownEnd) {
    const frame = readWholeFrame(bytes, end, number, header.salt);
    const goesOn = frame !== undefined && frame.commit > lastCommit && end + frame.length <= (knownEnd ?? bytes.length);
    if (!goesOn) {
      const isTorn = knownEnd === undefined && !hasWholeFrame(bytes, end, number, header.salt);
      if (isTorn) break;
      throw new LogDamaged(name, end, `commits follow, up to ${knownEnd ?? 'its end'}, but the next one is not whole`);
    }
    visit(frameAt(bytes, end, frame));
    lastFrame = end;
    end += frame.length;
    commits += 1;
    lastCommit = frame.commit;
  }
  return { number, previous: header.previous, lastFrame, end, commits, bytes };
}

/**
 * Makes durable what was replayed of the newest log; only then may the next log say where this one ends. For a process that
 * was killed leaves what it had written, synced or not: its last frame, or the header of a log that it was making, can be
 * read now, and a power cut may still take it. All before was durable when that was begun.
 */
export async function secureLog(disk: Disk, { number, lastFrame, end, bytes }: ReplayedLog): Promise<void> {
  const file = await disk.openLog(logName(number));
  try {
    await file.write(bytes.subarray(0, logHeaderBytes), 0);
    if (lastFrame < end) await file.write(bytes.subarray(lastFrame, end), lastFrame);
  } finally {
    await file.close();
  }
}

export function logName(number: number): string {
  return `log-${String(number).padStart(10, '0')}`;
}

/** Undefined: that isn't a log's name. */
export function logNumberOf(name: string): number | undefined {
  const digits = /^log-(\d{10})$/.exec(name)?.[1];
  const number = Number(digits);
  return digits !== undefined && number <= maxUint32 ? number : undefined;
}

function headerBytesOf({ number, previous, salt }: LogHeader): Buffer {
  const bytes = Buffer.alloc(logHeaderBytes);
  bytes.set(headerMagic);
  bytes[at.version] = version;
  bytes.writeUInt32BE(number, at.number);
  bytes.writeUInt32BE(previous?.number ?? 0, at.previousNumber);
  writeUint48(bytes, previous?.end ?? 0, at.previousEnd);
  bytes.writeUInt32BE(salt, at.salt);
  bytes.writeUInt32BE(crc32(bytes.subarray(0, at.crc)), at.crc);
  return bytes;
}

/** Undefined: it isn't whole. */
function readHeader(name: string, bytes: Buffer): LogHeader | undefined {
  if (bytes.length < logHeaderBytes || headerMagic.compare(bytes, 0, headerMagic.length) !== 0) return undefined;
  if (bytes.readUInt32BE(at.crc) !== crc32(bytes.subarray(0, at.crc))) return undefined;
  const written = bytes[at.version];
  if (written !== version)
    throw new LogDamaged(name, at.version, `its format is ${written}, where ${version} is known`);
  const previous = { number: bytes.readUInt32BE(at.previousNumber), end: readUint48(bytes, at.previousEnd) };
  return {
    number: bytes.readUInt32BE(at.number),
    previous: previous.number === 0 ? undefined : previous,
    salt: bytes.readUInt32BE(at.salt),
  };
}

/** Whether a whole frame of that log begins anywhere from the position on. */
function hasWholeFrame(bytes: Buffer, from: number, logNumber: number, salt: number): boolean {
  const wanted = frameStart(logNumber);
  for (let start = bytes.indexOf(wanted, from); start !== -1; start = bytes.indexOf(wanted, start + 1)) {
    if (readWholeFrame(bytes, start, logNumber, salt) !== undefined) return true;
  }
  return false;
}

function frameAt(bytes: Buffer, start: number, { commit, operations, length }: FrameHeader): ReplayedFrame {
  const end = start + length;
  return { commit, bytes: bytes.subarray(start, end), firstRecordAt: frameHeaderBytes, operations, end };
}

/** What lies behind the end is of another life of the file. */
function readUpTo(disk: Disk, name: string, end: number | undefined, memory: (bytes: number) => Buffer): Buffer {
  const file = disk.openForReading(name);
  try {
    const bytes = memory(Math.min(file.size, end ?? file.size));
    return bytes.subarray(0, file.read(bytes, 0));
  } finally {
    file.close();
  }
}

async function renameIfThere(disk: Disk, from: string, to: string): Promise<void> {
  try {
    await disk.rename(from, to);
  } catch (error) {
    // An attempt before this one renamed it already.
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
  }
}
