export type { NewMessage, SendOutcome as SentMessage } from '#engines/queue';
export { CommitFailed } from '#storage';
export type { QueuePath } from '#storage/keys';
export { type Clock, systemClock } from './clock.ts';
export { DataKeys, type SealingOrder } from './dataKeys.ts';
export type { DeliveredMessage } from './deliveredMessage.ts';
export type { DestinationQueue, Elsewhere, FoundElsewhere, Letter, LettersTaken } from './elsewhere.ts';
export type { Entities, Entity, EntityChange } from './entities.ts';
export {
  type KeyRing,
  KeyUnusable,
  type KeyUse,
  type KeyUser,
  type PreparedMessage,
  type QueueEncoder,
  type QueueKeys,
  type QueueMessage,
  type QueueMessageAttribute,
  type SplitText,
} from './handles.ts';
export { type MasterKeySource, parseMasterKey, VaultUnusable } from './masterKey.ts';
export { MoveAlreadyRunning, type MoveTask, type NewMoveTask } from './moveTasks.ts';
export type { OneCommit } from './oneCommit.ts';
export { type NewQueue, Partition, type PartitionOptions } from './partition.ts';
export type { Peeked, PeekedMessage } from './peek.ts';
export type { ReceiveAnswer } from './pendingReceives.ts';
export { QueueGone, type QueueHandle, type QueueTotals } from './queueHandle.ts';
export { type DataKey, isSealed } from './sealedPayload.ts';
export { createSealer, SealBroken, sealBytes, type Vault } from './sealing.ts';
export type { QueueDepth, QueuesCounts, ServedMoves, ServedQueue, ServedQueues } from './servedQueues.ts';
export { Turns } from './turns.ts';
export { openVault, rotateMasterKeyIn } from './vault.ts';
