import {
  constants,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { NodeDisk } from './nodeDisk.ts';

/** What a call of `write` takes at most, as on a file system that takes less than it was given. */
const kernel = vi.hoisted(() => ({ mostAtOnce: Number.POSITIVE_INFINITY }));
vi.mock('node:fs', async (importOriginal) => {
  const fs = await importOriginal<typeof import('node:fs')>();
  type Done = (error: NodeJS.ErrnoException | null, count: number) => void;
  const write = (file: number, bytes: Uint8Array, at: number, length: number, position: number, done: Done): void =>
    fs.write(file, bytes, at, Math.min(length, kernel.mostAtOnce), position, done);
  return { ...fs, default: fs, write };
});

let directory: string;
let disk: NodeDisk;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'posthorn-disk-'));
  disk = new NodeDisk(directory);
});
afterEach(() => {
  kernel.mostAtOnce = Number.POSITIVE_INFINITY;
  rmSync(directory, { recursive: true, force: true });
});

const textOf = (name: string): string => readFileSync(join(directory, name), 'latin1');
const codeOf = async (attempt: () => unknown): Promise<unknown> => {
  try {
    await attempt();
    return undefined;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code;
  }
};
/** Undefined once it is gone: the descriptor that lists the folder is in its own list. */
const linkOf = (path: string): string | undefined => {
  try {
    return readlinkSync(path);
  } catch {
    return undefined;
  }
};
async function make(name: string, text: string): Promise<void> {
  const file = await disk.create(name);
  await file.append(Buffer.from(text));
  await file.close();
}

test('appends to a file that it has made or emptied', async () => {
  await make('table', 'what was there before, and longer');
  const file = await disk.create('table');
  expect(textOf('table')).toBe('');
  await file.append(Buffer.from('one '));
  await file.append(new Uint8Array(0));
  await file.append(Buffer.from('xtwox').subarray(1, 4));
  await file.sync();
  await file.append(Buffer.from(' three'));
  await file.close();
  expect(textOf('table')).toBe('one two three');
});

test('extends a log by zeros, and writes in their place', async () => {
  const log = await disk.openLog('log');
  await log.extend(6);
  await log.write(Buffer.from('one'), 0);
  kernel.mostAtOnce = 2;
  await log.extend(5);
  await log.write(Buffer.from('two'), 3);
  await log.close();
  expect(textOf('log')).toBe(`onetwo${'\0'.repeat(5)}`);
  const again = await disk.openLog('log');
  expect(again.size).toBe(11);
  await again.extend(1);
  await again.close();
  expect(textOf('log')).toBe(`onetwo${'\0'.repeat(6)}`);
});

test('makes files for their owner alone', async () => {
  if (process.platform === 'win32') return;
  await make('table', '');
  await (await disk.openLog('log')).close();
  for (const name of ['table', 'log']) expect(statSync(join(directory, name)).mode & 0o777).toBe(0o600);
});

test('reads what is there, from any position', async () => {
  await make('table', 'abcdefgh');
  const file = disk.openForReading('table');
  expect(file.size).toBe(8);
  const into = Buffer.alloc(4, '-');
  expect(file.read(into, 2)).toBe(4);
  expect(into.toString()).toBe('cdef');
  expect(file.read(into, 6)).toBe(2);
  expect(into.toString()).toBe('ghef');
  expect(file.read(into, 8)).toBe(0);
  expect(file.read(into, 1000)).toBe(0);
  expect(file.read(new Uint8Array(0), 0)).toBe(0);
  file.close();
});

test.skipIf(process.platform === 'win32')('says which file it could not read', () => {
  mkdirSync(join(directory, 'folder'));
  const file = disk.openForReading('folder');
  expect(() => file.read(Buffer.alloc(1), 0)).toThrow(
    `EISDIR: illegal operation on a directory, read '${directory}/folder'`,
  );
  file.close();
});

test('goes on reading a file that was renamed, replaced or removed', async () => {
  if (process.platform === 'win32') return;
  await make('old', 'first');
  const file = disk.openForReading('old');
  await make('new', 'second');
  await disk.rename('new', 'old');
  expect(textOf('old')).toBe('second');
  await disk.remove('old');
  const into = Buffer.alloc(5);
  expect(file.read(into, 0)).toBe(5);
  expect(into.toString()).toBe('first');
  file.close();
});

