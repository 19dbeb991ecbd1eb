/**
 * A map ordered by key: an array of chunks, each a pair of sorted arrays. Finding is two binary searches, inserting moves
 * at most one chunk's worth of pointers, and a page is read by walking forward. At five million entries the outer array
 * has about 15,000 chunks, so that splitting one costs microseconds, once in hundreds of inserts.
 *
 * Keys are strings because one-byte strings compare fast and cost a third of what a `Uint8Array` does.
 */
export class OrderedMap<Value> {
  #chunks: Chunk<Value>[] = [];
  #size = 0;
  #lastFound = 0;

  get size(): number {
    return this.#size;
  }

  get(key: string): Value | undefined {
    const chunk = this.#chunks[this.#chunkFor(key)];
    if (chunk === undefined) return undefined;
    const at = lowerBound(chunk.keys, key);
    return chunk.keys[at] === key ? chunk.values[at] : undefined;
  }

  set(key: string, value: Value): void {
    const index = this.#chunkFor(key);
    const chunk = this.#chunks[index];
    if (chunk === undefined) {
      this.#chunks.push({ keys: [key], values: [value] });
      this.#size++;
      return;
    }
    const at = lowerBound(chunk.keys, key);
    if (chunk.keys[at] === key) {
      chunk.values[at] = value;
      return;
    }
    chunk.keys.splice(at, 0, key);
    chunk.values.splice(at, 0, value);
    this.#size++;
    if (chunk.keys.length > chunkLimit) this.#split(index, chunk, at);
  }

  delete(key: string): void {
    const index = this.#chunkFor(key);
    const chunk = this.#chunks[index];
    if (chunk === undefined) return;
    const at = lowerBound(chunk.keys, key);
    if (chunk.keys[at] !== key) return;
    this.#size--;
    if (chunk.keys.length === 1) {
      this.#chunks.splice(index, 1);
      return;
    }
    chunk.keys.splice(at, 1);
    chunk.values.splice(at, 1);
  }

  /** Removes all from `from` on and below `to`. */
  deleteRange(from: string, to: string): void {
    if (from >= to) return;
    const first = this.#searchChunk(from);
    let end = first;
    for (; end < this.#chunks.length && ((this.#chunks[end] as Chunk<Value>).keys[0] as string) < to; end += 1) {
      const { keys, values } = this.#chunks[end] as Chunk<Value>;
      const [low, high] = [lowerBound(keys, from), lowerBound(keys, to)];
      keys.splice(low, high - low);
      values.splice(low, high - low);
      this.#size -= high - low;
    }
    this.#chunks.splice(first, end - first, ...this.#chunks.slice(first, end).filter(({ keys }) => keys.length > 0));
  }

  /** Calls `visit` for every entry from `from` on, in order, until it returns false. The map must not change meanwhile. */
  walk(from: string, visit: (key: string, value: Value) => boolean): void {
    let index = this.#chunkFor(from);
    let chunk = this.#chunks[index];
    let at = chunk === undefined ? 0 : lowerBound(chunk.keys, from);
    while (chunk !== undefined) {
      for (; at < chunk.keys.length; at++) {
        if (!visit(chunk.keys[at] as string, chunk.values[at] as Value)) return;
      }
      chunk = this.#chunks[++index];
      at = 0;
    }
  }

  /** The chunk that holds the key or that it belongs into: the last one that begins at or before it, else the first. */
  #chunkFor(key: string): number {
    const last = this.#lastFound;
    if (this.#isIn(last, key)) return last;
    this.#lastFound = this.#searchChunk(key);
    return this.#lastFound;
  }

  /** What is written together lies together most times: the same chunk as before. */
  #isIn(index: number, key: string): boolean {
    const chunk = this.#chunks[index];
    if (chunk === undefined || (chunk.keys[0] as string) > key) return false;
    const next = this.#chunks[index + 1];
    return next === undefined || key < (next.keys[0] as string);
  }

  #searchChunk(key: string): number {
    let low = 0;
    let high = this.#chunks.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.#chunks[middle]?.keys[0] as string) <= key) low = middle + 1;
      else high = middle;
    }
    return low === 0 ? 0 : low - 1;
  }

  #split(index: number, chunk: Chunk<Value>, insertedAt: number): void {
    // Most keys arrive in ascending order (sequence numbers). Cutting off only the new one leaves full chunks behind.
    const half = insertedAt === chunkLimit ? chunkLimit : chunkLimit >>> 1;
    const right = { keys: chunk.keys.splice(half), values: chunk.values.splice(half) };
    this.#chunks.splice(index + 1, 0, right);
  }
}

interface Chunk<Value> {
  readonly keys: string[];
  readonly values: Value[];
}

const chunkLimit = 512;

function lowerBound(keys: readonly string[], key: string): number {
  let low = 0;
  let high = keys.length;
  // Sequence numbers ascend: most new keys belong behind the last.
  if (high > 0 && (keys[high - 1] as string) < key) return high;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((keys[middle] as string) < key) low = middle + 1;
    else high = middle;
  }
  return low;
}
