export type { NewMessage, SendOutcome as SentMessage } from '#engines/queue';
export { CommitFailed } from '#storage';
export type { QueuePath } from '#storage/keys';
export { type Clock, systemClock } from './clock.ts';
export type { DeliveredMessage } from './deliveredMessage.ts';
export type { Entities, Entity, EntityChange } from './entities.ts';
export type { QueueEncoder, QueueMessage, QueueMessageAttribute } from './handles.ts';
export { MoveAlreadyRunning, type MoveTask } from './moveTasks.ts';
export type { OneCommit, Target } from './oneCommit.ts';
export { type NewQueue, Partition, type PartitionOptions } from './partition.ts';
export type { Peeked, PeekedMessage } from './peek.ts';
export {
  QueueGone,
  type QueueHandle,
  type QueueTotals,
  type ReceiveAnswer,
} from './queueHandle.ts';
