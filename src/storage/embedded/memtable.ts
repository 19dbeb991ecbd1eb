import type { KeyRange, WriteOperation } from '../store.ts';
import { entryHeaderBytes, keyEndOf, valueLengthOf } from './entryBytes.ts';
import { frameHeaderBytes, readRecord, writeFrame } from './frames.ts';
import type { EntryCursor } from './mergeCursors.ts';
import { chunkOf, nowhere, offsetOf, type PlaceCursor, placeOf, RecordIndex } from './recordIndex.ts';

/**
 * What one commit log holds, ordered by key. The frames stay in memory as they were written to the log, and an entry is the
 * place of its record in them; so a message costs its bytes and a number. A deletion's record is a tombstone: it hides
 * what older memtables and tables have under the key.
 *
 * A frame is in one of these modes: *laid out* (`layOut`: written into memory, not seen by reads), then *applied* or, when
 * its commit failed, left behind as bytes that nothing refers to.
 */
export class Memtable {
  readonly #chunks: Buffer[] = [];
  readonly #index = new RecordIndex(this.#chunks);
  readonly #memory: ChunkMemory;
  #used = 0;
  /** Where the frame begins that was laid out last, in the last chunk. */
  #laidOutAt = 0;
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
    return this.#index.size === 0;
  }

  /** Writes the frame of a commit into memory. `bytes` is its length, as `frameBytes` tells. */
  layOut(operations: readonly WriteOperation[], bytes: number, logNumber: number, commitNumber: number): Buffer {
    const chunk = this.#room(bytes);
    this.#laidOutAt = this.#used;
    this.#used = writeFrame(chunk, this.#laidOutAt, logNumber, commitNumber, operations);
    return chunk.subarray(this.#laidOutAt, this.#used);
  }

  /** The frame that was laid out, with so many operations, is durable. `liesBelow` says whether something older may have a key. */
  apply(operations: number, liesBelow: (key: Uint8Array) => boolean): void {
    this.#take(this.#laidOutAt + frameHeaderBytes, operations, liesBelow);
  }

  /** A frame that was read back from a log. Its bytes belong to the memtable from now on. */
  adopt(frame: Buffer, firstRecordAt: number, operations: number): void {
    this.#chunks.push(frame);
    this.#used = frame.length;
    this.#take(firstRecordAt, operations, always);
  }

  /** A view of the value; undefined if there is no entry. */
  get(key: Uint8Array): Buffer | 'deleted' | undefined {
    const place = this.#index.find(key, 0, key.length);
    return place === nowhere ? undefined : (this.#record(place).value ?? 'deleted');
  }

  has(key: Uint8Array): boolean {
    return this.#index.find(key, 0, key.length) !== nowhere;
  }

  hasAnyIn(ranges: readonly KeyRange[]): boolean {
    return ranges.some(({ from, to }) => {
      const { key } = this.cursor(from);
      return key !== undefined && Buffer.compare(key, to) < 0;
    });
  }

  /** Views; the memtable must not change meanwhile. */
  cursor(from: Uint8Array): EntryCursor {
    return new MemtableCursor(this.#index.cursor(from), (place) => this.#record(place));
  }

  /** Where the entries lie, ascending: `bytes[at..end)`. The memtable must not change meanwhile. */
  *entries(): Generator<{ bytes: Buffer; at: number; end: number }> {
    for (const cursor = this.#index.cursor(Buffer.alloc(0)); cursor.place !== nowhere; cursor.next()) {
      const bytes = this.#chunks[chunkOf(cursor.place)] as Buffer;
      const at = offsetOf(cursor.place);
      yield { bytes, at, end: endOf(bytes, at) };
    }
  }

  /** Nobody reads it any more. */
  release(): void {
    this.#memory.giveBack(this.#chunks.splice(0));
  }

  /** Records of the last chunk, one behind the other. */
  #take(firstRecordAt: number, operations: number, liesBelow: (key: Uint8Array) => boolean): void {
    const number = this.#chunks.length - 1;
    const chunk = this.#chunks[number] as Buffer;
    this.#operations += operations;
    for (let at = firstRecordAt, n = 0; n < operations; n += 1) {
      const end = endOf(chunk, at);
      const place = placeOf(number, at);
      const isKept = valueLengthOf(chunk, at) >= 0 || liesBelow(chunk.subarray(at + entryHeaderBytes, end));
      const before = isKept ? this.#index.set(place) : this.#index.delete(place);
      if (before !== nowhere) this.#liveBytes -= this.#bytesAt(before);
      if (isKept) this.#liveBytes += end - at;
      at = end;
    }
  }

  #bytesAt(place: number): number {
    const at = offsetOf(place);
    return endOf(this.#chunks[chunkOf(place)] as Buffer, at) - at;
  }

  #record(place: number) {
    return readRecord(this.#chunks[chunkOf(place)] as Buffer, offsetOf(place));
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

const smallestChunk = 64 * 1024;
const largestChunk = 1024 * 1024;
/** As much as a log has. */
const mostFree = 32;
const always = () => true;

/** Behind the record, which a deletion's key ends. */
function endOf(bytes: Uint8Array, at: number): number {
  return keyEndOf(bytes, at) + Math.max(0, valueLengthOf(bytes, at));
}

class MemtableCursor implements EntryCursor {
  readonly #places: PlaceCursor;
  readonly #record: (place: number) => { key: Buffer; value: Buffer | undefined };
  key: Buffer | undefined;
  value: Buffer | undefined;

  constructor(places: PlaceCursor, record: (place: number) => { key: Buffer; value: Buffer | undefined }) {
    this.#places = places;
    this.#record = record;
    this.#look();
  }

  next(): void {
    this.#places.next();
    this.#look();
  }

  #look(): void {
    const { place } = this.#places;
    const record = place === nowhere ? undefined : this.#record(place);
    this.key = record?.key;
    this.value = record?.value;
  }
}
