import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { encodePayload, Payload } from './payload.ts';

const ascii = (maxLength: number) => fc.string({ unit: 'binary-ascii', maxLength });

test('a payload comes back as it was, with the MD5 of its body', () => {
  const payload = fc.record({
    body: fc.string({ unit: 'binary', maxLength: 300 }),
    senderId: ascii(64),
    groupId: ascii(128),
    traceHeader: fc.string({ unit: 'binary', maxLength: 200 }),
    attributes: fc.uint8Array({ maxLength: 100 }).map((bytes) => Buffer.from(bytes)),
  });
  fc.assert(
    fc.property(payload, (each) => {
      const { bytes, bodyMd5 } = encodePayload({ ...each, bodyBytes: Buffer.byteLength(each.body) });
      expect(bodyMd5).toBe(createHash('md5').update(each.body).digest('hex'));
      const { body, senderId, groupId, traceHeader, attributes, bodyMd5: stored } = new Payload(bytes);
      expect({ body, senderId, groupId, traceHeader, attributes }).toEqual(each);
      expect(stored).toBe(bodyMd5);
    }),
  );
});
