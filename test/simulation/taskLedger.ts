import type { MoveTask } from '../../src/runtime/index.ts';
import type { StoredCopy } from './disk.ts';
import type { MessageLedger } from './messageLedger.ts';

/** A call that starts a task, from its start to its end. */
export interface StartCall {
  /** Why another task could be running at some time meanwhile. */
  mayBeRefused: boolean;
}

/** What is known of the tasks that move the messages of the queue `dead`. The disk judges their counters. */
export class TaskLedger {
  /** Messages were sent to the dead-letter queue directly: they have no origin to go back to. */
  hasOrphans = false;
  otherWasMissing = false;
  /** The id of the task that was started last. */
  lastStarted: string | undefined;
  readonly #ledger: MessageLedger;
  readonly #now: () => number;
  readonly #starting = new Set<StartCall>();
  readonly #ended = new Set<string>();
  readonly #cancelled = new Set<string>();
  /** By task: how often it began anew with a portion, because of crashes and failed commits. */
  #interruptions = 0;

  constructor(ledger: MessageLedger, now: () => number) {
    this.#ledger = ledger;
    this.#now = now;
  }

  starting(): StartCall {
    const call = { mayBeRefused: this.#isActive() || this.#starting.size > 0 };
    for (const other of this.#starting) other.mayBeRefused = true;
    this.#starting.add(call);
    return call;
  }

  started(call: StartCall, { taskId }: MoveTask): void {
    this.#starting.delete(call);
    this.lastStarted = taskId;
    const queue = this.#ledger.disk.queue('dead');
    if (queue === undefined) return;
    const tasks = this.#ledger.disk.tasksOf(queue.queueId);
    if (!tasks.some((task) => task.taskId === taskId)) throw new Error('a task was started, but is not stored');
  }

  notStarted(call: StartCall, isRunningAlready: boolean): void {
    this.#starting.delete(call);
    if (isRunningAlready && !call.mayBeRefused && !this.#isActive()) {
      throw new Error('a task was refused, as if another was running');
    }
  }

  cancelled({ taskId }: MoveTask): void {
    const queue = this.#ledger.disk.queue('dead');
    const task = queue && this.#ledger.disk.tasksOf(queue.queueId).find((each) => each.taskId === taskId);
    if (task?.status === 'RUNNING') throw new Error('a task was cancelled, but still runs');
    this.#cancelled.add(taskId);
  }

  /** A task that waited for its next portion may take it at once now. */
  interrupted(): void {
    this.#interruptions += 1;
  }

  /** Judges all tasks as they are on the disk after a commit. */
  committed(): void {
    const queue = this.#ledger.disk.queue('dead');
    if (queue === undefined) return;
    for (const task of this.#ledger.disk.tasksOf(queue.queueId)) {
      this.#judgeRate(task);
      if (task.status === 'RUNNING' || task.status === 'CANCELLING' || this.#ended.has(task.taskId)) continue;
      this.#ended.add(task.taskId);
      this.#judgeEnd(task);
    }
  }

  #isActive(): boolean {
    const queue = this.#ledger.disk.queue('dead');
    if (queue === undefined) return false;
    const statuses = this.#ledger.disk.tasksOf(queue.queueId).map(({ status }) => status);
    return statuses.includes('RUNNING') || statuses.includes('CANCELLING');
  }

  /** Ten portions a second, each of a tenth of the rate, but of one message at least; one more after each interruption. */
  #judgeRate({ taskId, messagesPerSecond, moved, startedAt }: MoveTask): void {
    if (messagesPerSecond === undefined) return;
    const portion = Math.max(1, Math.floor(messagesPerSecond / 10));
    const seconds = (this.#now() - startedAt) / 1000;
    const most = messagesPerSecond * seconds + portion * (1 + this.#interruptions);
    if (moved > Math.ceil(most)) throw new Error(`the task ${taskId} moved ${moved} messages in ${seconds} s`);
  }

  #judgeEnd(task: MoveTask): void {
    const { status, moved, toMove, failureReason, destination } = task;
    if (status === 'CANCELLED' && this.lastStarted === undefined) throw new Error('a task ended that nobody cancelled');
    if (status === 'COMPLETED' && moved < toMove) this.#judgeCompletion();
    if (status !== 'FAILED') return;
    const isMissing = destination?.name === 'nowhere' || (destination?.name === 'other' && this.otherWasMissing);
    const mayFail: Record<string, boolean> = {
      CouldNotDetermineMessageSource: destination === undefined && this.hasOrphans,
      'AWS.SimpleQueueService.NonExistentQueue': isMissing,
      'AWS.SimpleQueueService.UnsupportedOperation': destination?.name === 'wrong',
    };
    if (mayFail[failureReason ?? ''] !== true) throw new Error(`a task failed without a reason: ${failureReason}`);
  }

  /** It may end early when there is nothing left that it could take. */
  #judgeCompletion(): void {
    const { disk, receipts } = this.#ledger;
    if (!receipts.seesAll('dead')) return;
    const unsure = new Set<string>();
    for (const copy of disk.copiesIn('dead')) {
      const isThere = copy.commit < disk.commits && receipts.isSurelyWaiting(copy);
      if (isThere && !(copy.isFifo && unsure.has(copy.groupId)) && this.#isFree(copy)) {
        throw new Error(`a task is completed, though ${copy.id} was there to be moved`);
      }
      if (!isThere) unsure.add(copy.groupId);
    }
  }

  /** On a FIFO queue nothing of its group may have been received, nor have been there when the task looked. */
  #isFree(copy: StoredCopy): boolean {
    const { disk, receipts } = this.#ledger;
    const { isFifo, groupId } = copy;
    if (!isFifo) return true;
    if (disk.hasLostOf(copy)) return false;
    return [...disk.copiesIn('dead')].every((each) => each.groupId !== groupId || receipts.isSurelyWaiting(each));
  }
}
