/**
 * How a process at the edge and the one that owns the queues talk, over a pipe:
 *
 *     length(4) kind(1) call(4) fields            length: of all behind it
 *
 * Fields are written and read in the same order, and say nothing of their types: numbers have 8 bytes, texts (UTF-8) and bytes
 * their length(4) before them. Both ends are of one build, so there are no versions.
 */
import { assert } from '#std/assert';
import { type Bytes, writeBytes } from '#std/splitBytes';

/** What the edge tells and asks. */
export const toQueues = {
  describe: 1,
  send: 2,
  receive: 3,
  cancelReceive: 4,
  release: 5,
  delete: 6,
  changeVisibility: 7,
  request: 8,
  clientLeft: 9,
  connectionEnded: 10,
  metrics: 11,
  log: 12,
  tunnelOpened: 13,
  tunnelBytes: 14,
  tunnelEnded: 15,
  ready: 16,
  connectionTaken: 17,
  signer: 30,
  admit: 31,
} as const;

/** What it is told and answered. */
export const toEdge = {
  settings: 101,
  described: 102,
  sent: 103,
  received: 104,
  deleted: 105,
  visibilityChanged: 106,
  stale: 108,
  notHere: 109,
  answer: 110,
  close: 111,
  tunnelBytes: 112,
  tunnelEnded: 113,
  tunnelHeld: 114,
  tlsKeys: 115,
  signer: 130,
  admitted: 131,
} as const;

const lengthBytes = 4;
const headBytes = lengthBytes + 5;
/** What is taken of a slab is on its way while the rest is written to; a new one begins when hardly anything is left. */
const slabBytes = 64 * 1024;
const leastLeft = 4 * 1024;

/** Frames, one behind the other, until somebody takes them. */
export class FrameWriter {
  #bytes = Buffer.allocUnsafe(slabBytes);
  #start = 0;
  #end = 0;
  #frameAt = 0;

  get length(): number {
    return this.#end - this.#start;
  }

  begin(kind: number, call: number): this {
    this.#reserve(headBytes);
    this.#frameAt = this.#end;
    this.#end += lengthBytes;
    this.#bytes[this.#end] = kind;
    this.#end = this.#bytes.writeUInt32LE(call, this.#end + 1);
    return this;
  }

  /** Ends the frame that was begun last. */
  end(): void {
    this.#bytes.writeUInt32LE(this.#end - this.#frameAt - lengthBytes, this.#frameAt);
  }

  number(value: number): this {
    this.#reserve(8);
    this.#end = this.#bytes.writeDoubleLE(value, this.#end);
    return this;
  }

  bytes(value: Bytes): this {
    this.#reserve(lengthBytes + value.length);
    this.#end = this.#bytes.writeUInt32LE(value.length, this.#end);
    this.#end = writeBytes(this.#bytes, value, this.#end);
    return this;
  }

  text(value: string): this {
    // The most that UTF-8 can need; measuring first would read the text twice.
    this.#reserve(lengthBytes + value.length * 3);
    const length = this.#bytes.write(value, this.#end + lengthBytes);
    this.#bytes.writeUInt32LE(length, this.#end);
    this.#end += lengthBytes + length;
    return this;
  }

  /** All that was written; its memory is the caller's. */
  take(): Buffer {
    const taken = this.#bytes.subarray(this.#start, this.#end);
    this.#start = this.#end;
    if (this.#bytes.length - this.#end < leastLeft) this.#replace(slabBytes);
    return taken;
  }

  #reserve(length: number): void {
    const needed = this.#end + length;
    if (needed <= this.#bytes.length) return;
    this.#replace(Math.max(slabBytes, 2 * (needed - this.#start)));
  }

  /** By a slab of that length, with what was not taken at its start. */
  #replace(length: number): void {
    const slab = Buffer.allocUnsafe(length);
    const kept = this.#bytes.copy(slab, 0, this.#start, this.#end);
    this.#frameAt -= this.#start;
    this.#bytes = slab;
    this.#start = 0;
    this.#end = kept;
  }
}

/** The fields of one frame. Bytes share the frame's memory. */
export class FrameReader {
  readonly kind: number;
  readonly call: number;
  readonly #bytes: Buffer;
  #at: number;

  constructor(frame: Buffer) {
    this.#bytes = frame;
    this.kind = frame[0] as number;
    this.call = frame.readUInt32LE(1);
    this.#at = 5;
  }

  get isAtEnd(): boolean {
    return this.#at === this.#bytes.length;
  }

  number(): number {
    const value = this.#bytes.readDoubleLE(this.#at);
    this.#at += 8;
    return value;
  }

  bytes(): Buffer {
    const start = this.#at + lengthBytes;
    this.#at = start + this.#bytes.readUInt32LE(this.#at);
    assert(this.#at <= this.#bytes.length, 'a field lies within its frame');
    return this.#bytes.subarray(start, this.#at);
  }

  text(): string {
    const start = this.#at + lengthBytes;
    this.#at = start + this.#bytes.readUInt32LE(this.#at);
    assert(this.#at <= this.#bytes.length, 'a field lies within its frame');
    return this.#bytes.toString('utf8', start, this.#at);
  }
}

/** Cuts what comes through a pipe into frames. */
export class FrameCutter {
  readonly #onFrame: (frame: FrameReader) => void;
  /** The start of a frame whose length is not known yet. */
  #head: Buffer = Buffer.alloc(0);
  /** A frame that comes in several pieces, and how much of it is there: it is copied once, however many they are. */
  #frame: Buffer | undefined;
  #filled = 0;

  constructor(onFrame: (frame: FrameReader) => void) {
    this.#onFrame = onFrame;
  }

  take(chunk: Buffer): void {
    let bytes = chunk;
    if (this.#frame !== undefined) bytes = this.#fill(this.#frame, chunk);
    else if (this.#head.length > 0) bytes = Buffer.concat([this.#head, chunk]);
    this.#head = bytes;
    while (this.#head.length >= lengthBytes && this.#frame === undefined) this.#cut();
  }

  #cut(): void {
    const bytes = this.#head;
    const end = lengthBytes + bytes.readUInt32LE(0);
    if (bytes.length >= end) {
      this.#head = bytes.subarray(end);
      this.#onFrame(new FrameReader(bytes.subarray(lengthBytes, end)));
      return;
    }
    this.#frame = Buffer.allocUnsafe(end - lengthBytes);
    this.#filled = bytes.copy(this.#frame, 0, lengthBytes);
    this.#head = bytes.subarray(bytes.length);
  }

  /** Gives what is left over. */
  #fill(frame: Buffer, chunk: Buffer): Buffer {
    const copied = chunk.copy(frame, this.#filled);
    this.#filled += copied;
    if (this.#filled === frame.length) {
      this.#frame = undefined;
      this.#onFrame(new FrameReader(frame));
    }
    return chunk.subarray(copied);
  }
}
