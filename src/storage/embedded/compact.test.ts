import { execFileSync, spawn } from 'node:child_process';
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  statSync,
  watch,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { compactEmbedded } from './compact.ts';
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
const storeFile = () => join(directory, 'store.mdb');

/** `count` entries of 1 KiB, of which one in `keeping` stays. */
async function fillAndThin(count: number, keeping = 100): Promise<void> {
  const store = await openEmbedded(directory);
  for (let at = 0; at < count; at += 1000) {
    const numbers = Array.from({ length: Math.min(1000, count - at) }, (_, i) => at + i);
    await store.commit(numbers.map((i) => ({ key: keyOf(i), value: Buffer.alloc(1000, i) })));
  }
  for (let at = 0; at < count; at += 1000) {
    const numbers = Array.from({ length: Math.min(1000, count - at) }, (_, i) => at + i);
    await store.commit(numbers.filter((i) => i % keeping !== 0).map((i) => ({ key: keyOf(i) })));
  }
  await store.close();
}

async function entries(): Promise<string[]> {
  const store = await openEmbedded(directory);
  try {
    return (await store.scan(all)).map(({ key, value }) => `${Buffer.from(key)} ${Buffer.from(value).toString('hex')}`);
  } finally {
    await store.close();
  }
}

test('free pages go, entries stay, and the store is used on', async () => {
  await fillAndThin(8000);
  const before = await entries();
  expect(before).toHaveLength(80);
  const sizes = await compactEmbedded(directory);
  expect(sizes.bytesBefore).toBeGreaterThan(8_000_000);
  expect(sizes.bytesAfter).toBeLessThan(500_000);
  expect(statSync(storeFile()).size).toBe(sizes.bytesAfter);
  if (process.platform !== 'win32') expect(statSync(storeFile()).mode & 0o777).toBe(0o600);
  expect(await entries()).toEqual(before);
  await fillAndThin(1000);
  expect(await entries()).toHaveLength(80);
  await compactEmbedded(directory);
  expect(await entries()).toHaveLength(80);
});

test('an empty store is compacted, too', async () => {
  await (await openEmbedded(directory)).close();
  const { bytesAfter } = await compactEmbedded(directory);
  expect(bytesAfter).toBeLessThan(100_000);
  expect(await entries()).toEqual([]);
});

test('where there is no room for what is stored once more, nothing is begun', async () => {
  await fillAndThin(4000, 2);
  const { size } = statSync(storeFile());
  await expect(compactEmbedded(directory, async () => 9_000_000)).rejects.toMatchObject({
    reason: 'no-space',
    message: expect.stringMatching(/^There is no room to compact the store in .* 9 MiB are free\.$/),
  });
  expect(statSync(storeFile()).size).toBe(size);
  expect((await compactEmbedded(directory, async () => 20_000_000)).bytesAfter).toBeLessThan(size);
  expect(await entries()).toHaveLength(2000);
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

test('a damaged store is not replaced', async () => {
  mkdirSync(directory);
  writeFileSync(storeFile(), 'x'.repeat(100_000));
  await expect(compactEmbedded(directory)).rejects.toMatchObject({ reason: 'corrupt' });
  expect(readFileSync(storeFile(), 'utf8').length).toBe(100_000);
});

describe.skipIf(process.platform !== 'linux')('killed', () => {
  const repository = realpathSync(join(import.meta.dirname, '../../..'));
  let compiled: string;
  /** The child runs compiled code, since the oldest Node that is supported doesn't run TypeScript. */
  beforeAll(() => {
    mkdirSync(join(repository, 'node_modules/.cache'), { recursive: true });
    compiled = mkdtempSync(join(repository, 'node_modules/.cache/posthorn-compact-'));
    const { imports } = JSON.parse(readFileSync(join(repository, 'package.json'), 'utf8')) as { imports: unknown };
    writeFileSync(join(compiled, 'package.json'), JSON.stringify({ type: 'module', imports }));
    const output = {
      rootDir: join(repository, 'src'),
      outDir: 'dist',
      incremental: false,
      declaration: false,
      emitDeclarationOnly: false,
    };
    const project = {
      extends: join(repository, 'tsconfig.build.json'),
      compilerOptions: output,
      include: [],
      files: [join(import.meta.dirname, 'compact.ts')],
    };
    writeFileSync(join(compiled, 'tsconfig.json'), JSON.stringify(project));
    execFileSync(process.execPath, [join(repository, 'node_modules/typescript/bin/tsc'), '-p', compiled]);
    writeFileSync(join(compiled, 'child.mjs'), childCode);
  });
  afterAll(() => rmSync(compiled, { recursive: true }));

  const childCode = `
import { compactEmbedded } from './dist/storage/embedded/compact.js';
await compactEmbedded(process.argv[2]);
`;

  /** Kills a compaction at the so manyth change of its directory that is seen; whether it came to its end before. */
  async function killAtChange(change: number): Promise<boolean> {
    const program = [join(compiled, 'child.mjs'), directory];
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

  test('at any moment it leaves the old file or the new one, whole', { timeout: 120_000 }, async () => {
    await fillAndThin(12_000, 3);
    const expected = await entries();
    const original = join(root, 'original');
    cpSync(directory, original, { recursive: true });
    const { bytesBefore, bytesAfter } = await compactEmbedded(directory);
    expect(bytesAfter).toBeLessThan(bytesBefore);
    const ends: string[] = [];
    for (let change = 1; ends.at(-1) !== 'done' && change < 100; change += 1) {
      rmSync(directory, { recursive: true });
      cpSync(original, directory, { recursive: true });
      const isDone = await killAtChange(change);
      const isCopying = existsSync(join(directory, 'store.mdb-compacting'));
      const { size } = statSync(storeFile());
      expect(size).toBe(isDone || (size === bytesAfter && !isCopying) ? bytesAfter : bytesBefore);
      expect(await entries()).toEqual(expected);
      expect(existsSync(join(directory, 'store.mdb-compacting'))).toBe(false);
      ends.push(isDone ? 'done' : isCopying ? 'copying' : size === bytesAfter ? 'renamed' : 'before');
    }
    expect(ends).toContain('copying');
    expect(ends.at(-1)).toBe('done');
  });
});
