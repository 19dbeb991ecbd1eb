import type { Prng } from '../../src/std/prng.ts';

const sectorBytes = 512;

/**
 * The bytes of one simulated file: what a reader sees, and for every sector that is not durable yet what it held before.
 *
 * A sector is written whole or not at all. While a write of it is not durable the disk may hold any of its versions since
 * it last was, and the file may have any of its sizes since then.
 */
export class SimulatedFile {
  #bytes: Buffer = Buffer.alloc(4 * sectorBytes);
  #size = 0;
  /** The versions that the disk may hold besides the present one, the durable one first. By number of the sector. */
  readonly #earlier = new Map<number, Buffer[]>();
  /** Sizes that it may have besides the present one. */
  #earlierSizes: number[] = [];
  /** Sectors whose sync has failed: the kernel takes them for written, and another sync changes nothing. */
  readonly #doubtful = new Set<number>();
  #isSizeDoubtful = false;

  get size(): number {
    return this.#size;
  }

  read(into: Uint8Array, position: number): number {
    const count = Math.max(0, Math.min(into.length, this.#size - position));
    into.set(this.#bytes.subarray(position, position + count));
    return count;
  }

  /** Readers see it; nothing is durable. */
  write(bytes: Uint8Array, position: number): void {
    if (bytes.length === 0) return;
    const end = position + bytes.length;
    this.#reserve(end);
    for (let sector = sectorOf(position); sector <= sectorOf(end - 1); sector += 1) this.#keepVersion(sector);
    this.#bytes.set(bytes, position);
    if (end <= this.#size) return;
    this.#earlierSizes.push(this.#size);
    this.#size = end;
  }

  /** Makes everything durable but what an earlier sync has failed for. */
  sync(): void {
    for (const sector of this.#earlier.keys()) if (!this.#doubtful.has(sector)) this.#earlier.delete(sector);
    if (!this.#isSizeDoubtful) this.#earlierSizes = [];
  }

  /** Makes a written range durable, whatever became of it before. */
  syncRange(position: number, end: number): void {
    if (end === position) return;
    for (let sector = sectorOf(position); sector <= sectorOf(end - 1); sector += 1) {
      this.#earlier.delete(sector);
      this.#doubtful.delete(sector);
    }
    const possible = this.#earlierSizes.filter((size) => size >= end);
    // No smaller size is possible now; that of the range's end is, if it was not the whole file that was in doubt.
    if (possible.length < this.#earlierSizes.length && end < this.#size) possible.unshift(end);
    this.#earlierSizes = possible;
    if (possible.length === 0) this.#isSizeDoubtful = false;
  }

  /** A sync that fails: what has not become durable by now never will by syncing. */
  failSync(): void {
    for (const sector of this.#earlier.keys()) this.#doubtful.add(sector);
    this.#isSizeDoubtful ||= this.#earlierSizes.length > 0;
  }

  /** What the disk holds after a power cut. */
  afterPowerCut(random: Prng): SimulatedFile {
    const left = new SimulatedFile();
    const sizes = [...this.#earlierSizes, this.#size];
    left.#size = sizes[random.below(sizes.length)] as number;
    left.#bytes = Buffer.alloc(roundUp(left.#size));
    this.#bytes.copy(left.#bytes, 0, 0, left.#size);
    // Often all or nothing of it has reached the disk, which no chance by sector would bring.
    const share = random.pick([0, 1, random.next(), random.next(), random.next()]) as number;
    for (const [sector, versions] of this.#earlier) {
      const start = sector * sectorBytes;
      if (start >= left.#size || random.chance(share)) continue;
      versions[random.below(versions.length)]?.copy(left.#bytes, start, 0, Math.min(sectorBytes, left.#size - start));
    }
    return left;
  }

  #keepVersion(sector: number): void {
    const start = sector * sectorBytes;
    const version = start >= this.#size ? zeros : Buffer.from(this.#bytes.subarray(start, start + sectorBytes));
    const versions = this.#earlier.get(sector);
    if (versions === undefined) this.#earlier.set(sector, [version]);
    else versions.push(version);
  }

  #reserve(size: number): void {
    if (size <= this.#bytes.length) return;
    const larger = Buffer.alloc(roundUp(Math.max(size, 2 * this.#bytes.length)));
    this.#bytes.copy(larger, 0, 0, this.#size);
    this.#bytes = larger;
  }
}

const zeros = Buffer.alloc(sectorBytes);

function sectorOf(position: number): number {
  return Math.floor(position / sectorBytes);
}

function roundUp(bytes: number): number {
  return Math.ceil(bytes / sectorBytes) * sectorBytes;
}
