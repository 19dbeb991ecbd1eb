/**
 * Which tables there are, in runs. Pure: files and their contents are elsewhere, and `mergeSteps.ts` says what is merged.
 *
 * The tables of a run ascend and don't overlap. Runs go from the youngest to the oldest, and what a younger one has under a
 * key hides what older ones have. A table that overlaps nothing in the next older run is moved there, which costs nothing;
 * so the messages of a long queue, which ascend, are never rewritten.
 */
import type { KeyRange } from '../store.ts';
import { compareKeys } from './entryBytes.ts';
import type { TableSummary } from './table.ts';

/** A table of a run. `from` absent: all of it is there; else nothing below. */
export interface LiveTable {
  readonly summary: TableSummary;
  readonly from?: Buffer;
}

export type Run = readonly LiveTable[];

/** Both ends included. */
export interface CoveredRange {
  readonly first: Buffer;
  readonly last: Buffer;
}

/**
 * Tables of runs that follow each other, from the one at `index` on, are merged into the last of these runs; tables of one
 * alone are joined there. It goes as far as `before`, which is undefined for all of them.
 */
export interface MergeStep {
  readonly index: number;
  /** By run, the youngest first. */
  readonly inputs: readonly Run[];
  readonly before: Buffer | undefined;
}

export interface Merged {
  /** What was left of them, if anything. Ascending. */
  readonly tables: readonly TableSummary[];
  /** Where the step ended; undefined: with all that it had. */
  readonly upTo: Buffer | undefined;
}

export function firstOf({ summary, from }: LiveTable): Buffer {
  return from !== undefined && compareKeys(from, summary.first) > 0 ? from : summary.first;
}

export function hasOnlyTombstones({ summary }: LiveTable): boolean {
  return summary.tombstones === summary.entries;
}

/** The tables of a run that overlap a range. `last` is included. */
export function overlapping(run: Run, first: Uint8Array, last: Uint8Array): Run {
  const start = indexOf(run, (table) => compareKeys(table.summary.last, first) >= 0);
  const end = indexOf(run, (table) => compareKeys(firstOf(table), last) > 0);
  return start < end ? run.slice(start, end) : [];
}

/** The first table of which `holds` is true; it must be so for all behind that. */
export function indexOf(run: Run, holds: (table: LiveTable) => boolean): number {
  let low = 0;
  let high = run.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (holds(run[middle] as LiveTable)) high = middle;
    else low = middle + 1;
  }
  return low;
}

/** The ranges that these runs cover of what a step has to do with. */
export function coveredBelow(runs: readonly Run[], { index, inputs }: MergeStep): CoveredRange[] {
  const ranges = covered(inputs);
  const [lowest, highest] = [ranges[0], ranges.at(-1)];
  if (lowest === undefined || highest === undefined) return [];
  return covered(runs.slice(index + inputs.length).map((run) => overlapping(run, lowest.first, highest.last)));
}

/** The ranges that these runs cover, ascending and disjoint. */
export function covered(runs: readonly Run[]): CoveredRange[] {
  const ranges = runs.flat().map((table) => ({ first: firstOf(table), last: table.summary.last }));
  ranges.sort((a, b) => compareKeys(a.first, b.first));
  const union: CoveredRange[] = [];
  for (const range of ranges) {
    const open = union.at(-1);
    if (open === undefined || compareKeys(range.first, open.last) > 0) union.push(range);
    else if (compareKeys(range.last, open.last) > 0) union[union.length - 1] = { first: open.first, last: range.last };
  }
  return union;
}

/** With the tables of a flush as the youngest run. */
export function withFlushed(runs: readonly Run[], tables: readonly TableSummary[]): Run[] {
  return settled([tables.map((summary) => ({ summary })), ...runs]);
}

/** The runs after a step. */
export function withMerged(runs: readonly Run[], step: MergeStep, merged: Merged): Run[] {
  const done = merged.upTo ?? step.before;
  const result = [...runs];
  step.inputs.forEach((taken, place) => {
    if (taken.length === 0) return;
    const run = runs[step.index + place] ?? [];
    result[step.index + place] = run.flatMap((table) => (taken.includes(table) ? remains(table, done) : [table]));
  });
  const into = step.index + step.inputs.length - 1;
  for (const summary of merged.tables) result[into] = inserted(result[into] ?? [], { summary });
  return settled(result);
}

/** Without the tables that lie within one of the ranges. */
export function withoutForgotten(runs: readonly Run[], ranges: readonly KeyRange[]): Run[] {
  const isWithin = (table: LiveTable) =>
    ranges.some(({ from, to }) => compareKeys(from, firstOf(table)) <= 0 && compareKeys(table.summary.last, to) < 0);
  return settled(runs.map((run) => run.filter((table) => !isWithin(table))));
}

function remains(table: LiveTable, done: Buffer | undefined): Run {
  return done === undefined || compareKeys(table.summary.last, done) < 0
    ? []
    : compareKeys(done, firstOf(table)) <= 0
      ? [table]
      : [{ ...table, from: done }];
}

function inserted(run: Run, table: LiveTable): Run {
  const at = indexOf(run, (each) => compareKeys(firstOf(each), firstOf(table)) > 0);
  return [...run.slice(0, at), table, ...run.slice(at)];
}

/** Moves every table into the oldest run that it can get to, and drops those that have only tombstones and hide nothing. */
function settled(runs: readonly Run[]): Run[] {
  const result = [...runs];
  for (let index = 0; index < result.length; index += 1) {
    const staying: LiveTable[] = [];
    for (const table of result[index] ?? []) {
      const { summary } = table;
      const isClear = (run: Run) => overlapping(run, firstOf(table), summary.last).length === 0;
      if (hasOnlyTombstones(table) && result.slice(index + 1).every(isClear)) continue;
      const next = result[index + 1];
      if (next !== undefined && isClear(next)) result[index + 1] = inserted(next, table);
      else staying.push(table);
    }
    result[index] = staying;
  }
  return result.filter((run) => run.length > 0);
}
