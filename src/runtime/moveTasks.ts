/**
 * Tasks that move the messages of a dead-letter queue back to where they came from, or elsewhere. A task is a record: what
 * it has moved is counted in the commit that moved it, so its counters are exact, and it goes on after a restart.
 *
 * RUNNING -> COMPLETED: it has moved as many messages as there were at its start, or there are none left
 *         -> FAILED: a message has no place to go; that one and those behind it stay
 *         -> CANCELLING -> CANCELLED
 */
import type { NewMessage } from '#engines/queue';
import { randomUuid, randomUuidBytes } from '#std/uuid';
import { CommitFailed, type WriteOperation } from '#storage';
import { moveTaskKey, moveTaskRange, type QueuePath, queueKey, readIdKey } from '#storage/keys';
import { decodeMoveTask, decodeQueue, encodeMoveTask, type MoveTaskRecord } from '#storage/records';
import type { Clock } from './clock.ts';
import { type DeliveredMessage, writeOrigin } from './deliveredMessage.ts';
import type { DestinationQueue } from './elsewhere.ts';
import { backgroundPage, movedAtOnce, moveTasksKept, probeIntervalMs } from './limits.ts';
import { type MoveRoutes, moveMessages } from './moves.ts';
import { QueueGone, type QueueHandle } from './queueHandle.ts';

export type MoveTask = Omit<MoveTaskRecord, 'number' | 'source'>;

export interface NewMoveTask {
  readonly source: QueueHandle;
  readonly destination?: QueuePath;
  readonly messagesPerSecond?: number;
}

/** A queue has one running task at a time. */
export class MoveAlreadyRunning extends Error {}

/** What keeps a message from being moved, as the task's failure reason says it. */
class CannotMove extends Error {}

export interface MoveSurroundings extends MoveRoutes {
  readonly clock: Clock;
  /** Of this partition. */
  openQueue(path: QueuePath): QueueHandle | Promise<QueueHandle | undefined>;
  allocateId(): { id: number; operation: WriteOperation };
  /** See `Outbox`. */
  whenRoom(): Promise<void> | undefined;
  report(error: Error): void;
}

interface Running {
  readonly queueId: number;
  /** As it is stored, or will be with what is under way. */
  task: MoveTaskRecord;
  /** A commit failed: what is stored may be behind it. */
  isUnsure: boolean;
  /** Ends a pause. */
  wake: () => void;
}

export class MoveTasks {
  readonly #surroundings: MoveSurroundings;
  /** By the source's queue id. */
  readonly #running = new Map<number, Running>();
  readonly #ends = new Set<Promise<void>>();
  #resumed: Promise<void> = Promise.resolve();
  /** Failed commits so far. */
  #losses = 0;
  #closed = false;

  constructor(surroundings: MoveSurroundings) {
    this.#surroundings = surroundings;
  }

