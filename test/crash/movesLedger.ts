/**
 * What holds for a queue, its dead-letter queue and the tasks that bring messages back, however often their server dies.
 * It knows only what clients know: calls made and answers got. Nobody deletes.
 *
 * - Every body is in one of the two queues, once. One whose send was not answered may be in none; on a FIFO queue it is
 *   sent again under its deduplication id, until it is answered.
 * - A message that may be received once is received once; on a standard queue once between two kills.
 * - A task that was acknowledged goes on until it has moved what there was at its start, or is cancelled. It counts what
 *   it has moved, neither more nor less.
 */
import type { SqsOperations } from '#aws/generated/sqs';

export type ListedTask = NonNullable<SqsOperations['ListMessageMoveTasks']['output']['Results']>[number];

export interface ReceivedBody {
  readonly body: string;
  readonly messageId: string;
  readonly receiveCount: number;
  readonly origin: string | undefined;
}

interface TrackedBody {
  isAcknowledged: boolean;
  /** It has a new one with every move by a task. */
  readonly messageIds: Set<string>;
  /** How often the end found it. */
  found: number;
}

/** A task as it was listed last. */
interface TrackedTask {
  readonly startedAt: number;
  status: string;
  moved: number;
  toMove: number;
  isCancelled: boolean;
}

const ended = ['COMPLETED', 'CANCELLED'];

export class MovesLedger {
  /** `resumed`: tasks that were seen running before a kill. */
  readonly counts = { sent: 0, acknowledged: 0, received: 0, deadLetters: 0, tasks: 0, resumed: 0 };
  readonly #isFifo: boolean;
  readonly #sourceArn: string;
  readonly #bodies = new Map<string, TrackedBody>();
  /** By message id, the life of the server in which it was received from the source. */
  readonly #receivedIn = new Map<string, number>();
  /** Oldest first. */
  readonly #tasks: TrackedTask[] = [];
  #start: 'none' | 'acknowledged' | 'in-doubt' = 'none';
  #life = 0;
  /** Receives whose answers were lost. */
  #receivesLost = 0;

  constructor(isFifo: boolean, sourceArn: string) {
    this.#isFifo = isFifo;
    this.#sourceArn = sourceArn;
  }

  get size(): number {
    return this.#bodies.size;
  }

