import { spawn } from 'node:child_process';
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  watch,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { CompiledParts } from '../../../test/compiledParts.ts';
import type { Store } from '../store.ts';
import { compactEmbedded } from './compact.ts';
import { runJob } from './jobs.ts';
import { LogStore } from './logStore.ts';
import { NodeDisk } from './nodeDisk.ts';
import { openEmbedded } from './open.ts';

let root: string;
let directory: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'posthorn-compact-'));
  directory = join(root, 'data');
});
afterEach(() => rmSync(root, { recursive: true }));

const all = { from: Buffer.from('0'), to: Buffer.from('9~'), limit: 100_000 };
const keyOf = (i: number) => Buffer.from(String(i).padStart(8, '0'));
const sizeOf = (name: string) => statSync(join(directory, name)).size;
const bytesIn = () => readdirSync(directory).reduce((sum, name) => sum + sizeOf(name), 0);
const tables = () => readdirSync(directory).filter((name) => name.startsWith('table-'));

const bodyOf = (i: number) => Buffer.alloc(1000, i);

/** `count` entries of 1 KiB, of which one in `keeping` stays. */
async function fillAndThin(store: Store, count: number, keeping = 100): Promise<void> {
  for (let at = 0; at < count; at += 1000) {
    const numbers = Array.from({ length: Math.min(1000, count - at) }, (_, i) => at + i);
    await store.commit(numbers.map((i) => ({ key: keyOf(i), value: bodyOf(i) })));
  }
  for (let at = 0; at < count; at += 1000) {
    const numbers = Array.from({ length: Math.min(1000, count - at) }, (_, i) => at + i);
    await store.commit(numbers.filter((i) => i % keeping !== 0).map((i) => ({ key: keyOf(i) })));
  }
  await store.close();
}

/** What it leaves, as `entries` finds it. */
function thinned(count: number, keeping = 100): string[] {
  const kept = Array.from({ length: Math.ceil(count / keeping) }, (_, i) => i * keeping);
  return kept.map((i) => `${keyOf(i)} ${bodyOf(i).toString('hex')}`);
}

/** The same store with limits that give it many small tables in several runs. */
async function openSmall(): Promise<Store> {
  await (await openEmbedded(directory)).close();
  const disk = new NodeDisk(directory);
  const limits = { logBytes: 400_000, carriedBytes: 0, tableBytes: 100_000, ballastPieceBytes: 1000 };
  return LogStore.open(disk, { ...limits, runJob: (job) => runJob(disk, job) });
}

async function entries(): Promise<string[]> {
  const store = await openEmbedded(directory);
  try {
    return (await store.scan(all)).map(({ key, value }) => `${Buffer.from(key)} ${Buffer.from(value).toString('hex')}`);
  } finally {
    await store.close();
  }
}

test('what was deleted goes, entries stay, and the store is used on', async () => {
  await fillAndThin(await openEmbedded(directory), 8000);
  const sizes = await compactEmbedded(directory);
  expect(sizes.bytesBefore).toBeGreaterThan(8_000_000);
  // A log has 1 MiB at least.
  expect(sizes.bytesAfter).toBeLessThan(1024 * 1024 + 200_000);
  expect(bytesIn()).toBe(sizes.bytesAfter);
  expect(tables()).toHaveLength(1);
  if (process.platform !== 'win32') {
    for (const name of tables()) expect(statSync(join(directory, name)).mode & 0o777).toBe(0o600);
  }
  expect(await entries()).toEqual(thinned(8000));
  await fillAndThin(await openEmbedded(directory), 1000);
  expect(await entries()).toEqual(thinned(8000));
  await compactEmbedded(directory);
  expect(await entries()).toEqual(thinned(8000));
});

test('what is compacted stays as it is when it is compacted once more', async () => {
  await fillAndThin(await openEmbedded(directory), 3000, 3);
  const { bytesAfter } = await compactEmbedded(directory);
  expect(await entries()).toEqual(thinned(3000, 3));
  expect((await compactEmbedded(directory)).bytesAfter).toBe(bytesAfter);
  expect(await entries()).toEqual(thinned(3000, 3));
});

