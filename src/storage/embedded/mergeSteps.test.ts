/**
 * Tables as sets of keys, each with a version or a tombstone: whatever is flushed and merged, in whatever steps, reads find
 * what the flushes came to.
 */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { keyOf, numbersOf, tableOf } from '../../../test/simulation/tableSummaries.ts';
import { deepestKey, nextJoin, nextMerge, nextRewrite } from './mergeSteps.ts';
import {
  covered,
  coveredBelow,
  firstOf,
  type LiveTable,
  type Merged,
  type MergeStep,
  type Run,
  withFlushed,
  withMerged,
} from './runs.ts';
import type { TableSummary } from './table.ts';

interface Version {
  readonly age: number;
  readonly isTombstone: boolean;
}

type Contents = ReadonlyMap<number, Version>;

const numberOf = (key: Buffer) => key.readUInt16BE(7);

/** Runs with what their tables hold, and what reads must find. */
class ModelStore {
  runs: readonly Run[] = [];
  readonly #contents = new Map<number, Contents>();
  readonly #latest = new Map<number, Version>();
  #age = 0;
  #nextTable = 1;

  /** One run of tables, which end where `cuts` say. */
  flush(keys: readonly number[], deleted: ReadonlySet<number>, cuts: ReadonlySet<number>): void {
    this.#age += 1;
    const ranges = covered(this.runs);
    const tables: TableSummary[] = [];
    let table = new Map<number, Version>();
    for (const key of [...new Set(keys)].sort((a, b) => a - b)) {
      const version = { age: this.#age, isTombstone: deleted.has(key) };
      this.#latest.set(key, version);
      if (version.isTombstone && !isWithin(ranges, key)) continue;
      if (cuts.has(key) && table.size > 0) {
        tables.push(this.#add(table));
        table = new Map();
      }
      table.set(key, version);
    }
    if (table.size > 0) tables.push(this.#add(table));
    this.runs = withFlushed(this.runs, tables);
  }

  /** Takes a step as a merge job does that may write `mostEntries`, in tables of half as many. The result: how many it wrote. */
  merge(step: MergeStep, mostEntries: number): number {
    const below = coveredBelow(this.runs, step);
    const taken = new Map<number, Version>();
    for (const table of step.inputs.toReversed().flat()) {
      for (const [key, version] of this.#liveOf(table)) {
        if (step.before === undefined || key < numberOf(step.before)) taken.set(key, version);
      }
    }
    const output = new Map<number, Version>();
    let upTo: Buffer | undefined;
    for (const [key, version] of [...taken].sort(([a], [b]) => a - b)) {
      if (version.isTombstone && !isWithin(below, key)) continue;
      if (output.size >= mostEntries) {
        upTo = keyOf(key);
        break;
      }
      output.set(key, version);
    }
    const tables: TableSummary[] = [];
    const entries = [...output];
    while (entries.length > 0) tables.push(this.#add(new Map(entries.splice(0, Math.ceil(mostEntries / 2)))));
    const merged: Merged = { tables, upTo };
    this.runs = withMerged(this.runs, step, merged);
    return output.size;
  }

  check(): void {
    for (const run of this.runs) {
      expect(run.length).toBeGreaterThan(0);
      run.forEach((table, index) => {
        expect(Buffer.compare(firstOf(table), table.summary.last)).toBeLessThanOrEqual(0);
        const next = run[index + 1];
        if (next !== undefined) expect(Buffer.compare(table.summary.last, firstOf(next))).toBeLessThan(0);
      });
    }
    for (const [key, latest] of this.#latest) {
      const versions = this.runs.flatMap((run) => run.flatMap((table) => this.#liveOf(table).get(key) ?? []));
      // The younger the run, the younger what it has.
      expect(versions.map(({ age }) => age)).toEqual(versions.map(({ age }) => age).sort((a, b) => b - a));
      expect(new Set(versions).size).toBe(versions.length);
      if (latest.isTombstone) expect(versions[0]?.isTombstone ?? true).toBe(true);
      else expect(versions[0]).toBe(latest);
    }
  }

  get tombstones(): number {
    return this.runs.flat().reduce((sum, { summary }) => sum + summary.tombstones, 0);
  }

  #liveOf({ summary, from }: LiveTable): Contents {
    const contents = this.#contents.get(summary.number) as Contents;
    return new Map([...contents].filter(([key]) => from === undefined || key >= numberOf(from)));
  }

  #add(contents: Contents): TableSummary {
    const number = this.#nextTable;
    this.#nextTable += 1;
    this.#contents.set(number, contents);
    const keys = [...contents.keys()];
    const tombstones = [...contents.values()].filter(({ isTombstone }) => isTombstone).length;
    const bytes = 100 + 10 * keys.length;
    return {
      number,
      bytes,
      entries: keys.length,
      tombstones,
      first: keyOf(Math.min(...keys)),
      last: keyOf(Math.max(...keys)),
    };
  }
}

function isWithin(ranges: ReturnType<typeof covered>, key: number): boolean {
  return ranges.some(({ first, last }) => numberOf(first) <= key && key <= numberOf(last));
}

const keys = fc.array(fc.nat({ max: 60 }), { minLength: 1, maxLength: 25 });
const flush = fc.record({
  kind: fc.constant('flush' as const),
  keys: fc.oneof(
    keys,
    fc
      .tuple(fc.nat({ max: 50 }), fc.integer({ min: 1, max: 10 }))
      .map(([first, count]) => Array.from({ length: count }, (_, i) => first + i)),
  ),
  deleted: keys.map((all) => new Set(all)),
  cuts: keys.map((all) => new Set(all)),
});
const merge = fc.record({
  kind: fc.constant('merge' as const),
  all: fc.boolean(),
  stepBytes: fc.integer({ min: 50, max: 600 }),
  mostEntries: fc.integer({ min: 1, max: 30 }),
});
const steps = fc.array(fc.oneof(flush, merge), { maxLength: 40 });

/** Two tables may have more, and tables that begin with the same key. */
function expectWithin({ inputs }: MergeStep, stepBytes: number): void {
  const ascending = inputs.flat().sort((a, b) => Buffer.compare(firstOf(a), firstOf(b)));
  let bytes = 0;
  ascending.forEach((table, place) => {
    bytes += table.summary.bytes;
    const last = ascending[place - 1];
    if (place >= 2 && bytes > stepBytes) expect(firstOf(table)).toEqual(last && firstOf(last));
  });
}

type Step = typeof steps extends fc.Arbitrary<readonly (infer Each)[]> ? Each : never;

function take(store: ModelStore, step: Step): void {
  if (step.kind === 'flush') store.flush(step.keys, step.deleted, step.cuts);
  else {
    const next = nextMerge(store.runs, step);
    if (next !== undefined) expectWithin(next, step.stepBytes);
    if (next !== undefined) store.merge(next, step.mostEntries);
  }
}

test('flushes and merges of any size keep what reads find, and runs in order', () => {
  fc.assert(
    fc.property(steps, (all) => {
      const store = new ModelStore();
      for (const step of all) {
        take(store, step);
        store.check();
      }
    }),
    { numRuns: 500 },
  );
});

test('merging comes to an end: where it is worthwhile, in one run, and without tombstones', () => {
  fc.assert(
    fc.property(
      steps,
      fc.integer({ min: 50, max: 600 }),
      fc.integer({ min: 1, max: 30 }),
      (all, stepBytes, mostEntries) => {
        const store = new ModelStore();
        for (const step of all) take(store, step);
        const mergeAll = (next: () => MergeStep | undefined) => {
          let left = 2000;
          for (let step = next(); step !== undefined; step = next()) {
            // What is joined fits into one table.
            store.merge(step, step.inputs.length === 1 ? Number.POSITIVE_INFINITY : mostEntries);
            left -= 1;
            expect(left).toBeGreaterThan(0);
          }
          store.check();
        };
        mergeAll(() => nextMerge(store.runs, { stepBytes }) ?? nextJoin(store.runs, stepBytes));
        mergeAll(() => nextMerge(store.runs, { stepBytes, all: true }));
        expect(store.runs.length).toBeLessThanOrEqual(1);
        mergeAll(() => nextMerge(store.runs, { stepBytes, all: true }) ?? nextRewrite(store.runs));
        expect(store.tombstones).toBe(0);
        expect(store.runs.flat().every(({ from }) => from === undefined)).toBe(true);
      },
    ),
    { numRuns: 300 },
  );
});

describe('a single table', () => {
  test('is merged when it has as much as what it overlaps, or its tombstones hide half of that', () => {
    const older = [tableOf(1, 0, 9), tableOf(2, 10, 19), tableOf(3, 20, 29), tableOf(4, 30, 39), tableOf(5, 40, 49)];
    const runs = (tombstones: number) => withFlushed(withFlushed([], older), [tableOf(9, 0, 49, tombstones, 40)]);
    expect(nextMerge(runs(19), { stepBytes: 1_000_000 })).toBeUndefined();
    expect(nextMerge(runs(20), { stepBytes: 1_000_000 })).toMatchObject({
      index: 0,
      inputs: [[{ summary: { number: 9 } }], older.map((summary) => ({ summary }))],
      before: undefined,
    });
    expect(nextMerge(runs(0), { stepBytes: 1_000_000, all: true })?.inputs[1]).toHaveLength(5);
    expect(nextMerge(runs(20), { stepBytes: 3500 })).toMatchObject({
      inputs: [[{ summary: { number: 9 } }], [{ summary: { number: 1 } }, { summary: { number: 2 } }]],
      before: keyOf(20),
    });
    expect(nextMerge(runs(20), { stepBytes: 1 })?.inputs[1]).toHaveLength(1);
  });

  test('is joined with three others beside it, if all are small and not more than one can have', () => {
    const runs = withFlushed(
      [],
      [0, 10, 20, 30, 40, 50].map((first, n) => tableOf(n, first, first + 5)),
    );
    const joined = (tableBytes: number) => nextJoin(runs, tableBytes)?.inputs[0]?.map(({ summary }) => summary.number);
    expect(joined(3999)).toBeUndefined();
    expect(joined(4000)).toEqual([0, 1, 2, 3]);
    expect(joined(100_000)).toEqual([0, 1, 2, 3, 4, 5]);
    const step = nextJoin(runs, 5000);
    const after = step && withMerged(runs, step, { tables: [tableOf(9, 0, 45)], upTo: undefined });
    expect(after && numbersOf(after)).toEqual([[9, 5]]);
  });

  test('that is small is joined sooner or later, wherever a group of such ends', () => {
    const tableBytes = 1000;
    const isSmall = (each: TableSummary) => each.bytes <= tableBytes / 4;
    const sizes = fc.array(fc.oneof(fc.integer({ min: 1, max: 250 }), fc.integer({ min: 1, max: 1000 })), {
      maxLength: 25,
    });
    fc.assert(
      fc.property(sizes, (all) => {
        let runs = withFlushed(
          [],
          all.map((bytes, n) => ({ ...tableOf(n + 1, 10 * n, 10 * n + 5), bytes })),
        );
        for (let step = nextJoin(runs, tableBytes); step !== undefined; step = nextJoin(runs, tableBytes)) {
          const taken = (step.inputs[0] ?? []).map(({ summary }) => summary);
          const bytes = taken.reduce((sum, each) => sum + each.bytes, 0);
          expect([taken.length >= 4, taken.every(isSmall), bytes <= tableBytes]).toEqual([true, true, true]);
          const [first, last] = [taken[0]?.first as Buffer, taken.at(-1)?.last as Buffer];
          runs = withMerged(runs, step, {
            tables: [{ ...(taken[0] as TableSummary), bytes, first, last }],
            upTo: undefined,
          });
        }
        const left = runs.flat().map(({ summary }) => (isSmall(summary) ? 's' : 'l'));
        expect(left.join('')).not.toContain('ssss');
      }),
    );
  });

  test('is not joined with one that tables of the next older run lie between', () => {
    const tombstones = [0, 20, 40, 60, 80].map((first, n) => tableOf(n, first, first + 2, 1));
    const joined = (...older: TableSummary[]) => {
      const ascending = older.toSorted((a, b) => Buffer.compare(a.first, b.first));
      const runs = withFlushed(withFlushed([], ascending), tombstones);
      return nextJoin(runs, 100_000)?.inputs[0]?.map(({ summary }) => summary.number);
    };
    const large = (number: number, first: number) => ({ ...tableOf(number, first, first + 5), bytes: 100_000 });
    const overlapped = [0, 20, 40, 60, 80].map((first, n) => large(10 + n, first));
    expect(joined(...overlapped)).toEqual([0, 1, 2, 3, 4]);
    expect(joined(...overlapped, large(20, 10))).toEqual([1, 2, 3, 4]);
    expect(joined(...overlapped, large(20, 50))).toBeUndefined();
  });

  test('is not joined with one of another queue, if it has a fourth of what a table may have', () => {
    const ofQueue = (queue: number, number: number, bytes: number) => {
      const key = (n: number) => Buffer.of(0x20, 0, 0, 0, 0, 0, queue, n);
      return { ...tableOf(number, 0, 0), bytes, first: key(number), last: key(number) };
    };
    const joined = (bytes: number) => {
      const all = [1, 2].flatMap((queue) => [0, 1, 2, 3].map((n) => ofQueue(queue, 10 * queue + n, bytes)));
      return nextJoin(withFlushed([], all), 4000)?.inputs[0]?.length;
    };
    expect([joined(249), joined(250)]).toEqual([8, 4]);
  });

  test('that is aside takes no part in any step', () => {
    const older = [tableOf(1, 0, 9), tableOf(2, 10, 19), tableOf(3, 20, 29)];
    const runs = withFlushed(withFlushed([], older), [tableOf(8, 0, 5), tableOf(9, 15, 25, 5)]);
    const next = (...aside: number[]) =>
      nextMerge(runs, { stepBytes: 1000, aside: new Set(aside) })?.inputs[0]?.[0]?.summary.number;
    expect([next(), next(8), next(1), next(9, 8), next(2, 1)]).toEqual([8, 9, 9, undefined, undefined]);
    // Of the table that is merged in two steps the second one may wait.
    expect(next(8, 3)).toBe(9);
    const small = withFlushed(
      [],
      [0, 10, 20, 30, 40].map((first, n) => tableOf(n, first, first + 5)),
    );
    const joined = (aside: number) => nextJoin(small, 10_000, new Set([aside]))?.inputs[0]?.length;
    expect([joined(9), joined(0), joined(2)]).toEqual([5, 4, undefined]);
  });
});

describe('more than six runs over one key', () => {
  const wide = (number: number, bytes: number): TableSummary => ({ ...tableOf(number, 0, 60), bytes });
  const runsOf = (...sizes: number[]) =>
    sizes.reduceRight<readonly Run[]>((runs, bytes, place) => withFlushed(runs, [wide(place + 1, bytes)]), []);
  const merged = (...sizes: number[]) => {
    const step = nextMerge(runsOf(...sizes), { stepBytes: 2 ** 70 });
    return step?.inputs.flatMap((run) => run.map(({ summary }) => summary.number));
  };
  /** The sizes of runs, the youngest first, of which none is worth to be merged into the next older one. */
  const growing = (...sizes: number[]) => sizes.map((size, place) => size * 8 ** place);

  test('are merged although no merge is worthwhile, the fewest that have to be if that is cheapest', () => {
    expect(merged(...growing(1, 1, 1, 1, 1, 1))).toBeUndefined();
    expect(merged(...growing(1, 1, 1, 1, 1, 1, 1))).toEqual([1, 2]);
    expect(merged(...growing(...Array.from({ length: 20 }, () => 1)))).toEqual(
      Array.from({ length: 15 }, (_, place) => place + 1),
    );
  });

  test('are merged as many as are alike, at once', () => {
    expect(merged(1, 1, 1, 1, 100, 1000, 10_000)).toEqual([1, 2, 3, 4]);
    expect(merged(100, 1, 1, 1, 1, 1000, 10_000)).toEqual([2, 3, 4, 5]);
    expect(merged(...Array.from({ length: 40 }, () => 1))).toHaveLength(40);
    expect(merged(...Array.from({ length: 70 }, () => 1))).toHaveLength(64);
    const all = runsOf(...Array.from({ length: 70 }, () => 1));
    expect(nextMerge(all, { stepBytes: 2 ** 70, all: true })?.inputs).toHaveLength(64);
  });

  test('are merged two by two where a table of theirs is aside', () => {
    const runs = runsOf(...growing(1, 1, 1, 1, 1, 1, 1));
    const next = (...aside: number[]) =>
      nextMerge(runs, { stepBytes: 2 ** 70, aside: new Set(aside) })?.inputs.flatMap((run) => numbersOf([run])[0]);
    expect([next(), next(1), next(2), next(1, 3, 5, 7)]).toEqual([[1, 2], [2, 3], [3, 4], undefined]);
  });

  test('are found where they are the most', () => {
    const interval = fc.tuple(fc.nat({ max: 60 }), fc.nat({ max: 20 })).map(([first, more]) => [first, first + more]);
    fc.assert(
      fc.property(fc.array(interval, { maxLength: 30 }), fc.nat({ max: 5 }), (all, most) => {
        const runs = all.map(([first = 0, last = 0]): Run => [{ summary: tableOf(1, first, last) }]);
        const over = (key: number) => all.filter(([first = 0, last = 0]) => first <= key && key <= last).length;
        const depths = Array.from({ length: 82 }, (_, key) => over(key));
        const deepest = Math.max(...depths);
        const first = depths.indexOf(deepest);
        expect(deepestKey(runs, most)).toEqual(deepest > most ? keyOf(first) : undefined);
      }),
    );
  });

  test('that a burst into many queues left are written once more', () => {
    const [flushes, keysOfEach] = [20, 100];
    const store = new ModelStore();
    for (let flush = 0; flush < flushes; flush += 1) {
      const keys = Array.from({ length: keysOfEach }, (_, place) => place * flushes + flush);
      const cuts = new Set(keys.filter((_, place) => place % 10 === flush % 10));
      store.flush(keys, new Set(), cuts);
    }
    expect(store.runs).toHaveLength(flushes);
    const limits = { stepBytes: 20_000 };
    let written = 0;
    for (let step = nextMerge(store.runs, limits); step !== undefined; step = nextMerge(store.runs, limits)) {
      written += store.merge(step, 100);
    }
    expect(deepestKey(store.runs, 6)).toBeUndefined();
    expect(written / (flushes * keysOfEach)).toBeLessThan(1.5);
    store.check();
  });
});
