import { hash } from 'node:crypto';
import { expect, test } from 'vitest';
import { Md5Beginning } from './md5.ts';

/** Around the ends of blocks, where the padding takes one more. */
const lengths = [0, 1, 8, 55, 56, 57, 63, 64, 65, 119, 120, 121, 128, 1_000];

test.each(lengths)('a beginning of %i bytes gives the MD5 of it with anything behind it', (length) => {
  const bytes = Buffer.from(Array.from({ length: 2_000 }, (_, index) => (index * 167) % 251));
  const beginning = new Md5Beginning(bytes.subarray(0, length));
  const digests = lengths.map((more) => {
    const target = Buffer.alloc(18, 0xee);
    beginning.writeDigest(bytes.subarray(length, length + more), target, 1);
    expect([target[0], target[17]]).toEqual([0xee, 0xee]);
    return target.toString('hex', 1, 17);
  });
  expect(digests).toEqual(lengths.map((more) => hash('md5', bytes.subarray(0, length + more), 'hex')));
});
