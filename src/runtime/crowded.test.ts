/** What waiting messages take in memory: of each queue a window, and of all queues together not much more than they may. */
import { expect, test } from 'vitest';
import { MemoryStore } from '#storage/memory';
import { Partition, type PartitionOptions } from './partition.ts';
import type { QueueHandle } from './queueHandle.ts';

const settings = { visibilityTimeoutMs: 30_000, delayMs: 0, retentionMs: 600_000, maxInFlight: 1_000 };
const body = Buffer.alloc(1_000, 'a');
const entryBytes = 350;
const receiveRequest = { visibilityTimeoutMs: undefined, waitMs: 0 };

async function createQueues(partition: Partition, count: number, isFifo = false): Promise<QueueHandle[]> {
  const own = isFifo ? { ...settings, fifo: true as const } : settings;
  const names = Array.from({ length: count }, (_, index) => `queue-${index}`);
  const created = names.map((name) =>
    partition.createQueue({ accountId: '1', region: 'here', name, settings: own, attributes: {}, tags: {} }),
  );
  return (await Promise.all(created)).map(({ handle }) => handle);
}

function send(queue: QueueHandle, count: number): Promise<unknown> {
  const isFifo = queue.record.settings.fifo === true;
  const messages = Array.from({ length: count }, (_, index) => {
    const messageId = Buffer.alloc(16);
    messageId.writeUInt32BE(index);
    return { messageId, payload: body, ...(isFifo && { groupId: `group-${index % 3}` }) };
  });
  return queue.send(messages);
}

async function receive(queue: QueueHandle, maxMessages: number): Promise<number[]> {
  const answer = await queue.receive({ ...receiveRequest, maxMessages }).answer;
  if (answer.kind !== 'received') throw new Error(answer.kind);
  await queue.delete(answer.messages);
  return answer.messages.map(({ messageId }) => Buffer.from(messageId).readUInt32BE());
}

/** What 40 queues take, of which each has 500 messages and has been asked for one. */
async function heldBytes(options: PartitionOptions): Promise<number> {
  const partition = await Partition.open(new MemoryStore(), options);
  const queues = await createQueues(partition, 40);
  for (const queue of queues) {
    await receive(queue, 1);
    await send(queue, 500);
  }
  const { waitingBytes } = partition.counts();
  await partition.close();
  return waitingBytes;
}

test('windows of all queues together hold what they may, and a little for each queue', async () => {
  const unlimited = await heldBytes({});
  expect(unlimited).toBeGreaterThan(40 * 500 * body.length);
  const crowdedBytes = 2_000_000;
  const crowded = await heldBytes({ crowdedBytes });
  expect(crowded).toBeGreaterThan(crowdedBytes);
  // What came until it was seen, a send and no more; then of each queue a 64th of a window at most.
  const aSend = 500 * (body.length + entryBytes);
  const aShare = 128 * 1024 + 256 * entryBytes;
  expect(crowded).toBeLessThan(crowdedBytes + aSend + 40 * aShare);
});

test.each([-1, 100_000])(
  'queues give all of their messages in order, crowded beyond %d bytes',
  async (crowdedBytes) => {
    const partition = await Partition.open(new MemoryStore(), { crowdedBytes });
    const queues = await createQueues(partition, 3);
    for (const queue of queues) {
      await receive(queue, 1);
      await send(queue, 400);
    }
    for (const queue of queues) {
      const received: number[] = [];
      while (received.length < 400) received.push(...(await receive(queue, 10)));
      expect(received).toEqual(Array.from({ length: 400 }, (_, index) => index));
    }
    expect(partition.counts().waitingBytes).toBe(0);
    await partition.close();
  },
);

test.each([false, true])(
  'what a queue held is free when it is purged, deleted, or emptied (FIFO: %s)',
  async (isFifo) => {
    const partition = await Partition.open(new MemoryStore());
    const [purged, deleted, emptied] = await createQueues(partition, 3, isFifo);
    if (purged === undefined || deleted === undefined || emptied === undefined) throw new Error('three queues');
    for (const queue of [purged, deleted, emptied]) {
      await receive(queue, 1);
      await send(queue, 10);
    }
    const held = partition.counts().waitingBytes;
    await purged.purge();
    expect(partition.counts().waitingBytes).toBe((held * 2) / 3);
    await deleted.deleteQueue();
    expect(partition.counts().waitingBytes).toBe(held / 3);
    await receive(emptied, 10);
    expect(partition.counts().waitingBytes).toBe(0);
    await partition.close();
  },
);

test('a queue that nobody looks at any more holds nothing', async () => {
  const partition = await Partition.open(new MemoryStore());
  const [queue] = await createQueues(partition, 1);
  await receive(queue as QueueHandle, 1);
  await send(queue as QueueHandle, 10);
  expect(partition.counts().waitingBytes).toBeGreaterThan(10 * body.length);
  queue?.lookAway(Number.POSITIVE_INFINITY);
  expect(partition.counts().waitingBytes).toBe(0);
  await partition.close();
});
