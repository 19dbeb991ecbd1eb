import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { memory } from '../usage.ts';
import { childrenOf } from './soakProcesses.ts';

/** Bytes; a figure is 0 where the system does not tell it. `anonymous` is what was allocated: heaps, buffers, stacks. */
export type MemorySample = {
  readonly atSeconds: number;
  readonly mainResident: number;
  readonly mainAnonymous: number;
  /** What was in use of the JavaScript heap after its last full collection. */
  readonly mainHeap: number;
  readonly workers: number;
  readonly workersResident: number;
  readonly workersAnonymous: number;
  readonly workersHeap: number;
};

export function sampleMemory(pid: number, heapFolder: string, atSeconds: number): MemorySample {
  const main = memory(pid);
  const children = childrenOf(pid);
  const sum = (of: (pid: number) => number): number => children.reduce((total, child) => total + of(child), 0);
  return {
    atSeconds,
    mainResident: main?.residentBytes ?? 0,
    mainAnonymous: main?.anonymousBytes ?? 0,
    mainHeap: heapOf(pid, heapFolder),
    workers: children.length,
    workersResident: sum((child) => memory(child)?.residentBytes ?? 0),
    workersAnonymous: sum((child) => memory(child)?.anonymousBytes ?? 0),
    workersHeap: sum((child) => heapOf(child, heapFolder)),
  };
}

function heapOf(pid: number, folder: string): number {
  try {
    return Number(readFileSync(join(folder, String(pid)), 'latin1'));
  } catch {
    return 0; // It has not written yet.
  }
}

/** Those in which no worker was missing that had been killed just before. */
export function wholeSamples(samples: readonly MemorySample[]): MemorySample[] {
  const most = Math.max(...samples.map(({ workers }) => workers));
  return samples.filter(({ workers }) => workers === most);
}

export type Trend = {
  readonly name: string;
  readonly bytesPerHour: number;
  readonly firstBytes: number;
  readonly lastBytes: number;
  /** What the line through the samples rises over their time; bytes. */
  readonly growthBytes: number;
  readonly isFlat: boolean;
};

const flatShare = 0.05;
const flatBytes = 8 * 2 ** 20;

/** The line of least squares through the last two thirds: until then caches fill and code is compiled. */
export function trendOf(
  name: string,
  samples: readonly MemorySample[],
  of: (sample: MemorySample) => number,
): Trend | undefined {
  const known = samples.filter((sample) => of(sample) > 0);
  const last = known.slice(Math.floor(known.length / 3));
  const values = last.map(of);
  const first = values[0];
  if (first === undefined || last.length < 3) return undefined;
  const times = last.map(({ atSeconds }) => atSeconds);
  const slope = slopeOf(times, values);
  const growthBytes = slope * ((times.at(-1) ?? 0) - (times[0] ?? 0));
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  return {
    name,
    bytesPerHour: slope * 3600,
    firstBytes: first,
    lastBytes: values.at(-1) ?? first,
    growthBytes,
    isFlat: growthBytes <= Math.max(flatBytes, flatShare * mean),
  };
}

function slopeOf(xs: readonly number[], ys: readonly number[]): number {
  const mean = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;
  const x0 = mean(xs);
  const y0 = mean(ys);
  let above = 0;
  let below = 0;
  for (const [index, x] of xs.entries()) {
    above += (x - x0) * ((ys[index] ?? 0) - y0);
    below += (x - x0) ** 2;
  }
  return above / below;
}
