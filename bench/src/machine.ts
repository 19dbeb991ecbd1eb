import { closeSync, fdatasyncSync, openSync, rmSync, writeSync } from 'node:fs';
import { availableParallelism, cpus, loadavg, platform, totalmem } from 'node:os';
import { join } from 'node:path';
import { quantile } from './statistics.ts';

export type Machine = {
  readonly processor: string;
  readonly cores: number;
  readonly memoryGibibytes: number;
  readonly platform: string;
  readonly node: string;
  /** Processes that wanted a core in the minute before; always 0 on Windows. */
  readonly loadBefore: number;
  readonly syncMedianMilliseconds: number;
  readonly syncP99Milliseconds: number;
};

const syncLoopMilliseconds = 500;
const syncBlockBytes = 4096;

/** What a reader needs to place the figures; nothing that tells whose machine it was. */
export function describeMachine(dataFolder: string): Machine {
  const sync = measureSync(dataFolder);
  return {
    processor: cpus()[0]?.model.trim() ?? 'unknown',
    cores: availableParallelism(),
    memoryGibibytes: Math.round(totalmem() / 2 ** 30),
    platform: `${platform()} ${process.arch}`,
    node: process.version,
    loadBefore: loadavg()[0] ?? 0,
    syncMedianMilliseconds: quantile(sync, 0.5),
    syncP99Milliseconds: quantile(sync, 0.99),
  };
}

/** How long it takes to append one block and sync it: the price that every durable answer pays at least once. */
function measureSync(folder: string): Float64Array {
  const path = join(folder, 'sync-probe');
  const file = openSync(path, 'w');
  const block = Buffer.alloc(syncBlockBytes, 1);
  const samples: number[] = [];
  try {
    const deadline = performance.now() + syncLoopMilliseconds;
    while (performance.now() < deadline) {
      const started = performance.now();
      writeSync(file, block, 0, block.length, samples.length * block.length);
      fdatasyncSync(file);
      samples.push(performance.now() - started);
    }
  } finally {
    closeSync(file);
    rmSync(path, { force: true });
  }
  return Float64Array.from(samples).sort();
}
