/** What home asks of an owner, done to its partition. */
import { type Partition, QueueGone, type QueueHandle, type QueuePath, type ReceiveAnswer } from '#runtime';
import type { OwnerCalls } from './calls.ts';
import { inOnePiece } from './plainBytes.ts';
import type { QueueName } from './queueOwner.ts';

/** What is done to the partition alone; the rest concerns the process. */
export type PartitionCalls = Omit<OwnerCalls, 'begin' | 'close' | 'mustForward' | 'open'>;

export function performCalls(partition: Partition): PartitionCalls {
  const receives = new Receives(partition);
  return {
    find: async (path) => (await queueAt(partition, path))?.record,
    findForSure: async (path) => (await findForSure(partition, path))?.record,
    createQueue: async (queue) => {
      const { created, handle } = await partition.createQueue(queue);
      return { created, record: handle.record };
    },
    listQueues: (scope, limit) => partition.listQueues(scope, limit),
    listDeadLetterSources: (target, after, limit) => partition.listDeadLetterSources(target, after, limit),
    counts: async () => partition.counts(),
    takeLetters: (from, letters) => partition.takeLetters(from, letters),
    answerWaiting: () => {
      receives.cancelAll();
      partition.answerWaiting();
    },
    receive: (...call) => receives.receive(...call),
    cancelReceive: (waiterId) => receives.cancel(waiterId),
    ...queueCalls(partition),
    ...moveCalls(partition),
  };
}

type QueueCalls = Pick<
  OwnerCalls,
  'changeVisibility' | 'delete' | 'deleteQueue' | 'depth' | 'peek' | 'purge' | 'release' | 'send' | 'update'
>;

function queueCalls(partition: Partition): QueueCalls {
  return {
    send: async (queue, messages) => (await queueOf(partition, queue)).send(messages),
    release: async (queue, receipts) => {
      const handle = await queueAt(partition, queue);
      // Of a queue that is gone, nothing is left.
      if (handle?.record.queueId === queue.queueId) handle.release(receipts);
    },
    delete: async (queue, receipts) => (await queueOf(partition, queue)).delete(receipts),
    changeVisibility: async (queue, changes) => {
      return (await queueOf(partition, queue)).changeVisibility(changes);
    },
    peek: async (queue, request) => {
      const { messages, ...rest } = await (await queueOf(partition, queue)).peek(request);
      return { ...rest, messages: inOnePiece(messages) };
    },
    depth: async (queue) => (await queueOf(partition, queue)).depth(),
    purge: async (queue) => (await queueOf(partition, queue)).purge(),
    update: async (queue, change) => (await queueOf(partition, queue)).update(change),
    deleteQueue: async (queue) => (await queueOf(partition, queue)).deleteQueue(),
  };
}

function moveCalls(partition: Partition): Pick<OwnerCalls, 'cancelMove' | 'listMoves' | 'startMove'> {
  const { moves } = partition;
  return {
    startMove: async (queue, request) => {
      const source = await queueOf(partition, queue);
      return moves.start({ ...request, source });
    },
    listMoves: async (queue, limit) => moves.list(await queueOf(partition, queue), limit),
    cancelMove: async (queue, taskId) => moves.cancel(await queueOf(partition, queue), taskId),
  };
}

function queueAt(partition: Partition, { accountId, region, name }: QueuePath) {
  return partition.queue(accountId, region, name);
}

/**
 * A queue whose deletion is under way is there again if that fails. And one whose creation was refused, because its write failed,
 * may be there after a kill until another commit has succeeded. So "there is none" takes that all is stored, and no such failure.
 */
export async function findForSure(partition: Partition, path: QueuePath): Promise<QueueHandle | undefined> {
  const found = await queueAt(partition, path);
  if (found !== undefined) return found;
  await partition.inOneCommit(() => undefined);
  if (partition.problem !== undefined) throw partition.problem;
  return queueAt(partition, path);
}

async function queueOf(partition: Partition, queue: QueueName): Promise<QueueHandle> {
  const handle = await queueAt(partition, queue);
  if (handle?.record.queueId !== queue.queueId) throw new QueueGone(`The queue ${queue.name} was deleted.`);
  return handle;
}

interface Waiting {
  cancel: () => void;
  isCancelled: boolean;
}

/** Receives that have no answer yet. */
class Receives {
  readonly #partition: Partition;
  /** By the number that home gave it: how to call it off, once its queue has it. */
  readonly #waiting = new Map<number, Waiting>();

  constructor(partition: Partition) {
    this.#partition = partition;
  }

  async receive(...[id, queue, request]: Parameters<OwnerCalls['receive']>): Promise<ReceiveAnswer> {
    const waiting: Waiting = { cancel: () => undefined, isCancelled: false };
    this.#waiting.set(id, waiting);
    try {
      const handle = await queueOf(this.#partition, queue);
      if (waiting.isCancelled) return { kind: 'received', messages: [] };
      const { waiterId, answer } = handle.receive(request);
      waiting.cancel = () => handle.cancelReceive(waiterId);
      const received = await answer;
      return received.kind === 'received' ? { ...received, messages: inOnePiece(received.messages) } : received;
    } finally {
      this.#waiting.delete(id);
    }
  }

  /** Those, too, whose queue is being opened still. */
  cancelAll(): void {
    for (const id of [...this.#waiting.keys()]) this.cancel(id);
  }

  cancel(id: number): void {
    const waiting = this.#waiting.get(id);
    if (waiting === undefined) return;
    waiting.isCancelled = true;
    waiting.cancel();
  }
}
