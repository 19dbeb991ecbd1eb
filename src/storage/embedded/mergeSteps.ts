/**
 * What is merged next. Pure, like `runs.ts`.
 *
 * Two rules. A table is merged into what it overlaps in the next older run once it has as much, or its tombstones hide half of
 * that: what is deleted takes space for as long, and every entry is rewritten the less. And where too many runs lie over a key,
 * all of which a read of it looks into, as many of them as are about alike are merged at once.
 */
import { compareKeys } from './entryBytes.ts';
import { firstOf, hasOnlyTombstones, indexOf, type LiveTable, type MergeStep, overlapping, type Run } from './runs.ts';
import { isTableEnd, type KeyPlace, weightOf } from './tableEnds.ts';

/** Which steps are wanted. */
export interface MergeLimits {
  /** A step reads from tables that have at most as much together, or from two; or from more that begin with the same key. */
  readonly stepBytes: number;
  /** Everything is to be merged, worthwhile or not. */
  readonly all?: boolean;
  /** The numbers of tables that take no part. */
  readonly aside?: ReadonlySet<number>;
}

/** The most worthwhile step, if any is; or the one that is next, if everything is to be merged. */
export function nextMerge(runs: readonly Run[], limits: MergeLimits): MergeStep | undefined {
  const { all = false, aside = none } = limits;
  const flattening = nextFlattening(runs, all ? 1 : mostOver, limits);
  if (flattening !== undefined && !takesPart(flattening, aside)) return flattening;
  // Where the many can't be merged at once, two of them may.
  const least = flattening === undefined && !all ? worthwhile : 0;
  return nextPair(runs, limits, least);
}

/**
 * Where more than `most` runs lie over one key, which every read of it looks into. Where they are the most they are merged, as
 * many as come cheapest: so what a burst into many queues leaves is written once more, and not once for each run.
 */
function nextFlattening(
  runs: readonly Run[],
  most: number,
  { stepBytes, all = false }: MergeLimits,
): MergeStep | undefined {
  const key = runs.length > most ? deepestKey(runs, most) : undefined;
  if (key === undefined) return undefined;
  const over = runs.map((run) => overlapping(run, key, key)[0]);
  const last = highest(over.flatMap((table) => table?.summary.last ?? []));
  const bytes = runs.map((run) => bytesOf(overlapping(run, key, last)));
  const isOver = over.map((table) => table !== undefined);
  const isWhole = all && runs.length <= mostInputs;
  const { index, end } = isWhole ? { index: 0, end: runs.length } : cheapest(bytes, isOver, most);
  const group = runs.slice(index, end);
  const from = connectedFrom(group, key);
  const rests = group.map((run) => run.slice(indexOf(run, ({ summary }) => compareKeys(summary.last, from) >= 0)));
  return cutStep(index, rests, stepBytes);
}

/** The lowest of the keys that the most runs lie over, if those are more than `most`. */
export function deepestKey(runs: readonly Run[], most: number): Buffer | undefined {
  const tables = runs.flat();
  const ends = tables.map(({ summary }) => summary.last).sort(compareKeys);
  let deepest = most;
  let ended = 0;
  let found: Buffer | undefined;
  for (const [started, first] of tables.map(firstOf).sort(compareKeys).entries()) {
    while (compareKeys(ends[ended] as Buffer, first) < 0) ended += 1;
    if (started - ended < deepest) continue;
    deepest = started - ended + 1;
    found = first;
  }
  return found;
}

/**
 * Runs beside each other that take few bytes for each run that is gone then, and leave no more than `most` over a key: the most
 * runs that take no more than twice the least.
 */
function cheapest(bytes: readonly number[], isOver: readonly boolean[], most: number): { index: number; end: number } {
  const fewest = Math.min(isOver.filter(Boolean).length - most + 1, mostInputs);
  const groups: { index: number; end: number; gone: number; cost: number }[] = [];
  for (let index = 0; index < bytes.length; index += 1) {
    let [sum, over] = [0, 0];
    for (let end = index; isOver[index] && end < bytes.length && over < mostInputs; end += 1) {
      sum += bytes[end] ?? 0;
      if (!isOver[end]) continue;
      over += 1;
      if (over >= fewest) groups.push({ index, end: end + 1, gone: over - 1, cost: sum / (over - 1) });
    }
  }
  const least = Math.min(...groups.map(({ cost }) => cost));
  const cheap = groups.filter(({ cost }) => cost <= 2 * least);
  return cheap.reduce((best, each) =>
    each.gone > best.gone || (each.gone === best.gone && each.cost < best.cost) ? each : best,
  );
}

