/** What a process that owns queues does for the one that clients talk to. All that crosses is plain data. */
import type { Receipt } from '#engines/queue';
import type {
  CommitFailed,
  MoveTask,
  NewMessage,
  NewMoveTask,
  NewQueue,
  QueueDepth,
  QueueHandle,
  QueuePath,
  QueuesCounts,
  ServedQueue,
  ServedQueues,
} from '#runtime';

export type QueueRecord = QueueHandle['record'];
export type ReceiveRequest = Parameters<QueueHandle['receive']>[0];
export type ReceiveAnswer = Awaited<ReturnType<QueueHandle['receive']>['answer']>;
type Change = Parameters<QueueHandle['update']>[0];

/** One queue, not another of its name: calls are rejected with `QueueGone` where it is not, and have done nothing. */
export interface QueueName extends QueuePath {
  readonly queueId: number;
}

/** What was under way when the process died is rejected, and may have been done. */
export interface QueueOwner {
  readonly partition: number;
  /** Why its store takes nothing; undefined while it does. */
  readonly problem: CommitFailed | undefined;
  find(path: QueuePath): Promise<QueueRecord | undefined>;
  /** The same for who makes the queue elsewhere if there is none: rejects unless nothing can bring one back. */
  findForSure(path: QueuePath): Promise<QueueRecord | undefined>;
  createQueue(queue: NewQueue): Promise<{ readonly created: boolean; readonly record: QueueRecord }>;
  listQueues(...scope: Parameters<ServedQueues['listQueues']>): Promise<QueueRecord[]>;
  listDeadLetterSources(...scope: Parameters<ServedQueues['listDeadLetterSources']>): Promise<QueuePath[]>;

  send(queue: QueueName, messages: readonly NewMessage[]): ReturnType<ServedQueue['send']>;
  receive(queue: QueueName, request: ReceiveRequest): { waiterId: number; answer: Promise<ReceiveAnswer> };
  cancelReceive(waiterId: number): void;
  release(queue: QueueName, receipts: readonly Receipt[]): void;
  delete(queue: QueueName, receipts: readonly Receipt[]): ReturnType<ServedQueue['delete']>;
  changeVisibility(
    queue: QueueName,
    receipts: readonly (Receipt & { timeoutMs: number })[],
  ): ReturnType<ServedQueue['changeVisibility']>;
  peek(queue: QueueName, request: Parameters<ServedQueue['peek']>[0]): ReturnType<ServedQueue['peek']>;
  depth(queue: QueueName): Promise<QueueDepth>;
  purge(queue: QueueName): Promise<void>;
  update(queue: QueueName, change: Change): Promise<void>;
  deleteQueue(queue: QueueName): Promise<void>;

  startMove(queue: QueueName, task: Omit<NewMoveTask, 'source'>): Promise<MoveTask>;
  listMoves(queue: QueueName, limit: number): Promise<MoveTask[]>;
  cancelMove(queue: QueueName, taskId: string): Promise<MoveTask | undefined>;

  counts(): Promise<QueuesCounts>;
  answerWaiting(): void;
}
