/** What one service needs of another's queues, without importing it: who puts the server together hands it over. */
import type { NewMessage } from '#engines/queue';
import type { QueueHandle } from './queueHandle.ts';

/** A message as its sender means it. */
export interface QueueMessage {
  readonly body: string;
  readonly attributes?: Readonly<Record<string, QueueMessageAttribute>>;
  /** Of a standard queue too: it serves its groups in turn. */
  readonly groupId?: string;
  readonly deduplicationId?: string;
  /** A FIFO queue takes the deduplication id once more for each of these. */
  readonly repetition?: string;
  readonly traceHeader?: string;
  /** Account id. */
  readonly senderId: string;
}

export interface QueueMessageAttribute {
  readonly DataType: string;
  readonly StringValue?: string;
  readonly BinaryValue?: Uint8Array;
}

/** Implemented by SQS. */
export interface QueueEncoder {
  /** Undefined if the queue refuses such a message: it is too long, or has too many attributes. */
  compose(queue: QueueHandle, message: QueueMessage): NewMessage | undefined;
}
