import { hash } from 'node:crypto';
import { expect, test } from 'vitest';
import { type DataKeys, Partition, type QueueHandle, type QueueMessage } from '#runtime';
import { required } from '#std/assert';
import { MemoryStore } from '#storage/memory';
import { createQueueEncoder } from './encoder.ts';
import { decodeAttributes } from './messageAttributes.ts';
import { Payload } from './payload.ts';
import { engineSettings } from './queueAttributes.ts';

// No queue here is encrypted.
const encryption = { dataKeys: {} as DataKeys, managed: 'explicit' } as const;
const encoder = createQueueEncoder({ encryption, isEnforced: false });
const queueEncoder = { prepare: (message: QueueMessage) => encoder.prepare(message, encoder.keys()) };
const text = (StringValue: string) => ({ DataType: 'String', StringValue });

async function withQueue(attributes: Record<string, string>, use: (queue: QueueHandle) => Promise<void> | void) {
  const partition = await Partition.open(new MemoryStore());
  const path = { accountId: '111122223333', region: 'eu-west-1', name: 'queue' };
  const queue = { ...path, attributes, tags: {}, settings: engineSettings(attributes) };
  await use((await partition.createQueue(queue)).handle);
  await partition.close();
}

test('a message is stored as if it had been sent', () =>
  withQueue({}, (queue) => {
    const message = { body: 'žluť', attributes: { a: text('b') }, groupId: 'g', senderId: '444455556666' };
    const composed = required(queueEncoder.prepare(message)(queue), 'a message');
    const payload = new Payload(composed.payload);
    expect([payload.body, payload.senderId, composed.groupId]).toEqual(['žluť', '444455556666', 'g']);
    expect({ ...decodeAttributes(payload.attributes) }).toEqual({ a: text('b') });
  }));

test('a queue refuses what is too long for it, and what has too many attributes', () =>
  withQueue({ MaximumMessageSize: '1024' }, (queue) => {
    const attributes = Object.fromEntries(Array.from({ length: 11 }, (_, n) => [`a${n}`, text('x')]));
    expect(queueEncoder.prepare({ body: 'x'.repeat(1025), senderId: '1' })(queue)).toBeUndefined();
    expect(queueEncoder.prepare({ body: 'x', attributes, senderId: '1' })(queue)).toBeUndefined();
    expect(queueEncoder.prepare({ body: 'x'.repeat(1024), senderId: '1' })(queue)).toBeDefined();
  }));

test('a FIFO queue takes an id once for each repetition, and shows it all the same', () =>
  withQueue({ FifoQueue: 'true' }, async (queue) => {
    const message = { body: 'x', groupId: 'g', deduplicationId: 'id', senderId: '1' };
    const send = async (repetition?: string) => {
      const whole = { ...message, ...(repetition !== undefined && { repetition }) };
      const composed = required(queueEncoder.prepare(whole)(queue), 'a message');
      expect(new Payload(composed.payload).deduplicationId).toBe('id');
      return (await queue.send([composed]))[0]?.isDuplicate;
    };
    expect([await send(), await send(), await send('one'), await send('one'), await send('two')]).toEqual([
      ...[false, true, false, true, false],
    ]);
    expect(queueEncoder.prepare({ body: 'x', senderId: '1' })(queue)).toBeUndefined();
  }));

test('a standard queue has no use for the id', () =>
  withQueue({}, (queue) => {
    const composed = queueEncoder.prepare({ body: 'x', deduplicationId: 'id', senderId: '1' })(queue);
    expect(composed?.deduplicationKey).toBeUndefined();
  }));

test('a body of two parts has the middle of each queue, and counts with it', () =>
  withQueue({ MaximumMessageSize: '1024' }, (queue) => {
    const prepared = queueEncoder.prepare({ body: { before: 'ž'.repeat(500), after: '<ť>' }, senderId: '1' });
    const composed = required(prepared(queue, 'one'), 'a message');
    const sent = queueEncoder.prepare({ body: `${'ž'.repeat(500)}one<ť>`, senderId: '1' })(queue);
    expect(composed.payload).toEqual(sent?.payload);
    expect(prepared(queue, 'x'.repeat(20))).toBeDefined();
    expect(prepared(queue, 'x'.repeat(21))).toBeUndefined();
    expect(prepared(queue, '\u0000')).toBeUndefined();
  }));

test.each([{}, { FifoQueue: 'true' }])('each copy is as if it had been sent by itself, to a queue %o', (attributes) =>
  withQueue({ ...attributes, ContentBasedDeduplication: 'true' }, (queue) => {
    const shared = { senderId: '444455556666', traceHeader: 'Root=1', groupId: 'g', attributes: { a: text('b') } };
    const before = 'ž"{'.repeat(100);
    for (const after of ['}"', '}'.repeat(1_000)]) {
      const copies = queueEncoder.prepare({ ...shared, body: { before, after } });
      for (const middle of ['one', 'another', 'ž', 'one', '', 'x'.repeat(300)]) {
        const copy = required(copies(queue, middle), 'a copy');
        const sent = required(queueEncoder.prepare({ ...shared, body: before + middle + after })(queue), 'a message');
        expect([copy.payload, copy.deduplicationKey]).toEqual([sent.payload, sent.deduplicationKey]);
        const payload = new Payload(copy.payload);
        expect(payload.body).toBe(before + middle + after);
        expect(payload.bodyMd5).toBe(hash('md5', payload.body, 'hex'));
      }
    }
  }),
);
