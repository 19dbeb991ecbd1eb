import { expect, test } from 'vitest';
import { copyOf, joined, SplitBytes, writeBytes } from './splitBytes.ts';

const whole = Buffer.from('head and tail');
const split = new SplitBytes(whole.subarray(0, 5), whole.subarray(5));

test.each([
  ['one piece', whole],
  ['two', split],
])('%s: the length, a copy, and the bytes where they are wanted', (_, bytes) => {
  expect(bytes.length).toBe(13);
  expect(Buffer.from(joined(bytes)).toString()).toBe('head and tail');
  const copy = copyOf(bytes);
  copy.fill(0);
  expect(whole.toString()).toBe('head and tail');
  const target = Buffer.alloc(16, '.');
  expect(writeBytes(target, bytes, 2)).toBe(15);
  expect(target.toString()).toBe('..head and tail.');
});

test('what is in one piece is not copied to be joined', () => {
  expect(joined(whole)).toBe(whole);
});
