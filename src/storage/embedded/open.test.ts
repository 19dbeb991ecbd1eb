import { createHash } from 'node:crypto';
import {
  chmodSync,
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { crc32 } from 'node:zlib';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { StoreUnusable } from '../store.ts';
import { replayLog } from './commitLog.ts';
import { runJob } from './jobs.ts';
import { LogStore } from './logStore.ts';
import { NodeDisk } from './nodeDisk.ts';
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

/** All files with their contents. */
function fingerprint(): string[] {
  return readdirSync(directory)
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
  for (const name of readdirSync(directory)) expect([name, statSync(pathOf(name)).mode & 0o777]).toEqual([name, 0o600]);
  expect(readFileSync(join(directory, 'POSTHORN'), 'utf8')).toMatch(/Posthorn[\s\S]*^Format: 3$/m);
  expect(readdirSync(directory).sort()).toEqual(['POSTHORN', 'log-0000000001', 'manifest']);
  const store = await openEmbedded(directory);
  expect(Buffer.from((await store.get(key)) ?? []).toString()).toBe('kept');
  await store.close();
});

test('takes an existing directory, files of others in it included, and a name with a dot', async () => {
  directory = join(root, 'data.d');
  mkdirSync(join(directory, 'lost+found'), { recursive: true });
  await fill();
  expect(statSync(pathOf('manifest')).isFile()).toBe(true);
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

interface Files {
  readonly tables: readonly string[];
  /** The three that are in no table yet. The last one took the last commits. */
  readonly logs: readonly string[];
}

/** A store with tables and logs, made once for all tests. */
let template: string;
beforeAll(async () => {
  template = mkdtempSync(join(tmpdir(), 'posthorn-open-template-'));
  await (await openEmbedded(template)).close();
  const disk = new NodeDisk(template);
  const limits = { logBytes: 30_000, carriedBytes: 0, tableBytes: 40_000, ballastPieceBytes: 4096 };
  let store = await LogStore.open(disk, { ...limits, runJob: (job) => runJob(disk, job) });
  for (let i = 0; i < 40; i++) await store.commit([{ key: Buffer.from(`key${i}`), value: Buffer.alloc(10_000, i) }]);
  await store.settled();
  await store.close();
  store = await LogStore.open(disk, { ...limits, runJob: () => Promise.reject(new Error('no job')) });
  for (let i = 0; i < 5; i++) await store.commit([{ key: Buffer.from(`key${i}`), value: Buffer.alloc(10_000, i + 1) }]);
  await store.commit([{ key, value: Buffer.from('kept') }]);
  await store.commit([{ key: Buffer.from('last'), value: Buffer.from('kept') }]);
  await store.close();
});
afterAll(() => rmSync(template, { recursive: true }));

function copyTemplate(): Files {
  cpSync(template, directory, { recursive: true });
  return { tables: filesLike(/^table-/), logs: filesLike(/^log-/).slice(-3) };
}

function filesLike(pattern: RegExp): string[] {
  return readdirSync(directory)
    .filter((name) => pattern.test(name))
    .sort();
}

const pathOf = (name = '') => join(directory, name);

function flip(name: string | undefined, at: number): void {
  const content = readFileSync(pathOf(name));
  const position = at < 0 ? content.length + at : at;
  content[position] = (content[position] ?? 0) ^ 0x10;
  writeFileSync(pathOf(name), content);
}

/** Where the log's last frame begins. */
function lastFrameOf(name: string | undefined): number {
  return replayLog(new NodeDisk(directory), name ?? '', () => undefined)?.lastFrame ?? 0;
}

/** Each damages a whole store: what it is, and what the sentence has to say. */
const faults: Record<string, { does: (files: Files) => void; says: RegExp }> = {
  'a manifest that is missing': { does: () => rmSync(pathOf('manifest')), says: /manifest is missing/ },
  'an empty manifest': { does: () => truncateSync(pathOf('manifest'), 0), says: /manifest is damaged/ },
  'half a manifest': { does: () => truncateSync(pathOf('manifest'), 40), says: /manifest is damaged/ },
  'a manifest of garbage': {
    does: () => writeFileSync(pathOf('manifest'), Buffer.alloc(5000, 'garbage')),
    says: /manifest is damaged/,
  },
  'a manifest with a changed byte': { does: () => flip('manifest', 12), says: /manifest is damaged/ },
  'no logs': { does: () => filesLike(/^log-/).map((name) => rmSync(pathOf(name))), says: /commit logs are missing/ },
  'the oldest log missing': { does: ({ logs }) => rmSync(pathOf(logs[0])), says: /log-\d+ is missing/ },
  'the newest log missing': { does: ({ logs }) => rmSync(pathOf(logs[2])), says: /log-\d+ is missing/ },
  'the newest log of zeros': {
    does: ({ logs }) => writeFileSync(pathOf(logs[2]), Buffer.alloc(1_048_576)),
    says: /log-\d+ was never begun/,
  },
  'an empty newest log': { does: ({ logs }) => truncateSync(pathOf(logs[2]), 0), says: /log-\d+ was never begun/ },
  'a log in the middle missing': { does: ({ logs }) => rmSync(pathOf(logs[1])), says: /log-\d+ is missing/ },
  'all logs missing but one that nobody needs': {
    does: ({ logs }) => {
      for (const name of filesLike(/^log-/)) rmSync(pathOf(name));
      writeFileSync(pathOf('log-0000000001'), Buffer.alloc(1_048_576));
      expect(logs[0]).not.toBe('log-0000000001');
    },
    says: /log-\d+ is missing/,
  },
  'the oldest log of zeros': {
    does: ({ logs }) => writeFileSync(pathOf(logs[0]), Buffer.alloc(1_048_576)),
    says: /log-\d+ is damaged/,
  },
  'an empty oldest log': { does: ({ logs }) => truncateSync(pathOf(logs[0]), 0), says: /log-\d+ is damaged/ },
  'an older log that lost its end': {
    does: ({ logs }) => truncateSync(pathOf(logs[1]), lastFrameOf(logs[1])),
    says: /log-\d+ is damaged/,
  },
  'a changed byte in the header of the oldest log': {
    does: ({ logs }) => flip(logs[0], 9),
    says: /log-\d+ is damaged/,
  },
  'a changed byte in the header of the newest log': {
    does: ({ logs }) => flip(logs[2], 9),
    says: /log-\d+ is damaged/,
  },
  'a changed byte in the first frame of the oldest log': {
    does: ({ logs }) => flip(logs[0], 512 + 100),
    says: /log-\d+ is damaged/,
  },
  'a changed byte in the last frame of an older log': {
    does: ({ logs }) => flip(logs[1], lastFrameOf(logs[1]) + 50),
    says: /log-\d+ is damaged/,
  },
  'a changed byte in the first frame of the newest log': {
    does: ({ logs }) => flip(logs[2], 512 + 100),
    says: /log-\d+ is damaged/,
  },
  'two logs that have changed places': {
    does: ({ logs }) => {
      renameSync(pathOf(logs[0]), pathOf('aside'));
      renameSync(pathOf(logs[1]), pathOf(logs[0]));
      renameSync(pathOf('aside'), pathOf(logs[1]));
    },
    says: /log-\d+ is damaged/,
  },
  'a table missing': { does: ({ tables }) => rmSync(pathOf(tables[0])), says: /table-\d+ is missing/ },
  'an empty table': { does: ({ tables }) => truncateSync(pathOf(tables[0]), 0), says: /table-\d+: / },
  'a table that lost its end': { does: ({ tables }) => truncateSync(pathOf(tables[0]), 4096), says: /table-\d+: / },
  'a table that lost its last byte': {
    does: ({ tables }) => truncateSync(pathOf(tables[0]), statSync(pathOf(tables[0])).size - 1),
    says: /table-\d+: /,
  },
  'a changed byte in the footer of a table': { does: ({ tables }) => flip(tables[0], -30), says: /table-\d+: / },
  'a changed byte in the index of a table': { does: ({ tables }) => flip(tables[0], -50), says: /table-\d+: / },
  'a table in the place of another': {
    does: ({ tables }) => cpSync(pathOf(tables[0]), pathOf(tables[1])),
    says: /table-\d+: /,
  },
};

test.each(Object.entries(faults))('a store with %s is refused and left as it is', async (_, { does, says }) => {
  const files = copyTemplate();
  expect(files.tables.length).toBeGreaterThan(1);
  does(files);
  // Both would be removed by a start that succeeds.
  writeFileSync(pathOf('table-0000009999'), 'left over');
  if (filesLike(/^log-/).length > 0) writeFileSync(pathOf('log-0000000001'), 'left over');
  const before = fingerprint();
  const error = await unusable();
  expect([error.reason, error.message]).toEqual(['corrupt', expect.stringMatching(says)]);
  expect(error.message).toContain(`The store in ${directory} is damaged: `);
  expect(error.message).toContain('. Restore the data directory from a backup, or choose an empty one.');
  expect(fingerprint()).toEqual(before);
});

test('a manifest of a version that did not tell of the last log will do', async () => {
  copyTemplate();
  const line =
    readFileSync(pathOf('manifest'), 'utf8')
      .split('\n')[0]
      ?.replace(/"lastLog":\d+,/, '') ?? '';
  expect(line).not.toContain('lastLog');
  writeFileSync(pathOf('manifest'), `${line}\n${crc32(line).toString(16).padStart(8, '0')}\n`);
  const store = await openEmbedded(directory);
  expect(Buffer.from((await store.get(Buffer.from('last'))) ?? []).toString()).toBe('kept');
  await store.close();
  expect(readFileSync(pathOf('manifest'), 'utf8')).toContain('"lastLog":');
});

test('what a start that succeeds finds left over is removed', async () => {
  copyTemplate();
  writeFileSync(pathOf('table-0000009999'), 'left over');
  writeFileSync(pathOf('log-0000000001'), 'left over');
  const store = await openEmbedded(directory);
  expect(Buffer.from((await store.get(key)) ?? []).toString()).toBe('kept');
  expect(await store.get(Buffer.from('key0'))).toEqual(Buffer.alloc(10_000, 1));
  expect(await store.get(Buffer.from('key39'))).toEqual(Buffer.alloc(10_000, 39));
  await store.close();
  expect(filesLike(/-0000009999$|^log-0000000001$/)).toEqual([]);
});

const tears: Record<string, (log: string, at: number) => void> = {
  'a changed byte': (log, at) => flip(log, at + 40),
  'nothing behind its first bytes': (log, at) => truncateSync(pathOf(log), at + 10),
};
test.each(Object.entries(tears))('a last frame with %s was never acknowledged, and is no damage', async (_, tear) => {
  const { logs } = copyTemplate();
  tear(logs[2] ?? '', lastFrameOf(logs[2]));
  const store = await openEmbedded(directory);
  expect(await store.get(Buffer.from('last'))).toBeUndefined();
  expect(Buffer.from((await store.get(key)) ?? []).toString()).toBe('kept');
  await store.close();
});

const beginnings: Record<string, (files: Files) => Buffer> = {
  nothing: () => Buffer.alloc(0),
  zeros: () => Buffer.alloc(700_000),
  'what an older log had': ({ logs }) => readFileSync(pathOf(logs[0])),
};
test.each(Object.entries(beginnings))(
  'a log that was interrupted when it had %s is no damage',
  async (_, contentOf) => {
    const files = copyTemplate();
    const newest = Number(files.logs[2]?.slice('log-'.length));
    writeFileSync(pathOf(`log-${String(newest + 1).padStart(10, '0')}`), contentOf(files));
    for (let times = 0; times < 2; times += 1) {
      const store = await openEmbedded(directory);
      expect(Buffer.from((await store.get(Buffer.from('last'))) ?? []).toString()).toBe('kept');
      await store.close();
    }
  },
);

test('an interrupted first start is no damage', async () => {
  mkdirSync(directory);
  for (const interrupted of [['manifest-next'], ['manifest-next', 'log-0000000001']]) {
    for (const name of interrupted) writeFileSync(pathOf(name), '');
    await fill();
    rmSync(pathOf('POSTHORN'));
    const store = await openEmbedded(directory);
    expect(await store.get(key)).toBeDefined();
    await store.close();
    expect(readdirSync(directory)).toContain('POSTHORN');
    rmSync(directory, { recursive: true });
    mkdirSync(directory);
  }
});

test('without a marker, too, what has contents and no manifest is not taken for new', async () => {
  await fill();
  rmSync(pathOf('POSTHORN'));
  rmSync(pathOf('manifest'));
  const before = fingerprint();
  expect((await unusable()).message).toContain('manifest is missing');
  expect(fingerprint()).toEqual(before);
});

test.each([1, 2, 7])('the format %i is refused and left as it is', async (format) => {
  await fill();
  const marker = pathOf('POSTHORN');
  writeFileSync(marker, readFileSync(marker, 'utf8').replace('Format: 3', `Format: ${format}`));
  writeFileSync(pathOf('store.mdb'), 'of an older format');
  const before = fingerprint();
  const error = await unusable();
  expect([error.reason, error.message]).toEqual([
    'newer-format',
    expect.stringMatching(new RegExp(`has format ${format}, not 3\\. Use .*${format < 3 ? 'wrote it' : 'newer'}`)),
  ]);
  expect(fingerprint()).toEqual(before);
});

test('a failed opening leaves the directory unlocked', async () => {
  await fill();
  const content = readFileSync(pathOf('manifest'));
  truncateSync(pathOf('manifest'), 10);
  await unusable();
  writeFileSync(pathOf('manifest'), content);
  await (await openEmbedded(directory)).close();
});
