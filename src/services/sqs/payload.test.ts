import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { isPlainText } from '#std/plainTexts';
import { encodePayload, Payload } from './payload.ts';

const ascii = (maxLength: number) => fc.string({ unit: 'binary-ascii', maxLength });

test('a payload comes back as it was, with the MD5 of its body', () => {
  const payload = fc.record({
    body: fc.string({ unit: 'binary', maxLength: 300 }),
    senderId: ascii(64),
    deduplicationId: ascii(128),
    traceHeader: fc.string({ unit: 'binary', maxLength: 200 }),
    attributes: fc.uint8Array({ maxLength: 100 }).map((bytes) => Buffer.from(bytes)),
  });
  fc.assert(
    fc.property(payload, (each) => {
      const { bytes, bodyMd5 } = encodePayload({ ...each, bodyBytes: Buffer.byteLength(each.body) });
      expect(bodyMd5).toBe(createHash('md5').update(each.body).digest('hex'));
      const read = new Payload(bytes);
      const { body, senderId, deduplicationId, traceHeader, attributes, bodyMd5: stored } = read;
      expect({ body, senderId, deduplicationId, traceHeader, attributes }).toEqual(each);
      expect(stored).toBe(bodyMd5);
      expect(read.groupId).toBe('');
    }),
  );
});

test('a payload from when it held the group id is read as it was meant', () => {
  const md5 = createHash('md5').update('body').digest();
  const lengths = Buffer.from([6, 7, 0, 5, 0, 0, 0, 0]);
  const bytes = Buffer.concat([Buffer.of(1), md5, lengths, Buffer.from('sendertenant1tracebody')]);
  const { body, senderId, groupId, deduplicationId, traceHeader, bodyMd5 } = new Payload(bytes);
  expect({ body, senderId, groupId, deduplicationId, traceHeader }).toEqual({
    body: 'body',
    senderId: 'sender',
    groupId: 'tenant1',
    deduplicationId: '',
    traceHeader: 'trace',
  });
  expect(bodyMd5).toBe(md5.toString('hex'));
});

test('a payload remembers that its body is plain', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme-ascii', maxLength: 300 }), (body) => {
      const fields = { body, bodyBytes: body.length, senderId: 'sender', deduplicationId: '', traceHeader: '' };
      const attributes = Buffer.alloc(0);
      for (const isPlain of [isPlainText(body), false]) {
        const read = new Payload(encodePayload({ ...fields, attributes, isPlain }).bytes);
        expect({ body: read.body, isPlain: read.isPlain, attributes: read.attributes }).toEqual({
          body,
          isPlain,
          attributes,
        });
      }
    }),
  );
});

test('a payload of an unknown version is a bug', () => {
  // 3 is a sealed one, which has to be opened first.
  expect(() => new Payload(Buffer.alloc(40, 3))).toThrow('assertion failed');
});
