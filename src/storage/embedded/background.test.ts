import { EventEmitter, once } from 'node:events';
import { beforeEach, expect, test } from 'vitest';
import { SimulatedDisk } from '../../../test/simulation/simulatedDisk.ts';
import { logNumberOf } from './commitLog.ts';
import type { JobResult } from './jobs.ts';
import { LogStore } from './logStore.ts';
import { readManifest } from './manifest.ts';

const limits = { logBytes: 3000, carriedBytes: 0, ballastPieceBytes: 4096 };

let disk: SimulatedDisk;
beforeEach(() => {
  disk = new SimulatedDisk(1);
});

const flushes = new EventEmitter();

/** A store that begins its last log during a flush; that fails at `fail`, and so does every other. */
async function openAndBegin(): Promise<LogStore> {
  let count = 0;
  const runJob = async (): Promise<JobResult> => {
    count += 1;
    if (count === 1) await once(flushes, 'fail');
    else flushes.emit('another');
    throw new Error('no flush');
  };
  const store = await LogStore.open(disk, { ...limits, runJob });
  for (let i = 0; i < 8; i++) await store.commit([{ key: Buffer.from(`key${i}`), value: Buffer.alloc(1000) }]);
  expect(await lastLogs()).toEqual({ told: 2, there: 3 });
  return store;
}

/** What the manifest tells of. */
async function lastLogs(): Promise<{ told: number; there: number }> {
  const names = await disk.names();
  const manifest = readManifest(disk, names);
  if (manifest === undefined || typeof manifest === 'string') throw new Error('no manifest');
  return { told: manifest.lastLog, there: Math.max(...names.map((name) => logNumberOf(name) ?? 0)) };
}

test('a log that was begun during a flush that fails is told of when it has failed', async () => {
  const store = await openAndBegin();
  const another = once(flushes, 'another');
  flushes.emit('fail');
  await another;
  expect(await lastLogs()).toEqual({ told: 3, there: 3 });
  await store.close();
});

test('a store that is closed tells of its last log before', async () => {
  const store = await openAndBegin();
  const closed = store.close();
  flushes.emit('fail');
  await closed;
  expect(await lastLogs()).toEqual({ told: 3, there: 3 });
});
