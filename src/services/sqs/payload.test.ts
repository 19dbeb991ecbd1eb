import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { isPlainText } from '#std/plainTexts';
import { joined, type SplitBytes } from '#std/splitBytes';
import { TextBytes } from '#std/textBytes';
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

test('a body that came as bytes stays in its place, and what is read is the same', () => {
  const fields = {
    senderId: 'sender',
    deduplicationId: 'id',
    traceHeader: 'trace',
    attributes: Buffer.from('attributes'),
  };
  for (const text of ['plain text', 'h\u00e9']) {
    const isPlain = isPlainText(text);
    const body = new TextBytes(Buffer.from(text), isPlain);
    const { bytes, bodyMd5 } = encodePayload({ ...fields, body, bodyBytes: body.bytes.length, isPlain });
    expect((bytes as SplitBytes).tail).toBe(body.bytes);
    const asString = encodePayload({ ...fields, body: text, bodyBytes: body.bytes.length, isPlain });
    expect(asString.bodyMd5).toBe(bodyMd5);
    expect(asString.bytes).toEqual(joined(bytes));
    for (const payload of [new Payload(bytes), new Payload(joined(bytes))]) {
      const { attributes, traceHeader, deduplicationId } = payload;
      expect({ text: payload.body, bodyMd5: payload.bodyMd5, isPlain: payload.isPlain }).toEqual({
        text,
        bodyMd5,
        isPlain,
      });
      expect({ attributes, traceHeader, deduplicationId }).toEqual({
        attributes: fields.attributes,
        traceHeader: 'trace',
        deduplicationId: 'id',
      });
    }
  }
});

test.each([
  ['plain', 'x'.repeat(20_000), true],
  ['beyond ASCII', '\u00e9'.repeat(20_000), true],
  ['short', 'x'.repeat(1000), false],
  ['with a quote', `"${'x'.repeat(20_000)}`, false],
  ['with a backslash', `\\${'x'.repeat(20_000)}`, false],
  ['with a line feed', `${'x'.repeat(20_000)}\n`, false],
])('a body that is %s is given as bytes if it is long and JSON has it as it is', (_, body, expected) => {
  const fields = { senderId: 's', deduplicationId: '', traceHeader: '', attributes: Buffer.alloc(0) };
  const { bytes } = encodePayload({ ...fields, body, bodyBytes: Buffer.byteLength(body) });
  const { longBody } = new Payload(bytes);
  expect(longBody !== undefined).toBe(expected);
  if (longBody === undefined) return;
  expect(longBody.toString()).toBe(body);
  expect(`"${longBody.bytes}"`).toBe(JSON.stringify(body));
});

test('a payload of an unknown version is a bug', () => {
  // 3 is a sealed one, which has to be opened first.
  expect(() => new Payload(Buffer.alloc(40, 3))).toThrow('assertion failed');
});
