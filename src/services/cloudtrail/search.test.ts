import { mkdtemp, open, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { chunkBytes, lineBytes, lookupBytes } from './limits.ts';
import { linesBackwards } from './linesBackwards.ts';
import { type Place, searchBackwards, type Wanted } from './search.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'posthorn-search-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

async function backwards(text: string, end = Buffer.byteLength(text)): Promise<{ text: string; start: number }[]> {
  const path = join(folder, 'lines');
  await writeFile(path, text);
  const file = await open(path, 'r');
  try {
    const found: { text: string; start: number }[] = [];
    for await (const { bytes, start } of linesBackwards(file, end)) found.push({ text: bytes.toString(), start });
    return found;
  } finally {
    await file.close();
  }
}

describe('lines read backwards', () => {
  it('are those that reading forwards gives, whatever their lengths', async () => {
    const length = fc.oneof(
      fc.integer({ min: 0, max: 40 }),
      fc.integer({ min: chunkBytes - 3, max: chunkBytes + 3 }),
      fc.integer({ min: 2 * chunkBytes - 2, max: 2 * chunkBytes + 2 }),
    );
    await fc.assert(
      fc.asyncProperty(fc.array(length, { maxLength: 8 }), fc.boolean(), async (lengths, ends) => {
        const texts = lengths.map((each, index) => String.fromCharCode(97 + index).repeat(each));
        const whole = texts.join('\n') + (ends ? '\n' : '');
        const expected = texts.filter((each) => each !== '').reverse();
        const found = await backwards(whole);
        expect(found.map(({ text }) => text)).toEqual(expected);
        for (const { text, start } of found) expect(whole.slice(start, start + text.length)).toBe(text);
      }),
      { numRuns: 60 },
    );
  });

  it('go on from where a line begins', async () => {
    const [, second] = await backwards('one\ntwo\nthree\n');
    expect((await backwards('one\ntwo\nthree\n', second?.start)).map(({ text }) => text)).toEqual(['one']);
  });

  it('leave out what is too long to be one', async () => {
    const found = await backwards(`first\n${'x'.repeat(lineBytes + chunkBytes)}\nlast\n`);
    expect(found.map(({ text }) => text)).toEqual(['last', 'first']);
  });
});

const at = (second: number) => new Date(Date.parse('2026-03-24T21:00:00Z') + 1_000 * second);
const eventTime = (second: number) => at(second).toISOString().replace('.000Z', 'Z');
const lineOf = (second: number, more: object = {}) =>
  `${JSON.stringify({
    ...{ eventID: `e${second}`, eventTime: eventTime(second), recipientAccountId: '1', awsRegion: 'r' },
    ...{ managementEvent: true, ...more },
  })}\n`;
const fileOf = (second: number) => `${at(second).toISOString().replaceAll(':', '')}.jsonl`;
const wanted = (more: Partial<Wanted> = {}): Wanted => ({
  ...{ accountId: '1', region: 'r', from: -Infinity, to: Infinity, matches: () => true },
  ...more,
});
const search = async (more: Partial<Wanted> = {}, max = 50, after?: Place) => {
  const { found, next } = await searchBackwards(folder, wanted(more), { max, after });
  return { ids: found.map(({ record }) => record.eventID), next };
};

describe('a search', () => {
  it('finds the newest first, through all files, page by page', async () => {
    await writeFile(join(folder, fileOf(0)), lineOf(0) + lineOf(1) + lineOf(2));
    await writeFile(join(folder, fileOf(3)), lineOf(3) + lineOf(4));
    const first = await search({}, 2);
    expect(first.ids).toEqual(['e4', 'e3']);
    const second = await search({}, 2, first.next);
    expect(second.ids).toEqual(['e2', 'e1']);
    const third = await search({}, 2, second.next);
    expect(third).toEqual({ ids: ['e0'], next: undefined });
  });

  it('goes on with older files when the one of its place has been removed', async () => {
    await writeFile(join(folder, fileOf(0)), lineOf(0));
    expect((await search({}, 2, { file: fileOf(3), end: 17 })).ids).toEqual(['e0']);
  });

  it('takes both ends of the time, and no other account, region or data event', async () => {
    const others = [{ recipientAccountId: '2' }, { awsRegion: 's' }, { managementEvent: false }];
    const hidden = others.map((more) => lineOf(2, more)).join('');
    await writeFile(join(folder, fileOf(0)), [0, 1, 2, 3, 4].map((second) => lineOf(second)).join('') + hidden);
    expect((await search({ from: at(1).getTime(), to: at(3).getTime() })).ids).toEqual(['e3', 'e2', 'e1']);
  });

  it('skips what is no record', async () => {
    const broken = ['{"eventID":"cut', 'null', '[]', '"text"', '{}', '{"eventTime":7}', '\u0000'].join('\n');
    await writeFile(join(folder, fileOf(0)), `${lineOf(0)}${broken}\n${lineOf(1)}`);
    expect((await search()).ids).toEqual(['e1', 'e0']);
  });

  it('reads a bounded part of the files, and gives a place to go on', async () => {
    const filler = lineOf(1, { recipientAccountId: '2', filler: 'x'.repeat(1_000_000) });
    const count = Math.ceil((1.5 * lookupBytes) / filler.length);
    await writeFile(join(folder, fileOf(0)), lineOf(0) + filler.repeat(count));
    const first = await search();
    expect(first).toEqual({ ids: [], next: { file: fileOf(0), end: expect.any(Number) } });
    expect((await search({}, 50, first.next)).ids).toEqual(['e0']);
  });

  it('finds nothing where there is no folder', async () => {
    await rm(folder, { recursive: true });
    expect(await search()).toEqual({ ids: [], next: undefined });
  });
});
