import { describe, expect, test } from 'vitest';
import { SimulatedDisk } from './simulatedDisk.ts';

const seeds = Array.from({ length: 200 }, (_, seed) => seed);

/** What the file holds; undefined if it is not there. */
async function textOf(disk: SimulatedDisk, name: string): Promise<string | undefined> {
  if (!(await disk.names()).includes(name)) return undefined;
  const file = disk.openForReading(name);
  const bytes = Buffer.alloc(file.size);
  expect(file.read(bytes, 0)).toBe(file.size);
  file.close();
  return bytes.toString('latin1');
}

async function make(disk: SimulatedDisk, name: string, text: string): Promise<void> {
  const file = await disk.create(name);
  await file.append(Buffer.from(text));
  await file.sync();
  await file.close();
}

/** What each seed's disk comes to, without doubles and sorted. */
async function outcomes(run: (disk: SimulatedDisk) => Promise<string>): Promise<string[]> {
  const found = await Promise.all(seeds.map((seed) => run(new SimulatedDisk(seed))));
  return [...new Set(found)].sort();
}

const codeOf = (attempt: Promise<unknown>): Promise<string | undefined> =>
  attempt.then(
    () => undefined,
    (error: NodeJS.ErrnoException) => error.code,
  );

describe('a running disk', () => {
  test('holds what is written', async () => {
    const disk = new SimulatedDisk(1);
    await make(disk, 'table', 'a'.repeat(3000));
    const log = await disk.openLog('log');
    await log.write(Buffer.from('abcdef'), 0);
    await log.write(Buffer.from('XY'), 5);
    await log.close();
    expect((await disk.openLog('log')).size).toBe(7);
    expect(await textOf(disk, 'log')).toBe('abcdeXY');
    expect(await textOf(disk, 'table')).toBe('a'.repeat(3000));
    expect(disk.bytes).toBe(3007);
    const file = disk.openForReading('table');
    expect(file.read(Buffer.alloc(100), 2990)).toBe(10);
    expect(file.read(Buffer.alloc(100), 4000)).toBe(0);
  });

  test('empties what is made again, renames over files, and removes', async () => {
    const disk = new SimulatedDisk(1);
    await make(disk, 'a', 'one');
    await make(disk, 'a', 'two');
    await make(disk, 'b', 'three');
    const before = disk.openForReading('a');
    await disk.rename('b', 'a');
    expect(before.size).toBe(3);
    expect(await disk.names()).toEqual(['a']);
    expect(await textOf(disk, 'a')).toBe('three');
    await disk.remove('a');
    await disk.remove('a');
    expect(await disk.names()).toEqual([]);
    expect(await codeOf(disk.rename('a', 'b'))).toBe('ENOENT');
    expect(() => disk.openForReading('a')).toThrow(expect.objectContaining({ code: 'ENOENT' }));
  });

  test('fails as it is told, having done a part or nothing', async () => {
    const parts = await outcomes(async (disk) => {
      const file = await disk.create('table');
      disk.failNext('EIO', 'append');
      expect(await codeOf(file.append(Buffer.from('ab')))).toBe('EIO');
      expect(await codeOf(file.sync())).toBeUndefined();
      return `${await textOf(disk, 'table')}`;
    });
    expect(parts).toEqual(['', 'a', 'ab']);
    const disk = new SimulatedDisk(1);
    disk.failNext('EIO', 'remove', 1, 2);
    const codes = [];
    for (let n = 0; n < 4; n += 1) codes.push(await codeOf(disk.remove('table')));
    expect(codes).toEqual([undefined, undefined, 'EIO', undefined]);
    const created = await outcomes(async (disk) => {
      disk.failNext('ENOSPC', 'create', 2);
      expect(await codeOf(disk.create('table'))).toBe('ENOSPC');
      expect(await codeOf(disk.create('other'))).toBe('ENOSPC');
      expect(await codeOf(disk.create('third'))).toBeUndefined();
      return (await disk.names()).join();
    });
    expect(created).toEqual(['other,third', 'table,other,third', 'table,third', 'third']);
  });

  test('is flaky until it is healed', async () => {
    const disk = new SimulatedDisk(1);
    disk.flakiness = 0.5;
    const codes: unknown[] = [];
    for (let n = 0; n < 40; n += 1) codes.push(await codeOf(disk.remove('table')));
    expect(new Set(codes)).toEqual(new Set([undefined, 'EIO', 'ENOSPC']));
    disk.capacity = 0;
    disk.failNext('EIO', 'append', 5);
    disk.heal();
    for (let n = 0; n < 10; n += 1) await make(disk, 'table', 'x');
  });

  test('is full at its capacity, and takes what fits', async () => {
    const disk = new SimulatedDisk(1);
    disk.capacity = 10;
    const log = await disk.openLog('log');
    await log.write(Buffer.from('12345678'), 0);
    await log.write(Buffer.from('abcd'), 6);
    expect(await codeOf(log.write(Buffer.from('xyz'), 9))).toBe('ENOSPC');
    expect(await textOf(disk, 'log')).toBe('123456abcx');
    await log.write(Buffer.from('0123456789'), 0);
    await disk.remove('log');
    await make(disk, 'table', '0123456789');
  });

  test('holds its caller to one call at a time', async () => {
    const disk = new SimulatedDisk(1);
    const file = await disk.create('table');
    const first = file.append(Buffer.from('a'));
    await expect(file.append(Buffer.from('b'))).rejects.toThrow('one at a time');
    await first;
    await file.close();
    await expect(file.append(Buffer.from('c'))).rejects.toThrow('is open');
  });
});