test('opens a log with what is in it, and writes at any position', async () => {
  const made = await disk.openLog('log');
  expect(made.size).toBe(0);
  await made.write(Buffer.from('abcdef'), 0);
  await made.write(Buffer.from('XY'), 2);
  await made.close();
  const opened = await disk.openLog('log');
  expect(opened.size).toBe(6);
  await opened.write(Buffer.from('z'), 8);
  await opened.close();
  expect(textOf('log')).toBe('abXYef\0\0z');
});

test('writes a log through to the device in one call', async () => {
  if (process.platform !== 'linux') return;
  const log = await disk.openLog('log');
  const path = join(directory, 'log');
  const descriptors = readdirSync('/proc/self/fd').filter((each) => linkOf(`/proc/self/fd/${each}`) === path);
  const flags = descriptors.map((each) =>
    /^flags:\s+(\d+)$/m.exec(readFileSync(`/proc/self/fdinfo/${each}`, 'latin1')),
  );
  await log.close();
  expect(flags.map((found) => Number.parseInt(found?.[1] ?? '', 8) & constants.O_DSYNC)).toEqual([constants.O_DSYNC]);
});

test('writes what is longer than the kernel takes at once', async () => {
  const bytes = Buffer.alloc(9 * 1024 * 1024);
  for (let at = 0; at < bytes.length; at += 4096) bytes.writeUInt32BE(at, at);
  const log = await disk.openLog('log');
  await log.write(bytes, 512);
  await log.close();
  const file = disk.openForReading('log');
  const into = Buffer.alloc(bytes.length);
  expect(file.read(into, 512)).toBe(bytes.length);
  file.close();
  expect(Buffer.compare(into, bytes)).toBe(0);
});

test('goes on with a write of which the kernel took a part', async () => {
  const log = await disk.openLog('log');
  const table = await disk.create('table');
  kernel.mostAtOnce = 3;
  await log.write(Buffer.from('abcdefgh'), 2);
  await table.append(Buffer.from('ijkl'));
  await table.append(Buffer.from('mnopqrstu'));
  kernel.mostAtOnce = 0;
  expect(await codeOf(() => table.append(Buffer.from('v')))).toBe('EIO');
  await log.close();
  await table.close();
  expect(textOf('log')).toBe('\0\0abcdefgh');
  expect(textOf('table')).toBe('ijklmnopqrstu');
});

test('lists plain files, and nothing else', async () => {
  await make('table', '');
  writeFileSync(join(directory, 'marker'), '');
  mkdirSync(join(directory, 'folder'));
  if (process.platform !== 'win32') symlinkSync('table', join(directory, 'link'));
  const socket = createServer();
  if (process.platform !== 'win32') {
    await new Promise<void>((resolve) => socket.listen(join(directory, 'lock'), resolve));
  }
  expect((await disk.names()).sort()).toEqual(['marker', 'table']);
  socket.close();
});

test('renames over a file, and removes one or none', async () => {
  await make('manifest', 'old');
  await make('manifest.new', 'new');
  await disk.rename('manifest.new', 'manifest');
  await disk.syncDirectory();
  expect(await disk.names()).toEqual(['manifest']);
  expect(textOf('manifest')).toBe('new');
  await disk.remove('manifest');
  await disk.remove('manifest');
  expect(existsSync(join(directory, 'manifest'))).toBe(false);
});

test("fails with Node's codes", async () => {
  const nowhere = new NodeDisk(join(directory, 'missing'));
  expect(await codeOf(() => disk.openForReading('missing'))).toBe('ENOENT');
  expect(await codeOf(() => disk.rename('missing', 'there'))).toBe('ENOENT');
  expect(await codeOf(() => nowhere.names())).toBe('ENOENT');
  expect(await codeOf(() => nowhere.create('table'))).toBe('ENOENT');
  expect(await codeOf(() => nowhere.openLog('log'))).toBe('ENOENT');
  if (process.platform !== 'win32') expect(await codeOf(() => nowhere.syncDirectory())).toBe('ENOENT');
  mkdirSync(join(directory, 'folder'));
  expect(await codeOf(() => disk.create('folder'))).toBe('EISDIR');
});

test('says that the disk is full', async () => {
  if (!existsSync('/dev/full')) return;
  symlinkSync('/dev/full', join(directory, 'log'));
  symlinkSync('/dev/full', join(directory, 'table'));
  const log = await disk.openLog('log');
  expect(await codeOf(() => log.write(Buffer.alloc(10), 0))).toBe('ENOSPC');
  await log.close();
  const table = await disk.create('table');
  expect(await codeOf(() => table.append(Buffer.alloc(10)))).toBe('ENOSPC');
  await table.close();
});
