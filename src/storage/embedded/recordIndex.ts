import { compareRanges, entryHeaderBytes, keyEndOf } from './entryBytes.ts';

/** In place of a place: there is none. */
export const nowhere = -1;

/**
 * The places of records in the order of their keys, each key once. The keys are compared where they lie. A place is the
 * number of a chunk and an offset in it (`placeOf`).
 *
 * All of it is numbers in typed arrays, which the collector does not look into. A map of strings in the same order took
 * 5 us of the collector's threads for each message that was sent, beside 2 us for the strings: they lived as long as a
 * log takes to fill, and that is long enough to be moved and marked, and not to stay.
 *
 * An array of nodes, each a sorted array of places: finding is two binary searches, and inserting moves one node's places.
 */
export class RecordIndex {
  readonly #chunks: readonly Uint8Array[];
  readonly #nodes: Node[] = [];
  #size = 0;
  /** What is written together lies together most times: where the last search ended. */
  #lastNode = 0;
  /** And behind the key that was added last: numbers of messages ascend, with other keys of the queue behind them. */
  #lastAt = 0;

  constructor(chunks: readonly Uint8Array[]) {
    this.#chunks = chunks;
  }

  get size(): number {
    return this.#size;
  }

  /** The place of the record whose key is `bytes[from..to)`. */
  find(bytes: Uint8Array, from: number, to: number): number {
    const node = this.#nodes[this.#nodeFor(bytes, from, to)];
    if (node === undefined) return nowhere;
    const at = this.#lowerBound(node, bytes, from, to);
    return this.#isAt(node, at, bytes, from, to) ? (node.places[at] as number) : nowhere;
  }

  /** Gives the place of the record that had the key before. */
  set(place: number): number {
    const { bytes, from, to } = this.#keyAt(place);
    const index = this.#nodeFor(bytes, from, to);
    const node = this.#nodes[index] ?? this.#addNode();
    const at = this.#lowerBound(node, bytes, from, to);
    if (this.#isAt(node, at, bytes, from, to)) {
      const before = node.places[at] as number;
      node.places[at] = place;
      return before;
    }
    this.#size += 1;
    if (node.count < placesInNode) this.#insert(node, at, place);
    else this.#split(index, node, at, place);
    return nowhere;
  }

  /** Removes the key of the record at the place, and gives the place that it had here. */
  delete(place: number): number {
    const { bytes, from, to } = this.#keyAt(place);
    const index = this.#nodeFor(bytes, from, to);
    const node = this.#nodes[index];
    if (node === undefined) return nowhere;
    const at = this.#lowerBound(node, bytes, from, to);
    if (!this.#isAt(node, at, bytes, from, to)) return nowhere;
    const before = node.places[at] as number;
    node.places.copyWithin(at, at + 1, node.count);
    node.count -= 1;
    this.#size -= 1;
    if (node.count === 0) this.#nodes.splice(index, 1);
    return before;
  }

  /** Places from the first key at or behind `key` on. The index must not change meanwhile. */
  cursor(key: Uint8Array): PlaceCursor {
    const index = this.#nodeFor(key, 0, key.length);
    const node = this.#nodes[index];
    return new PlaceCursor(this.#nodes, index, node === undefined ? 0 : this.#lowerBound(node, key, 0, key.length));
  }

  #addNode(): Node {
    const node = newNode();
    this.#nodes.push(node);
    return node;
  }

  #split(index: number, node: Node, at: number, place: number): void {
    // Keys that ascend fill the left node, wherever in it they began, and then go on in one of their own.
    const kept = at === this.#lastAt ? at : node.count >>> 1;
    const right = newNode();
    right.places.set(node.places.subarray(kept, node.count));
    right.count = node.count - kept;
    node.count = kept;
    this.#nodes.splice(index + 1, 0, right);
    if (at <= kept && kept < placesInNode) this.#insert(node, at, place);
    else this.#insert(right, at - kept, place);
  }

