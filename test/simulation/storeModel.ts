import { joined } from '#std/splitBytes';
import type { Prng } from '../../src/std/prng.ts';
import type { Entry, KeyRange, WriteOperation } from '../../src/storage/store.ts';

/** What the store must hold. */
export class Model {
  readonly #entries: Map<string, Buffer>;
  #sorted: readonly (readonly [string, Buffer])[] | undefined;
  /** Here anything may be there or not. */
  readonly #forgotten: readonly KeyRange[];

  constructor(entries: ReadonlyMap<string, Buffer> = new Map(), forgotten: readonly KeyRange[] = []) {
    this.#entries = new Map(entries);
    this.#forgotten = forgotten;
  }

  get(key: Uint8Array): Buffer | undefined {
    return this.#entries.get(textOf(key));
  }

  /** Another one, after these operations. */
  with(operations: readonly WriteOperation[]): Model {
    const next = new Model(this.#entries, this.#forgotten);
    for (const { key, value } of operations) {
      if (value === undefined) next.#entries.delete(textOf(key));
      else next.#entries.set(textOf(key), Buffer.from(joined(value)));
    }
    return next;
  }

  /** Another one, which says nothing of these ranges. */
  forgetting(ranges: readonly KeyRange[]): Model {
    return new Model(new Map([...this.#entries].filter(([key]) => !isIn(ranges, Buffer.from(key, 'latin1')))), ranges);
  }

  /** Another one, which says that nothing is left of the ranges that were forgotten. */
  rememberingNothing(): Model {
    return new Model(this.#entries);
  }

  /** What is wrong with the answer to a scan, or undefined. */
  problemWith(found: readonly Entry[], range: Range): string | undefined {
    if (!this.#forgotten.some(({ from, to }) => textOf(from) < textOf(range.to) && textOf(range.from) < textOf(to))) {
      return this.#problemWith(found, range);
    }
    // What is there of the forgotten counts against the limits.
    const others = found.filter(({ key }) => !isIn(this.#forgotten, key));
    const isEnd = found.length < range.limit && range.maxBytes === Number.POSITIVE_INFINITY;
    const limit = isEnd ? range.limit : others.length;
    return this.#problemWith(others, { ...range, limit, maxBytes: Number.POSITIVE_INFINITY });
  }

  #problemWith(found: readonly Entry[], { from, to, limit, maxBytes }: Range): string | undefined {
    let bytesLeft = maxBytes;
    let count = 0;
    const [first, end] = [textOf(from), textOf(to)];
    for (const [key, value] of this.#inOrder()) {
      if (key < first) continue;
      if (key >= end || count === limit || (count > 0 && value.length > bytesLeft)) break;
      bytesLeft -= value.length;
      const entry = found[count];
      if (entry === undefined) return `${hexOf(key)} is missing at the end`;
      if (textOf(entry.key) !== key) return `${hexOf(textOf(entry.key))} is there in the place of ${hexOf(key)}`;
      if (!value.equals(entry.value)) return `${hexOf(key)} has another value`;
      count += 1;
    }
    const more = found[count];
    return more && `${hexOf(textOf(more.key))} is there although it must not`;
  }

  #inOrder(): readonly (readonly [string, Buffer])[] {
    this.#sorted ??= [...this.#entries].sort(([a], [b]) => (a < b ? -1 : 1));
    return this.#sorted;
  }

  someKey(random: Prng): Buffer | undefined {
    const [key] = random.pick(this.#inOrder()) ?? [];
    return key === undefined ? undefined : Buffer.from(key, 'latin1');
  }
}

function isIn(ranges: readonly KeyRange[], key: Uint8Array): boolean {
  return ranges.some(({ from, to }) => Buffer.compare(from, key) <= 0 && Buffer.compare(key, to) < 0);
}

export interface Range {
  readonly from: Buffer;
  readonly to: Buffer;
  readonly limit: number;
  readonly maxBytes: number;
}

export const everything: Range = {
  from: Buffer.alloc(0),
  to: Buffer.alloc(1024, 0xff),
  limit: 1_000_000,
  maxBytes: Number.POSITIVE_INFINITY,
};

export function textOf(key: Uint8Array): string {
  return Buffer.from(key.buffer, key.byteOffset, key.length).toString('latin1');
}

export function hexOf(key: string): string {
  return Buffer.from(key, 'latin1').toString('hex').slice(0, 40);
}