  async start({ source, destination, messagesPerSecond }: NewMoveTask): Promise<MoveTask> {
    await this.#resumed.catch(() => undefined);
    if (source.ended !== undefined) throw source.ended;
    const { queueId } = source.record;
    if (this.#running.has(queueId)) throw new MoveAlreadyRunning('The queue has a running task already.');
    const { commit, clock, allocateId, report } = this.#surroundings;
    const { id, operation } = allocateId.call(this.#surroundings);
    const task: MoveTaskRecord = {
      taskId: randomUuid(),
      number: id,
      source: pathOf(source.record),
      status: 'RUNNING',
      startedAt: clock.now(),
      // The caller may have given a whole record.
      ...(destination && { destination: pathOf(destination) }),
      ...(messagesPerSecond !== undefined && { messagesPerSecond }),
      moved: 0,
      toMove: source.depth().visible,
    };
    const running: Running = { queueId, task, isUnsure: false, wake: () => undefined };
    this.#running.set(queueId, running);
    try {
      await commit.append([operation, taskOperation(running)]).durable;
    } catch (error) {
      if (this.#isCurrent(running)) this.#running.delete(queueId);
      throw error;
    }
    this.#run(running);
    // It runs, whatever becomes of this.
    await this.#forgetOld(queueId).catch(report);
    return running.task;
  }

  /** Newest first, and durable: no crash takes back what a listing said was moved, or had ended. */
  async list(source: QueueHandle, limit: number): Promise<MoveTask[]> {
    const tasks = await this.#stored(source.record.queueId);
    await this.#surroundings.commit.flush();
    return tasks.reverse().slice(0, limit);
  }

  /** Resolves once it is stored that the task is to end; undefined if there is no such running task. */
  async cancel(source: QueueHandle, taskId: string): Promise<MoveTask | undefined> {
    await this.#resumed.catch(() => undefined);
    const running = this.#running.get(source.record.queueId);
    if (running !== undefined) await this.#makeSure(running);
    if (running?.task.taskId !== taskId || running.task.status !== 'RUNNING') return undefined;
    const batch = this.#write(running, { status: 'CANCELLING' });
    running.wake();
    await batch.durable;
    return running.task;
  }

  /** Goes on with what was running when the server stopped. */
  resume(): Promise<void> {
    this.#resumed = this.#resume();
    return this.#resumed;
  }

  async #resume(): Promise<void> {
    for (const { queueId, task } of await this.#all()) {
      const isRunning = task.status === 'RUNNING' || task.status === 'CANCELLING';
      if (this.#closed || this.#running.has(queueId)) continue;
      if (!(await this.#isThere(queueId, task.source))) {
        // The server stopped between the deletion of the queue and that of its tasks.
        this.forgetQueue(queueId).catch(this.#surroundings.report);
        continue;
      }
      if (!isRunning) continue;
      const running: Running = { queueId, task, isUnsure: false, wake: () => undefined };
      this.#running.set(queueId, running);
      this.#run(running);
    }
  }

  /** A commit failed: call it before anybody learns of it. */
  stateLost(): void {
    this.#losses += 1;
    for (const running of this.#running.values()) running.isUnsure = true;
  }

  /** The queue is deleted, and that is durable: its tasks go with it. */
  async forgetQueue(queueId: number): Promise<void> {
    const running = this.#running.get(queueId);
    this.#running.delete(queueId);
    running?.wake();
    const { commit, clock } = this.#surroundings;
    while (!this.#closed) {
      try {
        const tasks = await this.#stored(queueId);
        if (tasks.length > 0)
          await commit.append(tasks.map(({ number }) => ({ key: moveTaskKey(queueId, number) }))).durable;
        return;
      } catch (error) {
        if (!(error instanceof CommitFailed)) throw error;
        await new Promise<void>((resolve) => clock.schedule(clock.now() + probeIntervalMs, resolve));
      }
    }
  }

  /** Resolves when nothing is moved any more; what was running goes on after the next start. */
  async close(): Promise<void> {
    this.#closed = true;
    await this.#resumed.catch(() => undefined);
    for (const { wake } of this.#running.values()) wake();
    await Promise.all(this.#ends);
  }

  #run(running: Running): void {
    const end = this.#runToEnd(running)
      .catch((error: Error) => this.#surroundings.report(error))
      .finally(() => {
        if (this.#isCurrent(running)) this.#running.delete(running.queueId);
        this.#ends.delete(end);
      });
    this.#ends.add(end);
  }

  async #runToEnd(running: Running): Promise<void> {
    while (!this.#closed) {
      try {
        const ending = await this.#moveSome(running);
        if (ending === undefined) continue;
        // The queue is back if the commit that deletes it fails.
        if (ending === 'queue-gone') await this.#surroundings.commit.flush();
        else if (this.#isCurrent(running)) await this.#write(running, ending).durable;
        return;
      } catch (error) {
        if (!(error instanceof CommitFailed)) throw error;
        await this.#pause(running, probeIntervalMs);
      }
    }
  }

  /** One portion and the pause behind it; gives what the task comes to, or undefined while it goes on. */
  async #moveSome(running: Running): Promise<Partial<MoveTaskRecord> | 'queue-gone' | undefined> {
    await this.#makeSure(running);
    const { task } = running;
    if (task.status === 'CANCELLING') return { status: 'CANCELLED' };
    const left = task.toMove - task.moved;
    if (left <= 0) return { status: 'COMPLETED' };
    const { clock } = this.#surroundings;
    const startedAt = clock.now();
    const portion = portionOf(task);
    await this.#surroundings.whenRoom();
    const from = await this.#surroundings.openQueue(task.source);
    if (from?.record.queueId !== running.queueId) return 'queue-gone';
    try {
      const messages = await from.takeForMove(Math.min(portion.messages, left));
      if (messages.length === 0) return { status: 'COMPLETED' };
      await this.#moveTaken(running, from, messages);
    } catch (error) {
      if (error instanceof QueueGone) return undefined;
      if (error instanceof CannotMove) return { status: 'FAILED', failureReason: error.message };
      throw error;
    }
    await this.#pause(running, startedAt + portion.milliseconds - clock.now());
    return undefined;
  }

  /** Each to its place, those of one place together. What is not moved in the end stays. */
  async #moveTaken(running: Running, from: QueueHandle, messages: readonly DeliveredMessage[]): Promise<void> {
    const { commit } = this.#surroundings;
    try {
      await this.#surroundings.beforeMove(messages);
      for (const { path, messages: together } of byDestination(running.task, messages)) {
        const to = await this.#destination(path, from);
        const also = (moved: number): WriteOperation[] => {
          running.task = { ...running.task, moved: running.task.moved + moved };
          return [taskOperation(running)];
        };
        await moveMessages(commit, { from, to, messages: together, as: asNew, also }).durable;
      }
    } finally {
      from.stay(messages, false);
    }
  }

  async #destination(path: QueuePath | undefined, from: QueueHandle): Promise<DestinationQueue> {
    if (path === undefined) throw new CannotMove('CouldNotDetermineMessageSource');
    const to = await this.#surroundings.find(path);
    if (to === undefined || to.ended !== undefined) throw new CannotMove('AWS.SimpleQueueService.NonExistentQueue');
    if (to.record.settings.fifo !== from.record.settings.fifo) {
      throw new CannotMove('AWS.SimpleQueueService.UnsupportedOperation');
    }
    return to;
  }

  /** Not once its queue is deleted: what is written of it then would stay for ever. */
  #isCurrent(running: Running): boolean {
    return this.#running.get(running.queueId) === running;
  }

  async #isThere(queueId: number, { accountId, region, name }: QueuePath): Promise<boolean> {
    const bytes = await this.#surroundings.commit.get(queueKey(accountId, region, name));
    return bytes !== undefined && decodeQueue(bytes).queueId === queueId;
  }

  #write(running: Running, change: Partial<MoveTaskRecord>) {
    running.task = { ...running.task, ...change };
    return this.#surroundings.commit.append([taskOperation(running)]);
  }

  /** What is stored is what holds: of a failed commit, the store took nothing. */
  async #makeSure(running: Running): Promise<void> {
    while (running.isUnsure) {
      const losses = this.#losses;
      const bytes = await this.#surroundings.commit.get(moveTaskKey(running.queueId, running.task.number));
      // Somebody else may have made sure meanwhile, and gone on from there.
      if (losses !== this.#losses || !running.isUnsure) continue;
      running.isUnsure = false;
      if (bytes !== undefined) running.task = decodeMoveTask(bytes);
    }
  }

  /** Ends early when somebody wakes the task. */
  async #pause(running: Running, milliseconds: number): Promise<void> {
    const { clock } = this.#surroundings;
    if (milliseconds <= 0) return clock.nextTurn();
    if (this.#closed || running.task.status === 'CANCELLING') return;
    await new Promise<void>((resolve) => {
      const callOff = clock.schedule(clock.now() + milliseconds, resolve);
      running.wake = () => {
        callOff();
        resolve();
      };
    });
  }

  async #forgetOld(queueId: number): Promise<void> {
    const tasks = await this.#stored(queueId);
    const old = tasks.slice(0, Math.max(0, tasks.length - moveTasksKept));
    if (old.length === 0) return;
    await this.#surroundings.commit.append(old.map(({ number }) => ({ key: moveTaskKey(queueId, number) }))).durable;
  }

  async #stored(queueId: number): Promise<MoveTaskRecord[]> {
    const entries = await this.#surroundings.commit.scan({ ...moveTaskRange(queueId), limit: backgroundPage });
    return entries.map(({ value }) => decodeMoveTask(value));
  }

  async #all(): Promise<{ queueId: number; task: MoveTaskRecord }[]> {
    const all: { queueId: number; task: MoveTaskRecord }[] = [];
    let { from, to } = moveTaskRange();
    for (;;) {
      const page = await this.#surroundings.commit.scan({ from, to, limit: backgroundPage });
      for (const { key, value } of page) all.push({ queueId: readIdKey(key), task: decodeMoveTask(value) });
      const last = page.at(-1);
      if (last === undefined) return all;
      from = Buffer.concat([last.key, Buffer.of(0)]);
    }
  }
}

