import type { NewMessage } from '#engines/queue';
import type { QueuePath } from '#storage/keys';
import type { Clock } from './clock.ts';
import { type EntityChange, entityOperations } from './entities.ts';
import type { GroupCommit } from './groupCommit.ts';
import { sentInOneTurn } from './limits.ts';
import type { QueueHandle } from './queueHandle.ts';

export interface Target {
  readonly path: QueuePath;
  /** What that queue gets. */
  readonly message: NewMessage;
}

export interface FanOut {
  readonly targets: readonly Target[];
  /** Where a message goes whose queue is not there; undefined: nowhere. Asked within the same commit. */
  readonly instead?: (target: Target) => Target | undefined;
  /** What else belongs to the same commit. */
  readonly also?: readonly EntityChange[];
}

interface Surroundings {
  readonly commit: GroupCommit;
  readonly clock: Clock;
  openQueue(path: QueuePath): QueueHandle | Promise<QueueHandle | undefined>;
}

/**
 * Sends messages to many queues within one commit: either all of them have theirs, or none has. However many there are,
 * the event loop is not kept for more than a few milliseconds at a time. Gives the number of queues that were reached.
 */
export async function fanOut(surroundings: Surroundings, { targets, instead, also = [] }: FanOut): Promise<number> {
  const { commit, clock } = surroundings;
  const release = commit.hold();
  let durable: Promise<void> | undefined;
  let reached = 0;
  try {
    if (also.length > 0) durable = commit.append(entityOperations(also)).durable;
    for (let start = 0; start < targets.length; start += sentInOneTurn) {
      if (start > 0) await clock.nextTurn();
      const portion = await open(surroundings, targets.slice(start, start + sentInOneTurn), instead);
      // From here on nothing waits: a queue that is open stays open. A commit that failed meanwhile has ended it.
      for (const { queue, message } of portion) durable = queue.accept([message]).durable;
      reached += portion.length;
    }
  } finally {
    release();
  }
  await durable;
  return reached;
}

async function open(
  surroundings: Surroundings,
  targets: readonly Target[],
  instead: FanOut['instead'],
): Promise<{ queue: QueueHandle; message: NewMessage }[]> {
  const opened: { queue: QueueHandle; message: NewMessage }[] = [];
  for (const target of targets) {
    // Not awaited without need: most queues are in memory.
    const found = surroundings.openQueue(target.path);
    const queue = found instanceof Promise ? await found : found;
    if (queue !== undefined) {
      opened.push({ queue, message: target.message });
      continue;
    }
    const other = instead?.(target);
    const otherQueue = other && (await surroundings.openQueue(other.path));
    if (other !== undefined && otherQueue !== undefined) opened.push({ queue: otherQueue, message: other.message });
  }
  return opened;
}
