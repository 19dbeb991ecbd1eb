/**
 * What the service of queues and the pages look at work with: one partition, or several that look like one. What may have to
 * be asked of another process is a promise there.
 */
import type { CommitFailed } from '#storage';
import type { QueuePath } from '#storage/keys';
import type { QueueRecord } from '#storage/records';
import type { MoveTask, NewMoveTask } from './moveTasks.ts';
import type { NewQueue } from './partition.ts';
import type { QueueHandle, QueueTotals } from './queueHandle.ts';

export type QueueDepth = ReturnType<QueueHandle['depth']>;

export type ServedQueue = Pick<
  QueueHandle,
  | 'record'
  | 'send'
  | 'receive'
  | 'cancelReceive'
  | 'release'
  | 'delete'
  | 'changeVisibility'
  | 'peek'
  | 'purge'
  | 'update'
  | 'deleteQueue'
> & { depth(): QueueDepth | Promise<QueueDepth> };

/** See `MoveTasks`. */
export interface ServedMoves {
  start(task: Omit<NewMoveTask, 'source'> & { readonly source: ServedQueue }): Promise<MoveTask>;
  list(source: ServedQueue, limit: number): Promise<MoveTask[]>;
  cancel(source: ServedQueue, taskId: string): Promise<MoveTask | undefined>;
}

/** See `Partition`, which is one. */
export interface ServedQueues {
  readonly secret: Buffer;
  readonly moves: ServedMoves;
  readonly problem: CommitFailed | undefined;
  now(): number;
  queue(accountId: string, region: string, name: string): ServedQueue | Promise<ServedQueue | undefined>;
  createQueue(queue: NewQueue): Promise<{ created: boolean; handle: ServedQueue }>;
  listQueues(
    scope: { accountId: string; region: string; prefix: string; after?: string },
    limit: number,
  ): Promise<QueueRecord[]>;
  listDeadLetterSources(target: QueuePath, after: string | undefined, limit: number): Promise<QueuePath[]>;
  deletedAt(path: QueuePath): number | undefined;
  counts(): QueuesCounts | Promise<QueuesCounts>;
}

/** Of all queues used since the start, by `account/region/name`. */
export interface QueuesCounts {
  readonly totals: ReadonlyMap<string, QueueTotals>;
  /** What each of them holds now. */
  readonly depths: ReadonlyMap<string, QueueDepth>;
  /** Letters that wait for one other partition, the most of any; all of those from before the start count as one. */
  readonly lettersWaiting: number;
  /** Bytes of memory that waiting messages take. */
  readonly waitingBytes: number;
}
