import type { NewMessage } from '#engines/queue';
import { joined } from '#std/splitBytes';
import type { QueuePath } from '#storage/keys';
import type { LetterRecord } from '#storage/letterRecords';
import type { QueueRecord } from '#storage/records';
import { type DeliveredMessage, writeOrigin } from './deliveredMessage.ts';
import type { DestinationQueue, FoundElsewhere } from './elsewhere.ts';
import type { QueueHandle } from './queueHandle.ts';

/** What it needs of the partition that the messages leave. */
export interface PostedSurroundings {
  now(): number;
  post(to: number, letters: readonly LetterRecord[]): Promise<void>;
  /** See `QueueSurroundings`. */
  moved(messages: readonly DeliveredMessage[]): void;
}

/** A queue of another partition: what is put into it is posted. */
export class PostedQueue implements DestinationQueue {
  readonly record: QueueRecord;
  readonly ended = undefined;
  readonly #partition: number;
  readonly #surroundings: PostedSurroundings;

  constructor({ record, partition }: FoundElsewhere, surroundings: PostedSurroundings) {
    this.record = record;
    this.#partition = partition;
    this.#surroundings = surroundings;
  }

  accept(messages: readonly NewMessage[]): { readonly durable: Promise<void> } {
    return { durable: this.#post(messages.map((message) => this.#letter(message))) };
  }

  enqueue(messages: readonly NewMessage[]): void {
    this.accept(messages).durable.catch(() => undefined);
  }

  acceptMoved(
    messages: readonly DeliveredMessage[],
    as: (message: DeliveredMessage) => NewMessage,
    from: QueueHandle,
  ): Promise<void> {
    const { queueId } = from.record;
    const path = pathOf(from.record);
    const durable = this.#post(
      messages.map((message) => ({
        ...this.#letter(as(message)),
        back: { path, queueId, message: asItWas(message, from) },
      })),
    );
    this.#surroundings.moved(messages);
    return durable;
  }

  /** It ages on its way, too: the key that seals it is kept no longer than the queue would keep it. */
  #letter({ payload, sentAt = this.#surroundings.now(), ...facts }: NewMessage): LetterRecord {
    const { queueId } = this.record;
    return { path: pathOf(this.record), queueId, message: { ...facts, sentAt, payload: joined(payload) } };
  }

  #post(letters: readonly LetterRecord[]): Promise<void> {
    return this.#surroundings.post(this.#partition, letters);
  }
}

/** Should it come back: as old as it was, and with its receives counted, though not towards another move. */
function asItWas(
  { messageId, groupId, origin, receiveCount, sentAt }: DeliveredMessage,
  { record }: QueueHandle,
): Omit<NewMessage, 'payload'> {
  return {
    messageId,
    groupId,
    receivedBefore: receiveCount,
    ...(origin !== undefined && { origin: writeOrigin(origin) }),
    ...(record.settings.fifo !== true && { sentAt, delayMs: 0 }),
  };
}

function pathOf({ accountId, region, name }: QueuePath): QueuePath {
  return { accountId, region, name };
}
