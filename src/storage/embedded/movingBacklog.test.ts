/**
 * Queues whose backlog stays as long as it is, while messages come in at its end and are deleted at its head. Tables must not be
 * written anew with every flush: once for what comes in, and for a part of it once more, when what lies beside it is deleted.
 * Queues so small that a table has many of them are written oftener.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { messageKey } from '../keys.ts';
import type { WriteOperation } from '../store.ts';
import { type Job, runJob } from './jobs.ts';
import { LogStore } from './logStore.ts';
import { NodeDisk } from './nodeDisk.ts';

const limits = { logBytes: 1024 * 1024, carriedBytes: 32 * 1024, tableBytes: 512 * 1024, ballastPieceBytes: 4096 };
/** Of all queues together. */
const backlog = 12_000;
const messageBytes = 1_000;
const messagesOfCommit = 20;

const keyOf = (queue: number, sequence: number) => messageKey(queue, { lane: 0, availableAt: sequence, sequence });

test.each([
  { queues: 3, timesWritten: 2 },
  { queues: 30, timesWritten: 5 },
])('what moves through $queues queues is written less than $timesWritten times', async ({ queues, timesWritten }) => {
  const directory = mkdtempSync(join(tmpdir(), 'posthorn-backlog-'));
  const disk = new NodeDisk(directory);
  let written = 0;
  const runCounted = async (job: Job) => {
    const result = await runJob(disk, job);
    for (const table of result.tables) written += table.bytes;
    return result;
  };
  const store = await LogStore.open(disk, { ...limits, runJob: runCounted });
  const ids = Array.from({ length: queues }, (_, index) => index + 1);
  const backlogOfEach = backlog / queues;
  let sent = 0;
  /** Each queue's next messages; those that `backlogOfEach` messages are behind are deleted. */
  const commitNext = async () => {
    const sequences = Array.from({ length: messagesOfCommit }, (_, index) => sent + index);
    const value = Buffer.alloc(messageBytes, sent % 256);
    const operations = ids.flatMap((id): WriteOperation[] => [
      ...sequences.map((each) => ({ key: keyOf(id, each), value })),
      ...sequences.filter((each) => each >= backlogOfEach).map((each) => ({ key: keyOf(id, each - backlogOfEach) })),
    ]);
    await store.commit(operations);
    sent += messagesOfCommit;
    // So that no merge is left out because the next commits are there already.
    await store.settled();
  };
  try {
    while (sent < backlogOfEach) await commitNext();
    written = 0;
    while (sent < 2 * backlogOfEach) await commitNext();
    expect(written / (backlog * messageBytes)).toBeLessThan(timesWritten);
    for (const id of ids) {
      const left = await store.scan({ from: keyOf(id, 0), to: keyOf(id + 1, 0), limit: 2 * backlog });
      const expected = Array.from({ length: backlogOfEach }, (_, index) => keyOf(id, sent - backlogOfEach + index));
      expect(left.map(({ key }) => key)).toEqual(expected);
    }
  } finally {
    await store.close();
    rmSync(directory, { recursive: true, force: true });
  }
});
