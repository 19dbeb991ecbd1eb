/**
 * Which tables there are, in runs, and what is merged next. Pure: files and their contents are elsewhere.
 *
 * The tables of a run ascend and don't overlap. Runs go from the youngest to the oldest, and what a younger one has under a
 * key hides what older ones have. A table that overlaps nothing in the next older run is moved there, which costs nothing;
 * so the messages of a long queue, which ascend, are never rewritten. One that overlaps something is merged into it once it
 * weighs a fourth of that, tombstones counted as what they hide. So every entry is rewritten a few times for each factor of
 * four between the size of a flush and that of the store, and the runs are about as many as there are such factors.
 */
import type { KeyRange } from '../store.ts';
import { compareKeys } from './entryBytes.ts';
import type { TableSummary } from './table.ts';
import { isTableEnd, type KeyPlace, weightOf } from './tableEnds.ts';

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
 * Tables of the run at `index` are merged with those of the run `into`, where the result belongs: the next older one, or the
 * same if they are only joined. It goes as far as `before`, which is undefined for all of them.
 */
export interface MergeStep {
  readonly index: number;
  readonly into: number;
  readonly younger: readonly LiveTable[];
  readonly older: readonly LiveTable[];
  readonly before: Buffer | undefined;
}

export interface Merged {
  /** What was left of them, if anything. */
  readonly table: TableSummary | undefined;
  /** Where the step ended; undefined: with all that it had. */
  readonly upTo: Buffer | undefined;
}

