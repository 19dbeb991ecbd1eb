/**
 * Loaded into the server's processes before their own program (`node --import`): writes down how much of the heap was in
 * use after the last full collection. What was in use at any other moment is mostly what the collector has not come to
 * yet, and how long it waits for that grows with the time that it has had: that is no leak.
 */
import { renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { constants, type PerformanceEntry, PerformanceObserver } from 'node:perf_hooks';
import { getHeapStatistics } from 'node:v8';

const folder = process.env.BENCH_HEAP_FOLDER;

function write(): void {
  if (folder === undefined) return;
  // Renamed, so that nobody reads half of it.
  const path = join(folder, String(process.pid));
  writeFileSync(`${path}.new`, String(getHeapStatistics().used_heap_size));
  renameSync(`${path}.new`, path);
}

/** The types of Node don't know what an entry about a collection has beside its times. */
function isFull(entry: PerformanceEntry & { readonly detail?: { readonly kind?: number } }): boolean {
  return entry.detail?.kind === constants.NODE_PERFORMANCE_GC_MAJOR;
}

new PerformanceObserver((entries) => {
  if (entries.getEntries().some(isFull)) write();
}).observe({ entryTypes: ['gc'] });