/** How far back tables of these runs overlap each other, from those that have the key on. */
function connectedFrom(runs: readonly Run[], key: Buffer): Buffer {
  let from = key;
  for (let first: Buffer | undefined = key; first !== undefined; ) {
    from = first;
    const firsts = runs.flatMap((run) => overlapping(run, from, from)).map(firstOf);
    first = firsts.find((each) => compareKeys(each, from) < 0);
  }
  return from;
}

/** Of these tables as many as a step may take, from the lowest on, as long as they overlap each other. */
function cutStep(index: number, inputs: readonly Run[], stepBytes: number): MergeStep {
  const ascending = inputs.flat().sort((a, b) => compareKeys(firstOf(a), firstOf(b)));
  let [taken, bytes] = [0, 0];
  let reach: Buffer = nothing;
  for (const table of ascending) {
    const first = firstOf(table);
    const isBehindLast = taken === 0 || compareKeys(firstOf(ascending[taken - 1] as LiveTable), first) < 0;
    const isEnough = taken >= 2 && isBehindLast && bytes + table.summary.bytes > stepBytes;
    if (isEnough || (taken > 0 && compareKeys(reach, first) < 0)) {
      const isTaken = (each: LiveTable) => compareKeys(firstOf(each), first) < 0;
      return { index, inputs: inputs.map((run) => run.filter(isTaken)), before: first };
    }
    taken += 1;
    bytes += table.summary.bytes;
    reach = highest([reach, table.summary.last]);
  }
  return { index, inputs, before: undefined };
}

function highest(keys: readonly Buffer[]): Buffer {
  return keys.reduce((a, b) => (compareKeys(a, b) < 0 ? b : a), nothing);
}

/** Of a table and what it overlaps in the next older run, if it is worth at least that. */
function nextPair(
  runs: readonly Run[],
  { stepBytes, aside = none }: MergeLimits,
  least: number,
): MergeStep | undefined {
  let best: { worth: number; step: MergeStep } | undefined;
  runs.slice(0, -1).forEach((run, index) => {
    for (const younger of run) {
      const older = overlapping(runs[index + 1] ?? [], firstOf(younger), younger.summary.last);
      const worth = worthOf(younger, older);
      const isBetter = best === undefined ? worth >= least : worth > best.worth;
      const step = isBetter ? cutStep(index, [[younger], older], stepBytes) : undefined;
      if (step !== undefined && !takesPart(step, aside)) best = { worth, step };
    }
  });
  return best?.step;
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
    if (group.length >= smallShare) return { index, inputs: [group], before: undefined };
  }
  return undefined;
}

/** Joined, they would end there again. */
function areApart(last: LiveTable | undefined, next: LiveTable, hasEnough: boolean): boolean {
  if (last === undefined) return false;
  const isTurn = hasOnlyTombstones(last) !== hasOnlyTombstones(next);
  return isTableEnd(placeOf(last.summary.last), placeOf(firstOf(next)), hasEnough, isTurn);
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
  return table && { index: 0, inputs: [[table]], before: undefined };
}

function takesPart({ inputs }: MergeStep, numbers: ReadonlySet<number>): boolean {
  return numbers.size > 0 && inputs.flat().some(({ summary }) => numbers.has(summary.number));
}

/** What merging brings, in bytes moved, and twice those freed, for each byte of older tables that is written anew. */
function worthOf({ summary }: LiveTable, older: readonly LiveTable[]): number {
  const entries = older.reduce((sum, table) => sum + table.summary.entries, 0);
  return summary.bytes / bytesOf(older) + (2 * summary.tombstones) / entries;
}

function bytesOf(run: Run): number {
  return run.reduce((sum, table) => sum + table.summary.bytes, 0);
}

const none: ReadonlySet<number> = new Set();
const nothing = Buffer.alloc(0);
/** So many tables of at most that share of a full one are joined. */
export const smallShare = 4;
const worthwhile = 1;
/** Every read looks into each run over its keys. Beyond this many they are merged although it is not worthwhile yet. */
const mostOver = 6;
/** Each takes memory for the blocks that it reads ahead. */
const mostInputs = 64;
