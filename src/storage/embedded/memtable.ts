import { asBuffer } from '#std/bytes';
import { type MapCursor, OrderedMap } from '../orderedMap.ts';
import type { WriteOperation } from '../store.ts';
import { readRecord, writeFrame } from './frames.ts';
import type { EntryCursor } from './mergeCursors.ts';

/**
 * What one commit log holds, ordered by key. The frames stay in memory as they were written to the log, and an entry is the
 * place of its record in them; so a message costs its bytes, its key and a number. A deletion's record is a tombstone: it
 * hides what older memtables and tables have under the key.
 *
 * A frame is in one of these modes: *laid out* (`layOut`: written into memory, not seen by reads), then *applied* or, when
 * its commit failed, left behind as bytes that nothing refers to.
 */
export class Memtable {
  readonly #entries = new OrderedMap<number>();
  readonly #chunks: Buffer[] = [];
  readonly #memory: ChunkMemory;
  #used = 0;
  /** Where the records of the frame lie that was laid out last. */
  #places: number[] = [];
  #liveBytes = 0;
  #operations = 0;

  constructor(memory = new ChunkMemory()) {
    this.#memory = memory;
  }

  /** Of the entries: what they would take as one frame's records. */
  get liveBytes(): number {
    return this.#liveBytes;
  }

  /** How many have been applied, entries and what they replaced. */
  get operations(): number {
    return this.#operations;
  }

  get isEmpty(): boolean {
    return this.#entries.size === 0;
  }

  /** Writes the frame of a commit into memory. `bytes` is its length, as `frameBytes` tells. */
  layOut(operations: readonly WriteOperation[], bytes: number, logNumber: number, commitNumber: number): Buffer {
    const chunk = this.#room(bytes);
    const start = this.#used;
    const base = (this.#chunks.length - 1) * chunkSpan;
    this.#places = [];
    const end = writeFrame(chunk, start, logNumber, commitNumber, operations, (_, recordAt) => {
      this.#places.push(base + recordAt);
    });
    this.#used = end;
    return chunk.subarray(start, end);
  }

  /** The frame that was laid out is durable. `liesBelow` says whether something older may have the key. */
  apply(operations: readonly WriteOperation[], liesBelow: (key: string) => boolean): void {
    this.#operations += operations.length;
    operations.forEach(({ key, value }, index) => {
      this.#set(keyText(key), value?.length, this.#places[index] as number, liesBelow);
    });
  }

  /** A frame that was read back from a log. Its bytes belong to the memtable from now on. */
  adopt(frame: Buffer, firstRecordAt: number, operations: number): void {
    const base = this.#chunks.length * chunkSpan;
    this.#chunks.push(frame);
    this.#used = frame.length;
    this.#operations += operations;
    for (let at = firstRecordAt, n = 0; n < operations; n += 1) {
      const { key, value, end } = readRecord(frame, at);
      this.#set(keyText(key), value?.length, base + at, always);
      at = end;
    }
  }

  /** A view of the value; undefined if there is no entry. */
  get(key: string): Buffer | 'deleted' | undefined {
    const place = this.#entries.get(key);
    return place === undefined ? undefined : (this.#record(place).value ?? 'deleted');
  }

  has(key: string): boolean {
    return this.#entries.get(key) !== undefined;
  }

  /** Views; the memtable must not change meanwhile. */
  cursor(from: Uint8Array): EntryCursor {
    return new MemtableCursor(this.#entries.cursor(keyText(from)), (place) => this.#record(place));
  }

  /** Nobody reads it any more. */
  release(): void {
    this.#memory.giveBack(this.#chunks.splice(0));
  }

  #set(key: string, valueBytes: number | undefined, place: number, liesBelow: (key: string) => boolean): void {
    const before = this.#entries.get(key);
    if (before !== undefined) this.#liveBytes -= recordBytes(key, this.#record(before).value?.length);
    if (valueBytes === undefined && !liesBelow(key)) {
      if (before !== undefined) this.#entries.delete(key);
      return;
    }
    this.#entries.set(key, place);
    this.#liveBytes += recordBytes(key, valueBytes);
  }

  #record(place: number) {
    return readRecord(this.#chunks[Math.floor(place / chunkSpan)] as Buffer, place % chunkSpan);
  }

  #room(bytes: number): Buffer {
    const last = this.#chunks.at(-1);
    if (last !== undefined && this.#used + bytes <= last.length) return last;
    const chunk = this.#memory.take(bytes, 2 * (last?.length ?? 0));
    this.#chunks.push(chunk);
    this.#used = 0;
    return chunk;
  }
}

/**
 * Chunks of memtables that are gone, for those to come. Memory that is taken and dropped by the mebibyte makes the collector
 * mark the whole heap, three times a second at 10,000 messages a second, and requests wait for that.
 */
export class ChunkMemory {
  readonly #free: Buffer[] = [];

  /** A chunk with room for `bytes`; of `wanted` bytes, in reason. */
  take(bytes: number, wanted: number): Buffer {
    if (bytes <= largestChunk) {
      const used = this.#free.pop();
      if (used !== undefined) return used;
    }
    const planned = Math.min(largestChunk, Math.max(smallestChunk, wanted));
    return Buffer.allocUnsafeSlow(Math.max(planned, bytes));
  }

  giveBack(chunks: readonly Buffer[]): void {
    for (const chunk of chunks) {
      // A frame that was read back shares a larger piece of memory.
      const isWhole = chunk.length === largestChunk && chunk.buffer.byteLength === largestChunk;
      if (isWhole && this.#free.length < mostFree) this.#free.push(chunk);
    }
  }
}

/** A place is the number of a chunk, times this, and the offset in it. */
const chunkSpan = 2 ** 32;
const smallestChunk = 64 * 1024;
const largestChunk = 1024 * 1024;
/** As much as a log has. */
const mostFree = 32;
const always = () => true;

/** One character per byte, so that the order of such strings is the bytewise order of the keys. */
export function keyText(key: Uint8Array): string {
  return asBuffer(key).toString('latin1');
}

function recordBytes(key: string, valueBytes: number | undefined): number {
  return 6 + key.length + (valueBytes ?? 0);
}

class MemtableCursor implements EntryCursor {
  readonly #entries: MapCursor<number>;
  readonly #record: (place: number) => { key: Buffer; value: Buffer | undefined };
  key: Buffer | undefined;
  value: Buffer | undefined;

  constructor(entries: MapCursor<number>, record: (place: number) => { key: Buffer; value: Buffer | undefined }) {
    this.#entries = entries;
    this.#record = record;
    this.#look();
  }

  next(): void {
    this.#entries.next();
    this.#look();
  }

  #look(): void {
    const place = this.#entries.value;
    const record = place === undefined ? undefined : this.#record(place);
    this.key = record?.key;
    this.value = record?.value;
  }
}