test('many tables become few, and their tombstones go with what they hide', async () => {
  await fillAndThin(await openSmall(), 6000, 60);
  const before = tables().length;
  expect(before).toBeGreaterThan(5);
  const { bytesAfter } = await compactEmbedded(directory);
  expect(tables().length).toBeLessThan(before / 2);
  expect(bytesAfter).toBeLessThan(1024 * 1024 + 200_000);
  expect(await entries()).toEqual(thinned(6000, 60));
});

test('a store whose last entry was deleted has no tables', async () => {
  await fillAndThin(await openSmall(), 2000, 3);
  const store = await openEmbedded(directory);
  await store.commit((await store.scan(all)).map(({ key }) => ({ key })));
  await store.close();
  await compactEmbedded(directory);
  expect(tables()).toEqual([]);
  expect(await entries()).toEqual([]);
});

test('an empty store is compacted, too', async () => {
  await (await openEmbedded(directory)).close();
  const { bytesAfter } = await compactEmbedded(directory);
  expect(bytesAfter).toBeLessThan(1024 * 1024 + 1000);
  expect(await entries()).toEqual([]);
});

test('a directory that a server uses is left alone', async () => {
  const store = await openEmbedded(directory);
  await expect(compactEmbedded(directory)).rejects.toMatchObject({ name: 'StoreUnusable', reason: 'locked' });
  await store.commit([{ key: keyOf(1), value: Buffer.from('on') }]);
  await store.close();
  expect(await entries()).toHaveLength(1);
});

test('what is no data directory is not made one', async () => {
  await expect(compactEmbedded(directory)).rejects.toMatchObject({ name: 'StoreUnusable' });
  expect(existsSync(directory)).toBe(false);
  mkdirSync(directory);
  await expect(compactEmbedded(directory)).rejects.toThrow('There is no store');
  expect(readdirSync(directory)).toEqual([]);
});

test('a damaged store is not touched', async () => {
  await (await openEmbedded(directory)).close();
  const manifest = join(directory, 'manifest');
  writeFileSync(manifest, 'x'.repeat(1000));
  const names = readdirSync(directory);
  await expect(compactEmbedded(directory)).rejects.toMatchObject({ reason: 'corrupt' });
  expect(readFileSync(manifest, 'utf8').length).toBe(1000);
  expect(readdirSync(directory)).toEqual(names);
});

describe.skipIf(process.platform !== 'linux')('killed', () => {
  const childCode = `
import { compactEmbedded } from './dist/storage/embedded/compact.js';
await compactEmbedded(process.argv[2]);
`;
  const compiled = new CompiledParts(['storage/embedded/compact.ts'], { 'child.mjs': childCode });

  /** Kills a compaction at the so manyth change of its directory that is seen; whether it came to its end before. */
  async function killAtChange(change: number): Promise<boolean> {
    const program = [compiled.path('child.mjs'), directory];
    const child = spawn(process.execPath, program, { stdio: ['ignore', 'ignore', 'inherit'] });
    let seen = 0;
    const watcher = watch(directory, () => {
      seen += 1;
      if (seen === change) child.kill('SIGKILL');
    });
    const code = await new Promise((resolve) => child.once('close', resolve));
    watcher.close();
    return code === 0;
  }

  test('at any moment it leaves a store that is whole', { timeout: 200_000 }, async () => {
    await fillAndThin(await openSmall(), 4000, 3);
    const expected = thinned(4000, 3);
    const original = join(root, 'original');
    cpSync(directory, original, { recursive: true });
    const before = tables().join();
    const { bytesBefore, bytesAfter } = await compactEmbedded(directory);
    expect(bytesAfter).toBeLessThan(bytesBefore);
    const after = tables().join();
    const ends: string[] = [];
    // There are hundreds of changes, since every piece of a table is one.
    for (let change = 1; ends.at(-1) !== 'done' && change < 2000; change += 1 + (change >> 2)) {
      rmSync(directory, { recursive: true });
      cpSync(original, directory, { recursive: true });
      const isDone = await killAtChange(change);
      const found = tables().join();
      ends.push(isDone ? 'done' : found === before ? 'before' : found === after ? 'after' : 'amidst');
      expect(await entries()).toEqual(expected);
      expect(existsSync(join(directory, 'POSTHORN'))).toBe(true);
    }
    expect(ends).toContain('before');
    expect(ends).toContain('amidst');
    expect(ends.at(-1)).toBe('done');
  });
});
