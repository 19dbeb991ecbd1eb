import { expect, it } from 'vitest';
import { ValueCopies } from './valueCopies.ts';

const bytesOf = (length: number, fill: number) => Buffer.alloc(length, fill);

it('copies, so that the buffer that was read into can be used again', () => {
  const copies = new ValueCopies();
  const buffer = bytesOf(100, 1);
  const first = copies.copy(buffer, 60);
  buffer.fill(2);
  const second = copies.copy(buffer, 100);
  expect(first.equals(bytesOf(60, 1))).toBe(true);
  expect(second.equals(bytesOf(100, 2))).toBe(true);
});

it('puts many values of one scan into one chunk', () => {
  const copies = new ValueCopies();
  const chunks = new Set(Array.from({ length: 1_000 }, () => copies.copy(bytesOf(1_024, 3), 1_024).buffer));
  // 32 to a chunk, after the few smaller ones that it begins with.
  expect(chunks.size).toBeLessThan(45);
});

it('shares no memory between two scans', () => {
  const copies = new ValueCopies();
  const before = copies.copy(bytesOf(10, 1), 10);
  copies.copy(bytesOf(10, 1), 10);
  copies.begin();
  expect(copies.copy(bytesOf(10, 1), 10).buffer).not.toBe(before.buffer);
});

it('takes no more memory than twice what a short scan brings', () => {
  const copies = new ValueCopies();
  expect(copies.copy(bytesOf(200, 1), 200).buffer.byteLength).toBe(200);
  const lengths = [3_000, 200, 9_000];
  const chunks = new Set(lengths.map((length) => copies.copy(bytesOf(length, 2), length).buffer));
  const taken = [...chunks].reduce((sum, { byteLength }) => sum + byteLength, 200);
  expect(taken).toBeLessThanOrEqual(2 * (200 + 3_000 + 200 + 9_000));
});

it('gives what is larger than a chunk memory of its own', () => {
  const copies = new ValueCopies();
  const large = copies.copy(bytesOf(100_000, 4), 100_000);
  expect(large.length).toBe(100_000);
  expect(large.buffer.byteLength).toBe(100_000);
});