describe('a power cut', () => {
  test('leaves what was synced under a name that was', async () => {
    const left = await outcomes(async (disk) => {
      await make(disk, 'table', 'x'.repeat(2000));
      const log = await disk.openLog('log');
      await disk.syncDirectory();
      await log.write(Buffer.from('y'.repeat(2000)), 0);
      const next = disk.afterPowerCut();
      return `${await textOf(next, 'table')} ${await textOf(next, 'log')}`;
    });
    expect(left).toEqual([`${'x'.repeat(2000)} ${'y'.repeat(2000)}`]);
  });

  test('may leave any sectors of what was not synced, and zeros for the others', async () => {
    const left = await outcomes(async (disk) => {
      const file = await disk.create('table');
      await disk.syncDirectory();
      await file.append(Buffer.from('a'.repeat(1024)));
      const text = (await textOf(disk.afterPowerCut(), 'table')) ?? 'gone';
      return text.replace(/a{512}/g, 'A').replace(/\0{512}/g, '0');
    });
    expect(left).toEqual(['', '00', '0A', 'A0', 'AA']);
  });

  test('may leave any version of a sector since the last sync', async () => {
    const left = await outcomes(async (disk) => {
      const file = await disk.create('table');
      await disk.syncDirectory();
      await file.append(Buffer.from('a'));
      await file.sync();
      await file.append(Buffer.from('b'));
      await file.append(Buffer.from('c'));
      return (await textOf(disk.afterPowerCut(), 'table')) ?? 'gone';
    });
    expect(left).toEqual(['a', 'a\0', 'a\0\0', 'ab', 'ab\0', 'abc']);
  });

  test('keeps any changes of names, but those of one name in their order', async () => {
    const left = await outcomes(async (disk) => {
      await make(disk, 'manifest', 'old');
      await make(disk, 'log', '');
      await disk.syncDirectory();
      await make(disk, 'new', 'new');
      await disk.rename('new', 'manifest');
      await disk.remove('log');
      const next = disk.afterPowerCut();
      return `${(await next.names()).sort()} ${await textOf(next, 'manifest')}`;
    });
    const all = ['log,manifest new', 'log,manifest old', 'log,manifest,new old'];
    expect(left).toEqual([...all, 'manifest new', 'manifest old', 'manifest,new old']);
  });

  test('may tear the log write that is under way, and says so', async () => {
    let torn = 0;
    const left = await outcomes(async (disk) => {
      const log = await disk.openLog('log');
      await disk.syncDirectory();
      await log.write(Buffer.from('-'.repeat(1536)), 0);
      disk.cutAt(1);
      void log.write(Buffer.from('b'.repeat(1024)), 256);
      await disk.stopped;
      const next = disk.afterPowerCut();
      torn += next.tornWrites;
      const text = (await textOf(next, 'log')) ?? 'gone';
      expect(text.slice(0, 256) + text.slice(1280)).toBe('-'.repeat(512));
      return [text[256], text[512], text[1024]].join('');
    });
    expect(left).toEqual(['---', '--b', '-b-', '-bb', 'b--', 'b-b', 'bb-', 'bbb']);
    expect(torn).toBeGreaterThan(20);
  });

  test('takes what a failed sync has left in memory, though a later one succeeds', async () => {
    const left = await outcomes(async (disk) => {
      const file = await disk.create('table');
      await disk.syncDirectory();
      await file.append(Buffer.from('a'));
      disk.failNext('EIO', 'sync');
      expect(await codeOf(file.sync())).toBe('EIO');
      await file.sync();
      expect(await textOf(disk, 'table')).toBe('a');
      return (await textOf(disk.afterPowerCut(), 'table')) ?? 'gone';
    });
    expect(left).toEqual(['', '\0', 'a']);
  });

  test('takes nothing of a failed log write once that was written again', async () => {
    const left = await outcomes(async (disk) => {
      const log = await disk.openLog('log');
      await disk.syncDirectory();
      disk.failNext('EIO', 'write');
      expect(await codeOf(log.write(Buffer.from('a'.repeat(700)), 0))).toBe('EIO');
      await log.write(Buffer.from('b'.repeat(800)), 0);
      return (await textOf(disk.afterPowerCut(), 'log')) ?? 'gone';
    });
    expect(left).toEqual(['b'.repeat(800)]);
  });
});

