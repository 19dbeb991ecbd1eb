/** Jobs in a thread of their own, as a server runs them: a real thread of compiled code. */
import { spawn } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { CompiledParts } from '../../../test/compiledParts.ts';
import { CommitLog, logName } from './commitLog.ts';
import { frameBytes, writeFrame } from './frames.ts';
import { type FlushJob, type Job, runJob } from './jobs.ts';
import { JobThread } from './jobThread.ts';
import { LogStore } from './logStore.ts';
import { NodeDisk } from './nodeDisk.ts';

/** The real thread, which ends in some way when it is asked for a job of that name. */
const mortalCode = `
import { parentPort } from 'node:worker_threads';
import './dist/storeJobs.js';
parentPort.on('message', ({ log }) => {
  if (log === 'exit') process.exit(7);
  if (log === 'throw') throw new Error('out of order');
});
`;
/** A store that has run jobs and is left open. */
const idleCode = `
import { JobThread } from './dist/storage/embedded/jobThread.js';
import { LogStore } from './dist/storage/embedded/logStore.js';
import { NodeDisk } from './dist/storage/embedded/nodeDisk.js';
const directory = process.argv[2];
const jobs = new JobThread(new URL('./dist/storeJobs.js', import.meta.url), directory);
let done = 0;
const runJob = async (job) => {
  const result = await jobs.run(job);
  done += 1;
  return result;
};
const store = await LogStore.open(new NodeDisk(directory), { logBytes: 30_000, carriedBytes: 0, ballastPieceBytes: 1000, runJob });
for (let i = 0; i < 20; i += 1) await store.commit([{ key: Buffer.from('key' + i), value: Buffer.alloc(10_000) }]);
await store.settled();
console.log(done > 2 ? 'idle' : 'no jobs');
`;

const compiled = new CompiledParts(['storeJobs.ts', 'storage/embedded/jobThread.ts', 'storage/embedded/logStore.ts'], {
  'mortal.mjs': mortalCode,
  'idle.mjs': idleCode,
});

let directory: string;
let disk: NodeDisk;
let thread: JobThread;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'posthorn-jobs-'));
  disk = new NodeDisk(directory);
  thread = new JobThread(compiled.url('mortal.mjs'), directory);
});
afterEach(async () => {
  await thread.close();
  rmSync(directory, { recursive: true });
});

/** A log of some operations, and the job that makes tables of it. */
async function flushJob(number = 1): Promise<FlushJob> {
  const log = await CommitLog.create(disk, number, undefined);
  for (let commit = 1; commit <= 20; commit += 1) {
    const operations = [
      { key: Buffer.from(`key${commit}`), value: Buffer.alloc(3000, commit) },
      { key: Buffer.from(`key${commit - 3}`) },
    ];
    const frame = Buffer.alloc(frameBytes(operations));
    writeFrame(frame, 0, number, commit, operations);
    await log.append(frame);
  }
  await log.close();
  const below = [{ first: Buffer.from('key1'), last: Buffer.from('key14') }];
  const forgotten = [{ from: Buffer.from('key3'), to: Buffer.from('key4') }];
  const firstTable = 10 * number;
  return { kind: 'flush', log: logName(number), knownEnd: log.end, firstTable, below, forgotten, maxBytes: 20_000 };
}

const contents = () =>
  readdirSync(directory)
    .filter((name) => name.startsWith('table-'))
    .map((name) => [name, readFileSync(join(directory, name)).toString('base64')]);

test('a job gives the same result and the same files as in this thread, Buffers included', async () => {
  const flush = await flushJob();
  const other = { ...(await flushJob(2)), maxBytes: 1_000_000 };
  const merge: Job = {
    kind: 'merge',
    inputs: [[{ number: 20 }], [{ number: 10 }, { number: 11, from: Buffer.from('key2') }]],
    before: Buffer.from('key9'),
    firstTable: 30,
    below: [],
    maxBytes: 7_000,
  };
  for (const job of [flush, other, merge]) {
    const inline = await runJob(disk, job);
    const wanted = contents();
    expect(await thread.run(job)).toEqual(inline);
    expect(contents()).toEqual(wanted);
    if (inline.kind === 'flush') expect(inline.tables.every(({ first }) => Buffer.isBuffer(first))).toBe(true);
    else expect(inline.upTo).toBeInstanceOf(Buffer);
  }
  expect(contents().length).toBeGreaterThan(3);
});

test('an error keeps its code and its text, and the thread goes on', async () => {
  const job = await flushJob();
  await expect(thread.run({ ...job, log: 'log-0000000099' })).rejects.toMatchObject({
    code: 'ENOENT',
    message: expect.stringContaining('log-0000000099'),
  });
  await expect(thread.run({ ...job, knownEnd: 600 })).rejects.toMatchObject({
    code: undefined,
    message: expect.stringContaining('log-0000000001 is damaged'),
  });
  expect(await thread.run(job)).toMatchObject({ kind: 'flush' });
});

test.each([
  ['exit', /ended \(7\)/],
  ['throw', /out of order/],
])('a thread that dies by %s rejects its job, and the next job has a new thread', async (log, message) => {
  const job = await flushJob();
  for (let times = 0; times < 2; times += 1) {
    await expect(thread.run({ ...job, log })).rejects.toThrow(message);
    expect(await thread.run(job)).toMatchObject({ kind: 'flush' });
  }
});

test('a store whose thread dies takes commits, and makes its tables with the next thread', async () => {
  let deaths = 1;
  const store = await LogStore.open(disk, {
    logBytes: 30_000,
    carriedBytes: 0,
    runJob: (job) => thread.run(job.kind === 'flush' && deaths-- > 0 ? { ...job, log: 'exit' } : job),
  });
  const keyOf = (i: number) => Buffer.from(String(i).padStart(4, '0'));
  for (let i = 0; i < 300; i += 1) await store.commit([{ key: keyOf(i), value: Buffer.alloc(1000, i) }]);
  await store.settled();
  expect(deaths).toBeLessThan(0);
  expect(contents().length).toBeGreaterThan(0);
  const found = await store.scan({ from: keyOf(0), to: keyOf(9999), limit: 1000 });
  expect(found.map(({ key }) => Buffer.from(key).toString())).toEqual(
    Array.from({ length: 300 }, (_, i) => `${keyOf(i)}`),
  );
  await store.close();
});

test('an open store with a thread that has nothing to do does not keep its process', async () => {
  const child = spawn(process.execPath, [compiled.path('idle.mjs'), directory], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let output = '';
  child.stdout.on('data', (text: Buffer) => {
    output += text.toString();
  });
  const code = await new Promise((resolve) => child.once('close', resolve));
  expect([code, output]).toEqual([0, 'idle\n']);
});
