import {
  type FileHandle,
  mkdir,
  mkdtemp,
  open,
  readdir,
  readFile,
  rename,
  rm,
  stat,
  writeFile,
} from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, type Mock, vi } from 'vitest';
import type { Clock } from '#runtime';
import { flushBytes, waitingBytes } from './limits.ts';
import { Trail, TrailUnusable } from './trail.ts';

let folder: string;
const logged: string[] = [];
const log = {
  error: (_details: object, text: string) => logged.push(`error: ${text}`),
  info: (_details: object, text: string) => logged.push(`info: ${text}`),
};

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'posthorn-trail-'));
  logged.length = 0;
});
afterEach(() => rm(folder, { recursive: true, force: true }));

/** Time that stands still until someone moves it. */
class TestClock implements Clock {
  #now = Date.parse('2026-03-24T21:11:59.123Z');
  #waiting: { at: number; run: () => void }[] = [];

  now(): number {
    return this.#now;
  }

  schedule(at: number, run: () => void): () => void {
    const entry = { at, run };
    this.#waiting.push(entry);
    return () => {
      this.#waiting = this.#waiting.filter((each) => each !== entry);
    };
  }

  nextTurn(): Promise<void> {
    return Promise.resolve();
  }

  get scheduled(): number {
    return this.#waiting.length;
  }

  advance(milliseconds: number): void {
    this.#now += milliseconds;
    const due = this.#waiting.filter(({ at }) => at <= this.#now);
    this.#waiting = this.#waiting.filter(({ at }) => at > this.#now);
    for (const { run } of due) run();
  }
}

function openTrail({ maxBytes = 1_000, maxFiles = 3, clock = new TestClock(), directory = folder } = {}) {
  return Trail.open({ directory, maxBytes, maxFiles, clock, log });
}

const lines = async (name: string) => (await readFile(join(folder, name), 'utf8')).split('\n').slice(0, -1);
const everything = async () => (await Promise.all((await readdir(folder)).sort().map(lines))).flat();

