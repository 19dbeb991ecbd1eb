import { type ChildProcess, execFileSync, type SpawnOptions, spawn } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { CompiledParts } from '../../../test/compiledParts.ts';
import { stranger } from '../../../test/stranger.ts';
import type { Store } from '../store.ts';
import { runJob } from './jobs.ts';
import { LogStore } from './logStore.ts';
import { NodeDisk } from './nodeDisk.ts';
import { openEmbedded } from './open.ts';

/**
 * What only real processes can show: locks that outlive nobody, kill -9, limits set from outside.
 */

/**
 * Prints one line per event. `hold` opens and stays; `exit` opens and ends; `write` commits numbered batches for ever and
 * deletes old ones; `churn` does so with limits so small that logs are flushed and tables merged all the time; `grow` keeps
 * all.
 */
const childCode = `
import { runJob } from './dist/storage/embedded/jobs.js';
import { LogStore } from './dist/storage/embedded/logStore.js';
import { NodeDisk } from './dist/storage/embedded/nodeDisk.js';
import { openEmbedded } from './dist/storage/embedded/open.js';
const [, , mode, directory] = process.argv;
const say = (line) => process.stdout.write(line + '\\n');
process.on('unhandledRejection', (error) => say('unhandled ' + error));
async function openSmall() {
  const disk = new NodeDisk(directory);
  return LogStore.open(disk, { ...JSON.parse(process.argv[4]), runJob: (job) => runJob(disk, job) });
}
try {
  const store = mode === 'churn' ? await openSmall() : await openEmbedded(directory);
  say('open');
  if (mode === 'hold') setInterval(() => undefined, 1000);
  for (let i = 0; mode === 'write' || mode === 'churn' || mode === 'grow'; i++) {
    const operations = [];
    for (const part of [0, 1, 2]) operations.push({ key: Buffer.from(i + ':' + part), value: Buffer.alloc(3000, i) });
    if (mode !== 'grow' && i > 20) for (const part of [0, 1, 2]) operations.push({ key: Buffer.from((i - 20) + ':' + part) });
    try {
      await store.commit(operations);
      say('committed ' + i);
    } catch (error) {
      say(error.name + ' ' + error.reason);
      i--;
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }
} catch (error) {
  say(error.name + ' ' + error.reason + ' ' + error.message);
}
`;

const compiled = new CompiledParts(['storage/embedded/open.ts'], { 'child.mjs': childCode });
const smallLimits = { logBytes: 100_000, carriedBytes: 20_000, tableBytes: 50_000 };
let root: string;
let directory: string;
const children: ChildProcess[] = [];

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'posthorn-processes-'));
  directory = join(root, 'data');
});
afterEach(() => {
  for (const child of children.splice(0)) child.kill('SIGKILL');
  rmSync(root, { recursive: true });
});

interface Running {
  readonly child: ChildProcess;
  readonly lines: string[];
  /** Resolves when a line matches. */
  line(pattern: RegExp): Promise<string>;
  readonly ended: Promise<number | null>;
}

function run(
  mode: string,
  options: SpawnOptions = {},
  wrap: (command: string[]) => string[] = (command) => command,
): Running {
  const [command = '', ...args] = wrap([
    process.execPath,
    compiled.path('child.mjs'),
    mode,
    directory,
    JSON.stringify(smallLimits),
  ]);
  const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'inherit'], ...options });
  children.push(child);
  const lines: string[] = [];
  let rest = '';
  let wake: () => void = () => undefined;
  child.stdout?.setEncoding('utf8').on('data', (text: string) => {
    const parts = (rest + text).split('\n');
    rest = parts.pop() ?? '';
    lines.push(...parts);
    wake();
  });
  const ended = new Promise<number | null>((resolve) => {
    child.on('close', (code) => {
      wake();
      resolve(code);
    });
  });
  const line = async (pattern: RegExp) => {
    for (let seen = 0; ; ) {
      for (; seen < lines.length; seen++) if (pattern.test(lines[seen] ?? '')) return lines[seen] ?? '';
      if (child.exitCode !== null) throw new Error(`The child ended without ${pattern}: ${lines.join(' | ')}`);
      await new Promise<void>((resolve) => {
        wake = resolve;
      });
    }
  };
  return { child, lines, line, ended };
}

test('a directory in use is refused, and the sentence names the process', async () => {
  const holder = run('hold');
  await holder.line(/^open$/);
  const second = run('exit');
  expect(await second.line(/./)).toMatch(
    new RegExp(`^StoreUnusable locked .*${directory} is in use by process ${holder.child.pid} on `),
  );
  expect(await second.ended).toBe(0);
});

