import { createHash } from 'node:crypto';
import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { StoreUnusable } from '../store.ts';
import { LmdbStore } from './lmdbStore.ts';
import { openEmbedded } from './open.ts';

let root: string;
let directory: string;
const key = Buffer.from('key');

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'posthorn-open-'));
  directory = join(root, 'data');
});
afterEach(() => rmSync(root, { recursive: true }));

async function unusable(path = directory): Promise<StoreUnusable> {
  const error = await openEmbedded(path).then(
    async (store) => {
      await store.close();
      return 'it opened';
    },
    (reason: unknown) => reason,
  );
  if (!(error instanceof StoreUnusable)) throw new Error(`expected StoreUnusable: ${String(error)}`);
  return error;
}

async function fill(): Promise<void> {
  const store = await openEmbedded(directory);
  for (let i = 0; i < 20; i++) await store.commit([{ key: Buffer.from(`key${i}`), value: Buffer.alloc(20_000, i) }]);
  await store.commit([{ key, value: Buffer.from('kept') }]);
  await store.close();
}

const storeFile = () => join(directory, 'store.mdb');

/** Everything that a person would miss: LMDB's own table of readers changes with each opening. */
function fingerprint(): string[] {
  return readdirSync(directory)
    .filter((name) => name !== 'store.mdb-lock')
    .sort()
    .map(
      (name) =>
        `${name} ${createHash('sha256')
          .update(readFileSync(join(directory, name)))
          .digest('hex')}`,
    );
}

test('makes a private directory with a note in it, and finds again what was stored', async () => {
  directory = join(root, 'not', 'yet', 'there');
  await fill();
  expect(statSync(directory).mode & 0o777).toBe(0o700);
  expect(statSync(storeFile()).mode & 0o777).toBe(0o600);
  expect(readFileSync(join(directory, 'POSTHORN'), 'utf8')).toMatch(/Posthorn[\s\S]*^Format: 2$/m);
  expect(readdirSync(directory).sort()).toEqual(['POSTHORN', 'store.mdb', 'store.mdb-lock']);
  const store = await openEmbedded(directory);
  expect(Buffer.from((await store.get(key)) ?? []).toString()).toBe('kept');
  await store.close();
});

test('takes an existing directory, files of others in it included, and a name with a dot', async () => {
  directory = join(root, 'data.d');
  mkdirSync(join(directory, 'lost+found'), { recursive: true });
  await fill();
  expect(statSync(storeFile()).isFile()).toBe(true);
});

test('refuses a second opening while the first lasts', async () => {
  const store = await openEmbedded(directory);
  const error = await unusable();
  expect(error.reason).toBe('locked');
  expect(error.message).toContain(`process ${process.pid} on `);
  await store.commit([{ key, value: key }]);
  await store.close();
  await (await openEmbedded(directory)).close();
});

test('keeps its lock in a directory with a long path', async () => {
  directory = join(root, 'x'.repeat(100), 'y'.repeat(100));
  const store = await openEmbedded(directory);
  expect((await unusable()).reason).toBe('locked');
  await store.close();
  await (await openEmbedded(directory)).close();
  expect(readdirSync(directory).filter((name) => name.endsWith('.sock'))).toEqual([]);
});

test('says so when the path is, or leads through, a file', async () => {
  writeFileSync(join(root, 'file'), 'text');
  for (const path of [join(root, 'file'), join(root, 'file', 'data')]) {
    const error = await unusable(path);
    expect([error.reason, error.message]).toEqual(['not-a-directory', expect.stringContaining(path)]);
  }
  expect(readFileSync(join(root, 'file'), 'utf8')).toBe('text');
});

test.skipIf(process.getuid?.() === 0)('says so when the directory is read-only', async () => {
  await fill();
  chmodSync(directory, 0o500);
  expect((await unusable()).reason).toBe('read-only');
  chmodSync(directory, 0o700);
});

