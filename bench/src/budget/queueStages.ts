/** The queue behind an operation: the engine's step with the group commit's bookkeeping, and the store. */
import type { DeliveredMessage, NewMessage, QueueHandle } from '../../../src/runtime/index.ts';
import { Partition } from '../../../src/runtime/index.ts';
import { openEmbedded } from '../../../src/storage/embedded/open.ts';
import type { Store } from '../../../src/storage/store.ts';
import { batchSize, type CallName, cycle } from './calls.ts';
import { type ProcessorTime, processorTime, Spent, timeSince } from './processorTime.ts';

const concurrency = 64;

/** Takes everything and keeps nothing. */
const nowhere: Store = {
  get: async () => undefined,
  scan: async () => [],
  commit: async () => undefined,
  close: async () => undefined,
} as unknown as Store;

/** Microseconds of a call, by thread. Without a folder there is no store: what is left is step and bookkeeping. */
export async function measureQueue(
  messages: readonly NewMessage[],
  seconds: number,
  folder: string | undefined,
): Promise<Record<CallName, ProcessorTime>> {
  const partition = await Partition.open(folder === undefined ? nowhere : await openEmbedded(folder));
  const path = { accountId: '000000000000', region: 'us-east-1', name: 'budget' };
  const settings = { visibilityTimeoutMs: 30_000, delayMs: 0, retentionMs: 3_600_000, maxInFlight: 120_000 };
  const { handle } = await partition.createQueue({ ...path, settings, attributes: {}, tags: {} });
  // Who has been asked keeps what is sent in memory.
  await receive(handle);
  await runFor(seconds / 4, handle, messages);
  const spent = await runFor(seconds, handle, messages);
  await partition.close();
  return spent.perCall();
}

/** Sends one by one and in batches, then receives and deletes all of it, again and again. */
async function runFor(seconds: number, queue: QueueHandle, messages: readonly NewMessage[]): Promise<Spent> {
  const spent = new Spent();
  const timed = async (name: CallName, count: number, act: () => Promise<unknown>) => {
    const before = processorTime();
    for (let done = 0; done < count; done += concurrency) {
      await Promise.all(Array.from({ length: Math.min(concurrency, count - done) }, act));
    }
    spent.add(name, timeSince(before), count);
  };
  const single = messages.slice(0, 1);
  const end = performance.now() + seconds * 1000;
  while (performance.now() < end) {
    const receipts: (readonly DeliveredMessage[])[] = [];
    await timed('SendMessage', cycle.sends, () => queue.send(single));
    await timed('SendMessageBatch', cycle.batches, () => queue.send(messages));
    await timed('ReceiveMessage', cycle.receives, async () => receipts.push(await receive(queue)));
    if (receipts.some(({ length }) => length < batchSize)) throw new Error('a receive did not bring all that it might');
    await timed('DeleteMessageBatch', cycle.receives, () => queue.delete(receipts.pop() ?? []));
  }
  return spent;
}

async function receive(queue: QueueHandle): Promise<readonly DeliveredMessage[]> {
  const request = { maxMessages: batchSize, visibilityTimeoutMs: 3_600_000, waitMs: 0 };
  const answer = await queue.receive(request).answer;
  if (answer.kind !== 'received') throw new Error(`the receive was answered by ${answer.kind}`);
  return answer.messages;
}