  /** Call it before the request leaves. */
  sending(body: string): void {
    if (this.#bodies.has(body)) return;
    this.#bodies.set(body, { isAcknowledged: false, messageIds: new Set(), found: 0 });
    this.counts.sent += 1;
  }

  acknowledged(body: string, messageId: string): void {
    const tracked = this.#body(body);
    tracked.isAcknowledged = true;
    tracked.messageIds.add(messageId);
    this.counts.acknowledged += 1;
  }

  received({ body, messageId, receiveCount, origin }: ReceivedBody): void {
    this.#body(body).messageIds.add(messageId);
    this.counts.received += 1;
    if (origin !== undefined) throw new Error(`received ${body} as a dead letter from its source`);
    if (receiveCount !== 1) throw new Error(`received ${body} for the ${receiveCount}th time from its source`);
    const life = this.#receivedIn.get(messageId);
    const isAgain = life !== undefined && (this.#isFifo || life === this.#life);
    if (isAgain) throw new Error(`received ${body} twice from its source as ${messageId}`);
    this.#receivedIn.set(messageId, this.#life);
  }

  receiveLost(): void {
    this.#receivesLost += 1;
  }

  receivedDead({ body, messageId, receiveCount, origin }: ReceivedBody): void {
    this.#body(body).messageIds.add(messageId);
    this.counts.deadLetters += 1;
    if (origin !== this.#sourceArn) throw new Error(`received ${body} as a dead letter from ${origin}`);
    if (receiveCount < 2) throw new Error(`received ${body} as a dead letter for the ${receiveCount}th time`);
  }

  /** As it was listed last. */
  get newestTask(): Readonly<TrackedTask> | undefined {
    return this.#tasks.at(-1);
  }

  taskStarted(): void {
    this.#start = 'acknowledged';
  }

  taskStartLost(): void {
    this.#start = 'in-doubt';
  }

  /** Call it before the request leaves. */
  cancelling(): void {
    const task = this.#tasks.at(-1);
    if (task !== undefined) task.isCancelled = true;
  }

  /** What the listing said, newest first; gives the task that runs. */
  listed(results: readonly ListedTask[]): ListedTask | undefined {
    const known = this.#tasks.at(-1);
    const [newest] = results;
    const isNew = newest !== undefined && newest.StartedTimestamp !== known?.startedAt;
    if (this.#start === 'acknowledged' && !isNew) throw new Error('a task whose start was acknowledged is gone');
    if (this.#start === 'none' && isNew) throw new Error('a task that nobody started');
    if (known !== undefined) {
      const listed = results.find(({ StartedTimestamp }) => StartedTimestamp === known.startedAt);
      if (listed === undefined) throw new Error('a task is gone');
      judgeProgress(known, listed);
    }
    if (isNew) this.#track(newest);
    this.#start = 'none';
    const running = results.filter(isRunning);
    if (running.length > 1) throw new Error('two tasks run at a time');
    return running[0];
  }

  crashed(): void {
    this.#life += 1;
    if (this.#tasks.at(-1)?.status === 'RUNNING') this.counts.resumed += 1;
  }

  found({ body, messageId }: ReceivedBody): void {
    const tracked = this.#body(body);
    tracked.messageIds.add(messageId);
    tracked.found += 1;
  }

  /** Bodies that were not found exactly once, but for those whose send nobody answered. */
  notOnce(): string[] {
    return [...this.#bodies]
      .filter(([, { isAcknowledged, found }]) => found > 1 || (found === 0 && isAcknowledged))
      .map(([body, { found }]) => `${body}: ${found}`);
  }

  /** How many messages the tasks say they have moved, and how many moves show in the messages' ids, at least and at most. */
  get moved(): { counted: number; least: number; most: number } {
    const counted = this.#tasks.reduce((sum, { moved }) => sum + moved, 0);
    let least = 0;
    for (const { messageIds } of this.#bodies.values()) least += Math.max(0, messageIds.size - 1);
    // An id that nobody has seen was received with an answer that was lost, along with nine others at most.
    return { counted, least, most: least + this.#receivesLost * 10 };
  }

  #track(listed: ListedTask): void {
    const { StartedTimestamp: startedAt = 0 } = listed;
    const task = { startedAt, status: 'RUNNING', moved: 0, toMove: 0, isCancelled: false };
    judgeProgress(task, listed);
    this.#tasks.push(task);
    this.counts.tasks += 1;
  }

  #body(body: string): TrackedBody {
    const tracked = this.#bodies.get(body);
    if (tracked === undefined) throw new Error(`received ${body}, which nobody sent`);
    return tracked;
  }
}

export function isRunning({ Status = '' }: ListedTask): boolean {
  return Status === 'RUNNING' || Status === 'CANCELLING';
}

/** Judges what became of a task, and notes it. */
function judgeProgress(task: TrackedTask, listed: ListedTask): void {
  const { Status: status = '', FailureReason: reason = '' } = listed;
  const { ApproximateNumberOfMessagesMoved: moved = 0, ApproximateNumberOfMessagesToMove: toMove = 0 } = listed;
  const became = `${task.status} ${task.moved}/${task.toMove} became ${status} ${moved}/${toMove} ${reason}`;
  const hasGoneBack = moved < task.moved || moved > toMove || (task.toMove !== 0 && toMove !== task.toMove);
  if (hasGoneBack) throw new Error(`a task's counters are wrong: ${became}`);
  const hasRisen = ended.includes(task.status) && (status !== task.status || moved !== task.moved);
  if (hasRisen) throw new Error(`a task that had ended went on: ${became}`);
  const isExpected = status === 'RUNNING' || status === 'COMPLETED' || task.isCancelled;
  if (!isExpected) throw new Error(`a task came to a wrong end: ${became}`);
  if (status === 'COMPLETED' && moved !== toMove) throw new Error(`a task left something behind: ${became}`);
  task.status = status;
  task.moved = moved;
  task.toMove = toMove;
}
