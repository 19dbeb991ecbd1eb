export type { NewMessage } from '#engines/queue';
export { CommitFailed } from '#storage';
export { type Clock, systemClock } from './clock.ts';
export type { DeliveredMessage } from './deliveredMessage.ts';
export { MoveAlreadyRunning, type MoveTask } from './moveTasks.ts';
export { type NewQueue, Partition, type PartitionOptions } from './partition.ts';
export type { Peeked, PeekedMessage } from './peek.ts';
export {
  QueueGone,
  type QueueHandle,
  type QueueTotals,
  type ReceiveAnswer,
  type SentMessage,
} from './queueHandle.ts';