test('after kill -9 the next process starts at once, even while another stays dead in the directory', async () => {
  for (let i = 0; i < 3; i++) {
    const holder = run('hold');
    await holder.line(/^open$/);
    holder.child.kill('SIGKILL');
    await holder.ended;
  }
  expect(readdirSync(directory).filter((name) => name.endsWith('.sock'))).toHaveLength(1);
  const start = performance.now();
  await (await openEmbedded(directory)).close();
  // Whoever asks the dead one for its name, and waits for an answer, needs 2 s.
  expect(performance.now() - start).toBeLessThan(1000);
});

test('a stopped process keeps its lock', async () => {
  const holder = run('hold');
  await holder.line(/^open$/);
  holder.child.kill('SIGSTOP');
  await expect(openEmbedded(directory)).rejects.toMatchObject({ reason: 'locked' });
});

test('of ten that start at the same time over a dead one, exactly one wins', async () => {
  const dead = run('hold');
  await dead.line(/^open$/);
  dead.child.kill('SIGKILL');
  await dead.ended;
  for (let round = 0; round < 2; round++) {
    const starters = Array.from({ length: 10 }, () => run('hold'));
    const first = await Promise.all(starters.map((starter) => starter.line(/./)));
    expect(first.filter((line) => line === 'open')).toHaveLength(1);
    expect(first.filter((line) => line.startsWith('StoreUnusable locked'))).toHaveLength(9);
    for (const starter of starters) starter.child.kill('SIGKILL');
    await Promise.all(starters.map((starter) => starter.ended));
  }
});

test('an open store does not keep a process that has nothing else to do', async () => {
  const child = run('exit');
  expect(await child.ended).toBe(0);
  expect(child.lines).toEqual(['open']);
});

const openings: Record<string, () => Promise<Store>> = {
  write: () => openEmbedded(directory),
  churn: async () => {
    const disk = new NodeDisk(directory);
    return LogStore.open(disk, { ...smallLimits, runJob: (job) => runJob(disk, job) });
  },
};

test.each(Object.entries(openings))(
  'kill -9 in the middle of %s loses no commit that resolved and leaves none in part',
  async (mode, open) => {
    mkdirSync(directory);
    for (let round = 0; round < 6; round++) {
      const writer = run(mode);
      await writer.line(new RegExp(`^committed ${40 + 37 * round}$`));
      writer.child.kill('SIGKILL');
      await writer.ended;
      const last = Number(writer.lines.at(-1)?.split(' ')[1]);
      const store = await open();
      const found = await store.scan({ from: Buffer.from('0'), to: Buffer.from('9~'), limit: 10_000 });
      const numbers = [...new Set(found.map(({ key }) => Number.parseInt(Buffer.from(key).toString(), 10)))];
      expect(found).toHaveLength(3 * numbers.length);
      expect([last, last + 1]).toContain(Math.max(...numbers));
      // The newest batches, and the first one, which is never deleted.
      expect(numbers).toHaveLength(21);
      await store.commit(found.map(({ key }) => ({ key })));
      await store.close();
    }
  },
);

describe.skipIf(process.platform !== 'linux')('on Linux', () => {
  test('a limit on the file size is met as a full disk is: commits are refused until there is room, none is lost', async () => {
    const limited = (command: string[]) => [
      'sh',
      '-c',
      'trap "" XFSZ; ulimit -S -f 16000; exec "$@"',
      'sh',
      ...command,
    ];
    const writer = run('grow', {}, limited);
    await writer.line(/^CommitFailed no-space$/);
    const refused = writer.lines.length;
    execFileSync('prlimit', ['--pid', String(writer.child.pid), '--fsize=unlimited']);
    const committed = Number(writer.lines.findLast((line) => line.startsWith('committed'))?.split(' ')[1]);
    await writer.line(new RegExp(`^committed ${committed + 50}$`));
    writer.child.kill('SIGKILL');
    await writer.ended;
    expect(refused).toBeGreaterThan(20);
    expect(writer.lines.filter((line) => !/^(open|committed \d+|CommitFailed no-space)$/.test(line))).toEqual([]);
    const store = await openEmbedded(directory);
    for (let i = 0; i <= committed + 50; i++) expect(await store.get(Buffer.from(`${i}:2`))).toBeDefined();
    await store.close();
  });

  test.skipIf(stranger === undefined)('a directory that may not be written to is refused', async () => {
    mkdirSync(directory);
    chmodSync(root, 0o755);
    const refused = run('exit', stranger);
    expect(await refused.line(/./)).toMatch(/^StoreUnusable read-only .*owner and permissions/);
    expect(readdirSync(directory)).toEqual([]);
    chmodSync(directory, 0o700);
    const blind = run('exit', stranger);
    expect(await blind.line(/./)).toMatch(/^StoreUnusable read-only /);
  });
});