  #insert(node: Node, at: number, place: number): void {
    const { places, count } = node;
    // A few are moved in less time than the call takes.
    if (count - at > 8) places.copyWithin(at + 1, at, count);
    else for (let index = count; index > at; index -= 1) places[index] = places[index - 1] as number;
    places[at] = place;
    node.count += 1;
    this.#lastAt = at + 1;
  }

  /** The node that holds the key or that it belongs into: the last one that begins at or before it, else the first. */
  #nodeFor(bytes: Uint8Array, from: number, to: number): number {
    const nodes = this.#nodes;
    const last = this.#lastNode;
    const isIn =
      last < nodes.length &&
      this.#compare(bytes, from, to, nodes[last] as Node, 0) >= 0 &&
      (last + 1 === nodes.length || this.#compare(bytes, from, to, nodes[last + 1] as Node, 0) < 0);
    if (isIn) return last;
    let low = 0;
    let high = nodes.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.#compare(bytes, from, to, nodes[middle] as Node, 0) >= 0) low = middle + 1;
      else high = middle;
    }
    this.#lastNode = low === 0 ? 0 : low - 1;
    return this.#lastNode;
  }

  /** Where in the node the key is, or would be. */
  #lowerBound(node: Node, bytes: Uint8Array, from: number, to: number): number {
    if (this.#isBehindLast(node, bytes, from, to)) return this.#lastAt;
    let low = 0;
    let high = node.count;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.#compare(bytes, from, to, node, middle) > 0) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  #isBehindLast(node: Node, bytes: Uint8Array, from: number, to: number): boolean {
    const at = this.#lastAt;
    if (at === 0 || at > node.count || this.#compare(bytes, from, to, node, at - 1) <= 0) return false;
    return at === node.count || this.#compare(bytes, from, to, node, at) <= 0;
  }

  #isAt(node: Node, at: number, bytes: Uint8Array, from: number, to: number): boolean {
    return at < node.count && this.#compare(bytes, from, to, node, at) === 0;
  }

  /** Negative, 0 or positive, as the key comes before, is, or comes behind that of a node. */
  #compare(bytes: Uint8Array, from: number, to: number, node: Node, at: number): number {
    const place = node.places[at] as number;
    const number = chunkOf(place);
    const chunk = this.#chunks[number] as Uint8Array;
    const recordAt = place - number * chunkSpan;
    return compareRanges(bytes, from, to, chunk, recordAt + entryHeaderBytes, keyEndOf(chunk, recordAt));
  }

  #keyAt(place: number): { bytes: Uint8Array; from: number; to: number } {
    const bytes = this.#chunks[chunkOf(place)] as Uint8Array;
    const recordAt = offsetOf(place);
    return { bytes, from: recordAt + entryHeaderBytes, to: keyEndOf(bytes, recordAt) };
  }
}

/** Stands at a place; `nowhere` behind the last. */
export class PlaceCursor {
  readonly #nodes: readonly Node[];
  #index: number;
  #at: number;

  constructor(nodes: readonly Node[], index: number, at: number) {
    this.#nodes = nodes;
    this.#index = index;
    this.#at = at;
    this.#enterNextIfAtEnd();
  }

  get place(): number {
    const node = this.#nodes[this.#index];
    return node === undefined ? nowhere : (node.places[this.#at] as number);
  }

  next(): void {
    this.#at += 1;
    this.#enterNextIfAtEnd();
  }

  #enterNextIfAtEnd(): void {
    const node = this.#nodes[this.#index];
    if (node === undefined || this.#at < node.count) return;
    this.#index += 1;
    this.#at = 0;
  }
}

export function placeOf(chunk: number, offset: number): number {
  return chunk * chunkSpan + offset;
}

export function chunkOf(place: number): number {
  return Math.floor(place / chunkSpan);
}

export function offsetOf(place: number): number {
  return place - chunkOf(place) * chunkSpan;
}

interface Node {
  readonly places: Float64Array;
  count: number;
}

const placesInNode = 512;
const chunkSpan = 2 ** 32;

function newNode(): Node {
  return { places: new Float64Array(placesInNode), count: 0 };
}
