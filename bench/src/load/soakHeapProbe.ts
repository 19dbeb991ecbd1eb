/**
 * Loaded into the server's processes before their own program (`node --import`): writes down how much of the heap is in
 * use. The least of an interval is told, as what the collector has not come to yet is no leak.
 */
import { renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { getHeapStatistics } from 'node:v8';

const lookMilliseconds = 200;
const writeMilliseconds = 5_000;
const folder = process.env.BENCH_HEAP_FOLDER;

let least = Number.POSITIVE_INFINITY;
/** The first look is written at once, as some processes do not live long. */
let writtenAt = Number.NEGATIVE_INFINITY;

function look(): void {
  least = Math.min(least, getHeapStatistics().used_heap_size);
  const now = performance.now();
  if (folder === undefined || now - writtenAt < writeMilliseconds) return;
  // Renamed, so that nobody reads half of it.
  const path = join(folder, String(process.pid));
  writeFileSync(`${path}.new`, String(least));
  renameSync(`${path}.new`, path);
  least = Number.POSITIVE_INFINITY;
  writtenAt = now;
}

setInterval(look, lookMilliseconds).unref();
