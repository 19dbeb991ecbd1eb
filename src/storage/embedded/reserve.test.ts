import { describe, expect, test } from 'vitest';
import { SimulatedDisk } from '../../../test/simulation/simulatedDisk.ts';
import { Ballast, growthOf, keptFrom } from './reserve.ts';

describe('what a commit does to the store', () => {
  const stored: Record<string, number> = { message: 1000, counters: 30, note: 45 };
  const growth = (...operations: [key: string, bytes?: number][]) =>
    growthOf(
      operations.map(([key, bytes]) => ({
        key: Buffer.from(key),
        ...(bytes === undefined ? {} : { value: Buffer.alloc(bytes) }),
      })),
      (key) => stored[Buffer.from(key).toString()],
    );

  test('a message adds to it', () => {
    expect(growth(['new', 1000])).toBe('more');
    expect(growth(['new', 1000], ['counters', 30])).toBe('more');
  });

  test('a delete makes it smaller, with new counters beside it, too', () => {
    expect(growth(['message'])).toBe('none');
    expect(growth(['message'], ['counters', 34], ['note'])).toBe('none');
    expect(growth(['message', 500])).toBe('none');
  });

  test('what replaces something as large, or deletes what is not there, adds nothing', () => {
    expect(growth(['counters', 30])).toBe('none');
    expect(growth(['absent'])).toBe('none');
    expect(growth()).toBe('none');
  });

  test('small things only are notes, many of them as well', () => {
    expect(growth(['delivery', 45])).toBe('notes');
    expect(growth(...Array.from({ length: 50 }, (_, i): [string, number] => [`delivery ${i}`, 45]))).toBe('notes');
    expect(growth(['delivery', 45], ['new', 100])).toBe('more');
  });

  test('messages must leave more of what is kept than receives, and deletes nothing', () => {
    expect(keptFrom.more).toBeGreaterThan(keptFrom.notes);
    expect(keptFrom.notes).toBeGreaterThan(keptFrom.none);
    expect(keptFrom.none).toBe(0);
  });
});

describe('the ballast', () => {
  const pieceBytes = 10_000;
  const pieces = 10;

  async function make(ballast: Ballast, count: number): Promise<void> {
    for (let n = 0; n < count; n += 1) await ballast.makePiece();
  }

  test('is wanted for what a step writes, and for the next log', async () => {
    const ballast = new Ballast(new SimulatedDisk(1), [], pieceBytes);
    expect(ballast.isWanting(0)).toBe(false);
    expect(ballast.isWanting(1)).toBe(true);
    await make(ballast, 5);
    expect(ballast.isWanting(3 * pieceBytes)).toBe(false);
    expect(ballast.isWanting(3 * pieceBytes + 1)).toBe(true);
    await make(ballast, 5);
    expect(ballast.isWanting(100 * pieceBytes)).toBe(false);
    expect(ballast.isMissed).toBe(false);
  });

  test('is given up piece by piece, and made anew', async () => {
    const disk = new SimulatedDisk(2);
    const ballast = new Ballast(disk, [], pieceBytes);
    expect(await ballast.giveUpPiece()).toBe(false);
    expect(ballast.isMissed).toBe(false);
    await make(ballast, pieces);
    expect(disk.bytes).toBe(pieces * pieceBytes);
    for (let left = pieces - 1; left >= 0; left -= 1) {
      expect(await ballast.giveUpPiece()).toBe(true);
      expect([disk.bytes, ballast.isMissed]).toEqual([left * pieceBytes, true]);
    }
    expect(await ballast.giveUpPiece()).toBe(false);
    await make(ballast, pieces);
    expect([disk.bytes, ballast.isMissed]).toEqual([pieces * pieceBytes, true]);
    ballast.suffices();
    expect(ballast.isMissed).toBe(false);
  });

  test('has no piece in part, and is missed when there is no space for one', async () => {
    const disk = new SimulatedDisk(3);
    const ballast = new Ballast(disk, [], pieceBytes);
    disk.capacity = 3.5 * pieceBytes;
    await make(ballast, 3);
    expect(ballast.isMissed).toBe(false);
    await expect(ballast.makePiece()).rejects.toMatchObject({ code: 'ENOSPC' });
    expect([ballast.isMissed, disk.bytes]).toEqual([true, 3 * pieceBytes]);
    disk.capacity = 4 * pieceBytes;
    await ballast.makePiece();
    expect(disk.bytes).toBe(4 * pieceBytes);
  });

  test('is found by a start', async () => {
    const disk = new SimulatedDisk(4);
    await make(new Ballast(disk, [], pieceBytes), 4);
    const ballast = new Ballast(disk, [...(await disk.names()), 'manifest'], pieceBytes);
    expect(ballast.isWanting(2 * pieceBytes)).toBe(false);
    expect(ballast.isWanting(3 * pieceBytes)).toBe(true);
    await ballast.makePiece();
    expect(disk.bytes).toBe(5 * pieceBytes);
  });
});
