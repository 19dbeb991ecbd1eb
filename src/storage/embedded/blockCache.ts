/** An entry that is larger has a block of its own, which no second message lies in. */
const mostBytes = 33 * 1024;
const mostBlocks = 256;

/**
 * The blocks that point reads looked into last, checked. What a queue gives out one by one lies side by side as a rule: some
 * thirty messages of a kibibyte in a block. 8 MiB at most, taken as they are needed, and used again.
 */
export class BlockCache {
  readonly #most: number;
  /** By table and block, from the one whose use is longest ago. */
  readonly #blocks = new Map<number, Buffer>();

  constructor(most = mostBlocks) {
    this.#most = most;
  }

  /** It is longer than the block if the memory had another one before. */
  get(table: number, block: number): Buffer | undefined {
    const id = idOf(table, block);
    const bytes = this.#blocks.get(id);
    if (bytes === undefined) return undefined;
    this.#blocks.delete(id);
    this.#blocks.set(id, bytes);
    return bytes;
  }

  /** For a block of so many bytes, to be put once it was read. When the cache is full that of the oldest block is given. */
  takeMemory(length: number): Buffer {
    if (length > mostBytes) return Buffer.allocUnsafeSlow(length);
    if (this.#blocks.size >= this.#most) {
      for (const [id, bytes] of this.#blocks) {
        this.#blocks.delete(id);
        return bytes;
      }
    }
    return Buffer.allocUnsafeSlow(mostBytes);
  }

  put(table: number, block: number, memory: Buffer): void {
    if (memory.length === mostBytes) this.#blocks.set(idOf(table, block), memory);
  }
}

/** Of two blocks that follow each other one has 16 KiB: a table of 2^20 blocks would have 8 GiB. */
function idOf(table: number, block: number): number {
  return table * 2 ** 20 + block;
}