function pathOf({ accountId, region, name }: QueuePath): QueuePath {
  return { accountId, region, name };
}

function taskOperation({ queueId, task }: Running): WriteOperation {
  return { key: moveTaskKey(queueId, task.number), value: encodeMoveTask(task) };
}

/** How many messages at a time, and how long that takes at the rate asked. */
function portionOf({ messagesPerSecond }: MoveTaskRecord): { messages: number; milliseconds: number } {
  if (messagesPerSecond === undefined) return { messages: movedAtOnce, milliseconds: 0 };
  const messages = Math.max(1, Math.floor(messagesPerSecond / 10));
  return { messages, milliseconds: (messages / messagesPerSecond) * 1000 };
}

function byDestination(
  { destination }: MoveTaskRecord,
  messages: readonly DeliveredMessage[],
): { path: QueuePath | undefined; messages: DeliveredMessage[] }[] {
  const runs: { path: QueuePath | undefined; messages: DeliveredMessage[] }[] = [];
  const nameOf = (path: QueuePath | undefined) => (path === undefined ? '' : writeOrigin(path));
  for (const message of messages) {
    const path = destination ?? message.origin;
    const last = runs.at(-1);
    if (last !== undefined && nameOf(last.path) === nameOf(path)) last.messages.push(message);
    else runs.push({ path, messages: [message] });
  }
  return runs;
}

/** A message that is moved by a task is a new one (SQS Developer Guide, "Configure a dead-letter queue redrive"). */
function asNew({ payload, groupId }: DeliveredMessage): NewMessage {
  return { messageId: randomUuidBytes(), payload, groupId };
}
