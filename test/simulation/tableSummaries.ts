import type { Run } from '../../src/storage/embedded/runs.ts';
import type { TableSummary } from '../../src/storage/embedded/table.ts';

/** All of one queue. */
export function keyOf(key: number): Buffer {
  return Buffer.of(0x20, 0, 0, 0, 0, 0, 1, key >> 8, key & 0xff);
}

/** Of a table of 1,000 bytes; the file is nowhere. */
export function tableOf(number: number, first: number, last: number, tombstones = 0, entries = 10): TableSummary {
  return { number, bytes: 1000, entries, tombstones, first: keyOf(first), last: keyOf(last) };
}

export function numbersOf(runs: readonly Run[]): number[][] {
  return runs.map((run) => run.map(({ summary }) => summary.number));
}