/** Each gives a valid store file a fault. */
const faults: Record<string, (file: string) => void> = {
  'is garbage': (file) => writeFileSync(file, Buffer.alloc(100_000, 'garbage')),
  'is text': (file) => writeFileSync(file, 'hello'),
  'is zeros': (file) => writeFileSync(file, Buffer.alloc(statSync(file).size)),
  'is empty': (file) => truncateSync(file, 0),
  'is missing': (file) => rmSync(file),
  'has half a meta page': (file) => truncateSync(file, 100),
  'has one meta page': (file) => truncateSync(file, 4096),
  'has one meta page and a half': (file) => truncateSync(file, 4096 + 100),
  'has nothing but meta pages': (file) => truncateSync(file, 8192),
  'lost its second half': (file) => truncateSync(file, 200_000),
  'lost the first page': (file) => overwrite(file, 0, Buffer.alloc(4096)),
  'lost the second page': (file) => overwrite(file, 4096, Buffer.alloc(4096)),
  'has another magic number': (file) => overwrite(file, 24, Buffer.of(1, 2, 3, 4)),
  'has another LMDB version': (file) => overwrite(file, 28, Buffer.of(1)),
  'has a strange page size': (file) => overwrite(file, 48, Buffer.of(0, 17)),
  'has two page sizes': (file) => overwrite(file, 4096 + 48, Buffer.of(0, 0x20)),
};

function overwrite(file: string, at: number, bytes: Buffer): void {
  const content = readFileSync(file);
  bytes.copy(content, at);
  writeFileSync(file, content);
}

test.each(Object.entries(faults))('a store file that %s is refused and left as it is', async (_, damage) => {
  await fill();
  damage(storeFile());
  const before = fingerprint();
  const error = await unusable();
  expect(error.reason).toBe('corrupt');
  expect(error.message).toContain(storeFile());
  expect(fingerprint()).toEqual(before);
});

test('a root that lies outside the file is refused', async () => {
  await fill();
  const content = readFileSync(storeFile());
  for (const page of [0, 4096]) content.writeBigUInt64LE(1n << 40n, page + 136);
  writeFileSync(storeFile(), content);
  expect((await unusable()).message).toContain('root');
});

test('an interrupted first start is no damage', async () => {
  mkdirSync(directory);
  writeFileSync(storeFile(), '');
  await fill();
  rmSync(join(directory, 'POSTHORN'));
  const store = await openEmbedded(directory);
  expect(await store.get(key)).toBeDefined();
  await store.close();
  expect(readdirSync(directory)).toContain('POSTHORN');
});

test('a format that is not known is refused and left as it is', async () => {
  await fill();
  const raw = await LmdbStore.open(storeFile());
  await raw.commit([{ key: Buffer.from('\0format'), value: Buffer.from('posthorn-format 3') }]);
  await raw.close();
  let before = fingerprint();
  let error = await unusable();
  expect([error.reason, error.message]).toEqual(['newer-format', expect.stringContaining('posthorn-format 3')]);
  expect(fingerprint()).toEqual(before);

  writeFileSync(join(directory, 'POSTHORN'), 'Posthorn\nFormat: 7\n');
  before = fingerprint();
  error = await unusable();
  expect([error.reason, error.message]).toEqual(['newer-format', expect.stringContaining('format 7')]);
  expect(fingerprint()).toEqual(before);
});

test('an older format that can be read is made the current one, in the store first', async () => {
  await fill();
  const marker = join(directory, 'POSTHORN');
  const current = readFileSync(marker, 'utf8');
  writeFileSync(marker, current.replace('Format: 2', 'Format: 1'));
  const raw = await LmdbStore.open(storeFile());
  await raw.commit([{ key: Buffer.from('\0format'), value: Buffer.from('posthorn-format 1') }]);
  await raw.close();
  const store = await openEmbedded(directory);
  expect(await store.get(key)).toBeDefined();
  expect(Buffer.from((await store.get(Buffer.from('\0format'))) ?? []).toString()).toBe('posthorn-format 2');
  await store.close();
  expect(readFileSync(marker, 'utf8')).toBe(current);
});

test("somebody else's LMDB file is refused and left as it is", async () => {
  mkdirSync(directory);
  const raw = await LmdbStore.open(storeFile());
  await raw.commit([{ key, value: key }]);
  await raw.close();
  const before = fingerprint();
  expect((await unusable()).reason).toBe('corrupt');
  expect(fingerprint()).toEqual(before);
});

test('a failed opening leaves the directory unlocked', async () => {
  await fill();
  const content = readFileSync(storeFile());
  truncateSync(storeFile(), 100);
  await unusable();
  writeFileSync(storeFile(), content);
  await (await openEmbedded(directory)).close();
});