describe('a killed process', () => {
  test('leaves what it has written, which a power cut may take later', async () => {
    const left = await outcomes(async (disk) => {
      const file = await disk.create('table');
      await file.append(Buffer.from('a'));
      const found = disk.afterKill();
      expect(await textOf(found, 'table')).toBe('a');
      return (await textOf(found.afterKill().afterPowerCut(), 'table')) ?? 'gone';
    });
    expect(left).toEqual(['', '\0', 'a', 'gone']);
  });

  test('leaves the operation under way done, not done, or in part', async () => {
    const at = (operation: (disk: SimulatedDisk) => Promise<unknown>) =>
      outcomes(async (disk) => {
        await make(disk, 'a', '');
        disk.cutAt(1);
        void operation(disk);
        await disk.stopped;
        const found = disk.afterKill();
        return (
          await Promise.all((await found.names()).map(async (name) => name + (await textOf(found, name))))
        ).join();
      });
    expect(await at((disk) => disk.create('b'))).toEqual(['a', 'a,b']);
    expect(await at((disk) => disk.openLog('b'))).toEqual(['a', 'a,b']);
    expect(await at((disk) => disk.rename('a', 'b'))).toEqual(['a', 'b']);
    expect(await at((disk) => disk.remove('a'))).toEqual(['', 'a']);
    expect(await at((disk) => disk.syncDirectory())).toEqual(['a']);
    const written = await outcomes(async (disk) => {
      const file = await disk.create('a');
      disk.cutAt(1);
      void file.append(Buffer.from('xy'));
      await disk.stopped;
      return `${await textOf(disk.afterKill(), 'a')}`;
    });
    expect(written).toEqual(['', 'x', 'xy']);
  });

  test('does nothing more', async () => {
    const disk = new SimulatedDisk(1);
    const file = await disk.create('a');
    const answered: string[] = [];
    const late = [file.append(Buffer.from('x')), disk.create('b'), disk.syncDirectory(), disk.remove('a')];
    for (const each of late) void each.then(() => answered.push('late'));
    const found = disk.afterKill();
    expect(disk.isStopped).toBe(true);
    for (let turn = 0; turn < 100; turn += 1) await undefined;
    expect(answered).toEqual([]);
    expect(await found.names()).toEqual(['a']);
  });
});

test('stops at an operation of a kind', async () => {
  const disk = new SimulatedDisk(1);
  disk.cutAt(2, 'sync');
  const file = await disk.create('table');
  await file.sync();
  await file.append(Buffer.from('x'));
  void file.sync();
  await disk.stopped;
  expect(disk.stoppedAt).toEqual({ operation: 'sync', name: 'table' });
});

test('does the same for the same seed', async () => {
  const run = async () => {
    const disk = new SimulatedDisk(7);
    const file = await disk.create('table');
    await file.append(Buffer.from('a'.repeat(20_000)));
    disk.cutAt(2);
    void disk.create('b').then(() => disk.create('c'));
    await disk.stopped;
    expect(disk.stoppedAt).toEqual({ operation: 'create', name: 'c' });
    const next = disk.afterPowerCut();
    return [await next.names(), await textOf(next, 'table')];
  };
  expect(await run()).toEqual(await run());
});
