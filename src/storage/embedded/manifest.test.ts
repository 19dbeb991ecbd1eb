import { crc32 } from 'node:zlib';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { SimulatedDisk } from '../../../test/simulation/simulatedDisk.ts';
import { type Manifest, manifestName, readManifest, writeManifest } from './manifest.ts';

const table = fc.record(
  {
    table: fc.nat(),
    from: fc.uint8Array({ minLength: 1, maxLength: 1024 }).map((key) => Buffer.from(key).toString('hex')),
  },
  { requiredKeys: ['table'] },
);
const manifest: fc.Arbitrary<Manifest> = fc.record({
  firstLog: fc.integer({ min: 1, max: 0xffff_ffff }),
  lastLog: fc.integer({ min: 0, max: 0xffff_ffff }),
  runs: fc.array(fc.array(table, { minLength: 1, maxLength: 5 }), { maxLength: 5 }),
});
const small: Manifest = {
  firstLog: 3,
  lastLog: 5,
  runs: [[{ table: 7 }, { table: 8, from: '6b6579' }], [{ table: 2 }]],
};
const other: Manifest = { firstLog: 4, lastLog: 4, runs: [[{ table: 9 }]] };

async function bytesOf(disk: SimulatedDisk): Promise<Buffer> {
  const file = disk.openForReading(manifestName);
  const bytes = Buffer.alloc(file.size);
  file.read(bytes, 0);
  file.close();
  return bytes;
}

async function diskWith(bytes: Uint8Array): Promise<SimulatedDisk> {
  const disk = new SimulatedDisk(1);
  const file = await disk.create(manifestName);
  await file.append(bytes);
  await file.close();
  return disk;
}

test('is read as it was written, the last one of several', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(manifest, { minLength: 1, maxLength: 3 }), async (all) => {
      const disk = new SimulatedDisk(1);
      for (const each of all) await writeManifest(disk, each);
      expect(readManifest(disk, await disk.names())).toEqual(all.at(-1));
      expect(await disk.names()).toEqual([manifestName]);
    }),
    { numRuns: 100 },
  );
});

test('is undefined where there is none', async () => {
  expect(readManifest(new SimulatedDisk(1), [])).toBeUndefined();
});

test('may be one of a version that did not tell of the last log', async () => {
  const line = '{"firstLog":3,"runs":[[{"table":7}]]}';
  const disk = await diskWith(Buffer.from(`${line}\n${crc32(line).toString(16).padStart(8, '0')}\n`));
  expect(readManifest(disk, [manifestName])).toEqual({ firstLog: 3, lastLog: 0, runs: [[{ table: 7 }]] });
});

test('is damaged if any bit of it is another, or any of its end is missing', async () => {
  const disk = new SimulatedDisk(1);
  await writeManifest(disk, small);
  const bytes = await bytesOf(disk);
  for (let length = 0; length < bytes.length - 1; length += 1) {
    expect(readManifest(await diskWith(bytes.subarray(0, length)), [manifestName])).toBe('its manifest is damaged');
  }
  for (let bit = 0; bit < 8 * (bytes.length - 1); bit += 1) {
    const changed = Buffer.from(bytes);
    changed[bit >> 3] = (changed[bit >> 3] ?? 0) ^ (1 << (bit & 7));
    expect(readManifest(await diskWith(changed), [manifestName])).toBe('its manifest is damaged');
  }
});

test.each(['create', 'append', 'sync', 'syncDirectory', 'rename'] as const)(
  'a %s that fails leaves the one that was there',
  async (operation) => {
    const disk = new SimulatedDisk(5);
    await writeManifest(disk, small);
    disk.failNext('EIO', operation);
    await expect(writeManifest(disk, other)).rejects.toMatchObject({ code: 'EIO' });
    expect(readManifest(disk, await disk.names())).toEqual(small);
    await writeManifest(disk, other);
    expect(readManifest(disk, await disk.names())).toEqual(other);
  },
);

test('a power cut at any moment leaves the one or the other, and the new one once it has resolved', async () => {
  let [hasOld, hasNew] = [0, 0];
  for (let seed = 0; seed < 20; seed += 1) {
    for (let cut = 1; cut <= 6; cut += 1) {
      const disk = new SimulatedDisk(seed);
      await writeManifest(disk, small);
      disk.cutAt(cut);
      await Promise.race([writeManifest(disk, other), disk.stopped]);
      const left = disk.afterPowerCut();
      const found = readManifest(left, await left.names());
      expect([JSON.stringify(small), JSON.stringify(other)]).toContain(JSON.stringify(found));
      if (JSON.stringify(found) === JSON.stringify(small)) hasOld += 1;
      else hasNew += 1;
    }
    const disk = new SimulatedDisk(seed);
    await writeManifest(disk, small);
    await writeManifest(disk, other);
    const left = disk.afterPowerCut();
    expect(readManifest(left, await left.names())).toEqual(other);
  }
  expect(Math.min(hasOld, hasNew)).toBeGreaterThan(5);
});
