export { CommitFailed } from '#storage';
export { type Clock, systemClock } from './clock.ts';
export { type NewQueue, Partition, type PartitionOptions } from './partition.ts';
export {
  type DeliveredMessage,
  QueueGone,
  type QueueHandle,
  type QueueTotals,
  type ReceiveAnswer,
} from './queueHandle.ts';