export function firstOf({ summary, from }: LiveTable): Buffer {
  return from !== undefined && compareKeys(from, summary.first) > 0 ? from : summary.first;
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
export function coveredBelow(runs: readonly Run[], { into, younger, older }: MergeStep): CoveredRange[] {
  const ranges = covered([[...younger, ...older]]);
  const [lowest, highest] = [ranges[0], ranges.at(-1)];
  if (lowest === undefined || highest === undefined) return [];
  return covered(runs.slice(into + 1).map((run) => overlapping(run, lowest.first, highest.last)));
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

/** The runs after a step. Those that it leaves as they were are the same arrays: what was found of them holds. */
export function withMerged(runs: readonly Run[], step: MergeStep, merged: Merged): Run[] {
  const taken = [...step.younger, ...step.older];
  const done = merged.upTo ?? step.before;
  const result = [...runs];
  for (const index of new Set([step.index, step.into])) {
    const run = runs[index] ?? [];
    result[index] = run.flatMap((table) => (taken.includes(table) ? remains(table, done) : [table]));
  }
  if (merged.table !== undefined) result[step.into] = inserted(result[step.into] ?? [], { summary: merged.table });
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

/** By a run: the next older one that all of its tables overlap, if that was found; none of them has only tombstones. */
const settledOn = new WeakMap<Run, Run>();

/** Moves every table into the oldest run that it can get to, and drops those that have only tombstones and hide nothing. */
function settled(runs: readonly Run[]): Run[] {
  const result = [...runs];
  for (let index = 0; index < result.length; index += 1) {
    const run = result[index] ?? [];
    const nextRun = result[index + 1];
    if (nextRun !== undefined && settledOn.get(run) === nextRun) continue;
    const staying: LiveTable[] = [];
    for (const table of run) {
      const { summary } = table;
      const isClear = (run: Run) => overlapping(run, firstOf(table), summary.last).length === 0;
      if (hasOnlyTombstones(table) && result.slice(index + 1).every(isClear)) continue;
      const next = result[index + 1];
      if (next !== undefined && isClear(next)) result[index + 1] = inserted(next, table);
      else staying.push(table);
    }
    if (staying.length < run.length) result[index] = staying;
    else if (nextRun !== undefined && !run.some(hasOnlyTombstones)) settledOn.set(run, nextRun);
  }
  return result.filter((run) => run.length > 0);
}

/** Which steps are wanted. */
export interface MergeLimits {
  /** Of older tables a step reads at most as much, or one. */
  readonly stepBytes: number;
  /** Everything is to be merged, worthwhile or not. */
  readonly all?: boolean;
  /** The numbers of tables that take no part. */
  readonly aside?: ReadonlySet<number>;
}

/** The most worthwhile step, if any is; or the one that is next, if everything is to be merged. */
export function nextMerge(runs: readonly Run[], limits: MergeLimits): MergeStep | undefined {
  const { stepBytes, all = false, aside = none } = limits;
  let best: { worth: number; step: MergeStep } | undefined;
  runs.slice(0, -1).forEach((run, index) => {
    for (const { younger, older, worth } of candidatesOf(run, runs[index + 1] ?? [], aside.size > 0)) {
      const step = best === undefined || worth > best.worth ? stepOf(index, younger, older, stepBytes) : undefined;
      if (step !== undefined && !takesPart(step, aside)) best = { worth, step };
    }
  });
  if (best === undefined || (best.worth < worthwhile && runs.length <= mostRuns && !all)) return undefined;
  return best.step;
}

interface Candidate {
  readonly younger: LiveTable;
  readonly older: Run;
  readonly worth: number;
}

/** By a run: the most worthwhile of its tables, and into which run it was to be merged. */
const bestKnown = new WeakMap<Run, { readonly into: Run; readonly best: readonly Candidate[] }>();

/** The first of the most worthwhile; or all of a run's tables, where some of them take no part. */
function candidatesOf(run: Run, into: Run, some: boolean): readonly Candidate[] {
  const known = bestKnown.get(run);
  if (!some && known?.into === into) return known.best;
  const candidates = run.map((younger) => {
    const older = overlapping(into, firstOf(younger), younger.summary.last);
    return { younger, older, worth: worthOf(younger, older) };
  });
  if (some) return candidates;
  const best = candidates.reduce<Candidate[]>(
    (found, each) => (found[0] === undefined || each.worth > found[0].worth ? [each] : found),
    [],
  );
  bestKnown.set(run, { into, best });
  return best;
}

/**
 * Joins tables that lie beside each other and are small. Those of a flush are as small as a queue's share of it, and where
 * nothing is ever merged into them they would become as many as there were flushes.
 */
export function nextJoin(
  runs: readonly Run[],
  tableBytes: number,
  aside: ReadonlySet<number> = none,
): MergeStep | undefined {
  for (const [index, run] of runs.entries()) {
    let group: LiveTable[] = [];
    let bytes = 0;
    let weight = 0;
    for (const table of run) {
      const isSmall = table.summary.bytes <= tableBytes / smallShare && !aside.has(table.summary.number);
      const last = group.at(-1);
      const hasEnough = weight * smallShare >= tableBytes;
      const isApart = !isSmall || areApart(last, table, hasEnough) || isBetween(last, table, runs[index + 1]);
      // Small tables that don't fit into one are always more than enough to be joined.
      if (group.length >= smallShare && (isApart || bytes + table.summary.bytes > tableBytes)) break;
      if (isApart) [group, bytes, weight] = [[], 0, 0];
      if (!isSmall) continue;
      group.push(table);
      bytes += table.summary.bytes;
      weight += weightOf(table.summary.bytes, table.summary.tombstones);
    }
    if (group.length >= smallShare) return { index, into: index, younger: group, older: [], before: undefined };
  }
  return undefined;
}

/** Joined, they would end there again. */
function areApart(last: LiveTable | undefined, next: LiveTable, hasEnough: boolean): boolean {
  if (last === undefined) return false;
  const isTurn = hasOnlyTombstones(last) !== hasOnlyTombstones(next);
  return isTableEnd(placeOf(last.summary.last), placeOf(firstOf(next)), hasEnough, isTurn);
}

function hasOnlyTombstones({ summary }: LiveTable): boolean {
  return summary.tombstones === summary.entries;
}

function placeOf(key: Buffer): KeyPlace {
  return { bytes: key, from: 0, to: key.length };
}

/** Whether tables of the next older run lie between two of a run. Joined, these would overlap them. */
function isBetween(left: LiveTable | undefined, right: LiveTable, olderRun: Run | undefined): boolean {
  if (left === undefined || olderRun === undefined) return false;
  const next = olderRun[indexOf(olderRun, (table) => compareKeys(firstOf(table), left.summary.last) > 0)];
  return next !== undefined && compareKeys(next.summary.last, firstOf(right)) < 0;
}

/** Of a single run: writes a table anew that has tombstones, or entries that don't count. */
export function nextRewrite(runs: readonly Run[]): MergeStep | undefined {
  const table = runs[0]?.find(({ summary, from }) => from !== undefined || summary.tombstones > 0);
  return table && { index: 0, into: 0, younger: [table], older: [], before: undefined };
}

/** `overlapped` are all tables of the next older run that the younger one overlaps. */
function stepOf(index: number, younger: LiveTable, overlapped: Run, stepBytes: number): MergeStep {
  const older: LiveTable[] = [];
  let bytes = 0;
  for (const table of overlapped) {
    if (older.length > 0 && bytes + table.summary.bytes > stepBytes) break;
    bytes += table.summary.bytes;
    older.push(table);
  }
  const next = overlapped[older.length];
  const before = next === undefined ? undefined : firstOf(next);
  return { index, into: index + 1, younger: [younger], older, before };
}

function takesPart({ younger, older }: MergeStep, numbers: ReadonlySet<number>): boolean {
  return numbers.size > 0 && [...younger, ...older].some(({ summary }) => numbers.has(summary.number));
}

/** What merging brings, in bytes moved or freed, for each byte of older tables that is written anew. */
function worthOf({ summary }: LiveTable, older: readonly LiveTable[]): number {
  const bytes = older.reduce((sum, table) => sum + table.summary.bytes, 0);
  const entries = older.reduce((sum, table) => sum + table.summary.entries, 0);
  return (summary.bytes + (summary.tombstones * bytes) / entries) / bytes;
}

const none: ReadonlySet<number> = new Set();
/** So many tables of at most that share of a full one are joined. */
export const smallShare = 4;
const worthwhile = 1 / 4;
/** Every read looks into each run. Beyond this many they are merged although it is not worthwhile yet. */
const mostRuns = 12;