describe('the audit trail', () => {
  it('writes lines that only their owner reads, to a file that its moment names', async () => {
    const trail = await openTrail();
    trail.append('{"a":1}');
    trail.append('{"a":2}');
    await trail.flush();
    expect(await readdir(folder)).toEqual(['2026-03-24T211159.123Z.jsonl']);
    expect(await everything()).toEqual(['{"a":1}', '{"a":2}']);
    expect((await stat(join(folder, '2026-03-24T211159.123Z.jsonl'))).mode & 0o777).toBe(0o600);
    await trail.close();
  });

  it('writes within a second, and schedules nothing while there is nothing to write', async () => {
    const clock = new TestClock();
    const trail = await openTrail({ clock });
    expect(clock.scheduled).toBe(0);
    trail.append('one');
    trail.append('two');
    expect(clock.scheduled).toBe(1);
    expect(await readdir(folder)).toEqual([]);
    clock.advance(1_000);
    await vi.waitFor(async () => expect(await everything()).toEqual(['one', 'two']));
    expect(clock.scheduled).toBe(0);
    await trail.close();
  });

  it('writes at once when there is much', async () => {
    const clock = new TestClock();
    const trail = await openTrail({ clock, maxBytes: 10 * flushBytes });
    trail.append('x'.repeat(flushBytes));
    expect(clock.scheduled).toBe(0);
    await vi.waitFor(async () => expect(await everything()).toHaveLength(1));
    await trail.close();
  });

  it('begins a new file when one is full, and keeps the newest', async () => {
    const clock = new TestClock();
    const trail = await openTrail({ clock, maxBytes: 10, maxFiles: 3 });
    for (let index = 0; index < 9; index++) trail.append(`line${index}`);
    await trail.flush();
    // Five bytes and a newline: one fits. The clock stands still, and names differ all the same.
    const names = (await readdir(folder)).sort();
    expect(names).toHaveLength(3);
    expect(await everything()).toEqual(['line6', 'line7', 'line8']);
    await trail.close();
  });

  it('gives a line that is longer than a file one of its own', async () => {
    const trail = await openTrail({ maxBytes: 10 });
    const long = 'x'.repeat(50);
    for (const line of ['a', long, 'b']) trail.append(line);
    await trail.flush();
    expect(await Promise.all((await readdir(folder)).sort().map(lines))).toEqual([['a'], [long], ['b']]);
    await trail.close();
  });

  it('leaves alone what is none of its files', async () => {
    await writeFile(join(folder, 'notes.txt'), 'mine');
    await writeFile(join(folder, 'archive.jsonl'), 'mine');
    const trail = await openTrail({ maxBytes: 5, maxFiles: 1 });
    for (const line of ['aaaa', 'bbbb', 'cccc']) trail.append(line);
    await trail.close();
    expect((await readdir(folder)).filter((name) => !name.startsWith('2026'))).toEqual(['archive.jsonl', 'notes.txt']);
    expect((await readdir(folder)).filter((name) => name.startsWith('2026'))).toHaveLength(1);
  });

  it('goes on with the newest file, behind a line that a crash cut off', async () => {
    const name = '2026-03-01T000000.000Z.jsonl';
    await writeFile(join(folder, name), '{"whole":1}\n{"cut');
    const trail = await openTrail();
    trail.append('{"whole":2}');
    await trail.close();
    expect(await readdir(folder)).toEqual([name]);
    expect(await lines(name)).toEqual(['{"whole":1}', '{"cut', '{"whole":2}']);
  });

  it('puts new files behind old ones when the clock was put back', async () => {
    const later = '2030-01-01T000000.000Z.jsonl';
    await writeFile(join(folder, later), 'x'.repeat(1_000));
    const trail = await openTrail();
    trail.append('new');
    await trail.close();
    expect((await readdir(folder)).sort()).toEqual([later, '2030-01-01T000000.001Z.jsonl']);
  });

  it('keeps what the disk does not take, says so once, and writes it when it can', async () => {
    const clock = new TestClock();
    const directory = join(folder, 'audit');
    const trail = await openTrail({ clock, directory });
    // A file in the place of the folder: nothing can be made in it.
    await rename(directory, join(folder, 'aside'));
    await writeFile(directory, '');
    trail.append('first');
    await trail.flush();
    trail.append('second');
    clock.advance(1_000);
    await trail.flush();
    expect(logged).toEqual(['error: audit records can not be written; they are kept in memory for now']);
    await rm(directory);
    await mkdir(directory);
    clock.advance(1_000);
    await trail.flush();
    expect(logged.slice(1)).toEqual(['info: audit records are written again']);
    expect(trail.lost).toBe(0);
    await trail.close();
    const [name = ''] = await readdir(directory);
    expect(await readFile(join(directory, name), 'utf8')).toBe('first\nsecond\n');
  });

  it('counts what there is no room for, in memory or on disk', async () => {
    const directory = join(folder, 'audit');
    const trail = await openTrail({ directory });
    await rm(directory, { recursive: true });
    await writeFile(directory, '');
    const half = 'x'.repeat(waitingBytes / 2 - 1);
    for (let index = 0; index < 5; index++) trail.append(half);
    expect(trail.lost).toBe(3);
    await trail.close();
    expect(trail.lost).toBe(5);
    expect(logged.at(-1)).toBe('error: audit records are lost: the disk took none until the end');
  });

  it('does not open a folder that it can not make', async () => {
    const file = join(folder, 'file');
    await writeFile(file, '');
    await expect(openTrail({ directory: join(file, 'audit') })).rejects.toThrow(TrailUnusable);
  });

  it('goes on within a line at the byte where the disk was full', async () => {
    const trail = await openTrail({ maxBytes: 30 });
    trail.append('one');
    await trail.flush();
    const file = await open(join(folder, 'any'), 'w');
    const handle = Object.getPrototypeOf(file) as FileHandle;
    await file.close();
    const write = handle.write as (this: FileHandle, bytes: Buffer, ...where: number[]) => Promise<unknown>;
    const full = Object.assign(new Error('ENOSPC: no space left on device'), { code: 'ENOSPC' });
    const spy = vi.spyOn(handle, 'write') as unknown as Mock<typeof write>;
    spy.mockImplementationOnce(function (this: FileHandle, bytes) {
      return write.call(this, bytes, 0, 10);
    });
    spy.mockRejectedValueOnce(full);
    spy.mockRejectedValueOnce(full);
    for (const line of ['second', 'third', 'a fourth that has no room']) trail.append(line);
    await trail.flush();
    const names = async () => (await readdir(folder)).filter((name) => name.endsWith('.jsonl')).sort();
    const textOf = async (name = '') => readFile(join(folder, name), 'utf8');
    expect(await textOf((await names())[0])).toBe('one\nsecond\nthi');
    await trail.flush();
    await trail.close();
    spy.mockRestore();
    expect(await Promise.all((await names()).map(textOf))).toEqual([
      'one\nsecond\nthird\n',
      'a fourth that has no room\n',
    ]);
    expect(logged).toHaveLength(2);
  });

  it('loses nothing when two servers write into one folder', async () => {
    const [one, two] = [await openTrail(), await openTrail()];
    one.append('one');
    await one.flush();
    // It goes on with the file of the first.
    const three = await openTrail();
    for (let index = 0; index < 10; index++) {
      one.append(`one ${index}`);
      two.append(`two ${index}`);
      three.append(`three ${index}`);
      await Promise.all([one.flush(), two.flush(), three.flush()]);
    }
    await Promise.all([one.close(), two.close(), three.close()]);
    const written = await everything();
    expect(written).toHaveLength(31);
    expect(new Set(written).size).toBe(31);
    expect(written.every((line) => /^(?:one|two|three)(?: \d)?$/.test(line))).toBe(true);
  });
});
