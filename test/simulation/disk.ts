import { joined } from '#std/splitBytes';
import { readIdKey, readMessageKey, readNumber } from '../../src/storage/keys.ts';
import {
  decodeCounters,
  decodeDelivery,
  decodeMessage,
  decodeMoveTask,
  decodeQueue,
  type MoveTaskRecord,
  type QueueRecord,
  readDeduplications,
} from '../../src/storage/records.ts';
import type { WriteOperation } from '../../src/storage/store.ts';
import { type StoredLetter, StoredLetters } from './storedLetters.ts';

/** The first byte of a key; the tables are drawn in `src/storage/keys.ts`. */
const tables = {
  queue: 0x10,
  moveTask: 0x12,
  letter: 0x13,
  lettersTaken: 0x14,
  message: 0x20,
  delivery: 0x21,
  counters: 0x22,
  laneMessage: 0x23,
  deduplication: 0x24,
  discarded: 0x2f,
};

/** A message as it lies in one queue. */
export interface StoredCopy {
  /** What the simulation calls the message, whatever queue it is in: the first word of its payload. */
  readonly id: string;
  readonly body: string;
  readonly queueName: string;
  readonly queueId: number;
  readonly contentsId: number;
  readonly lane: number;
  readonly availableAt: number;
  readonly sequence: number;
  readonly messageId: string;
  readonly sentAt: number;
  readonly groupId: string;
  readonly origin: string;
  /** How often it was received elsewhere, before it was a dead letter. */
  readonly receivedBefore: number;
  readonly isFifo: boolean;
  /** The commit that brought it, counted. */
  readonly commit: number;
  /** False once it has left the queue. */
  isThere: boolean;
}

/** Told of what a commit did to the messages. */
export interface DiskWatcher {
  /** The first time that the message reaches the disk. */
  stored(copy: StoredCopy): void;
  moved(from: StoredCopy, to: StoredCopy): void;
  /** It was on its way to a queue that is gone, and is back where it was. */
  returned(from: StoredCopy, to: StoredCopy): void;
  /** The last copy is gone; `discarded`: with everything in its queue. */
  gone(copy: StoredCopy, how: 'deleted' | 'discarded'): void;
}

/** What is stored under one contents id. */
interface Contents {
  readonly copies: Map<number, StoredCopy>;
  readonly deliveries: Map<number, ReturnType<typeof decodeDelivery>>;
  readonly deduplications: Map<number, readonly unknown[]>;
  counters: ReturnType<typeof decodeCounters> | undefined;
  /** The queue that it belongs to; undefined once it has been put aside. */
  queue: QueueRecord | undefined;
}

interface StoredTask {
  readonly queueId: number;
  readonly record: MoveTaskRecord;
}

/**
 * What lies on the simulated disks of all partitions, decoded, and judged after each commit: at every moment a crash could find it so.
 *
 * - Each message is in one queue, once.
 * - The counters of a queue are exact, and every delivery is of a message that is there.
 * - Between two partitions a message lies in a letter, which ends in one commit with its arrival.
 * - A message changes its queue in one commit, in the order of its group, and a task has counted exactly those that it
 *   moved. A queue has one task at a time; one that has ended stays as it is.
 */
export class Disk {
  readonly #watcher: DiskWatcher;
  readonly #queues = new Map<string, QueueRecord>();
  readonly #contents = new Map<number, Contents>();
  readonly #tasks = new Map<string, StoredTask>();
  readonly #discarded = new Set<number>();
  readonly #letters = new StoredLetters();
  /** The highest that each queue has ever given, by queue id. */
  readonly #lastSequences = new Map<number, number>();
  readonly #copiesById = new Map<string, Set<StoredCopy>>();
  #commits = 0;
  /** Of the commit that is being looked at. */
  #touched = new Set<Contents>();
  #changed = new Map<string, { copy: StoredCopy; how: 'deleted' | 'discarded' }>();
  /** Of the last commit: the groups that a message left, by queue id. */
  #left = new Set<string>();
  /** By queue id: how many more messages its tasks count as moved than before, less those that were moved. */
  #miscounted = new Map<number, number>();

  constructor(watcher: DiskWatcher) {
    this.#watcher = watcher;
  }

  queue(name: string): QueueRecord | undefined {
    return this.#queues.get(name);
  }

  /** How many commits there were. */
  get commits(): number {
    return this.#commits;
  }

  has(id: string): boolean {
    return (this.#copiesById.get(id)?.size ?? 0) > 0;
  }

  /** In the order of the sequence. */
  copiesIn(queueName: string): Iterable<StoredCopy> {
    const queue = this.#queues.get(queueName);
    return queue === undefined ? [] : this.#contentsOf(queue.contentsId).copies.values();
  }

  count(queueName: string): number {
    const queue = this.#queues.get(queueName);
    return queue === undefined ? 0 : this.#contentsOf(queue.contentsId).copies.size;
  }

  /** By the last commit. */
  hasLostOf({ queueId, groupId }: StoredCopy): boolean {
    return this.#left.has(`${queueId} ${groupId}`);
  }

  /** All of a queue's, of any queue that ever was. */
  tasksOf(queueId: number): MoveTaskRecord[] {
    return [...this.#tasks.values()].filter((task) => task.queueId === queueId).map(({ record }) => record);
  }

  activeTasks(): MoveTaskRecord[] {
    return [...this.#tasks.values()].map(({ record }) => record).filter(isActive);
  }

  /** What is stored and belongs to nobody, or should be forgotten by now, each as a sentence. */
  leftovers(): string[] {
    const found: string[] = [];
    for (const [id, { queue, copies, deliveries, deduplications }] of this.#contents) {
      const name = queue === undefined ? `discarded contents ${id}` : queue.name;
      if (copies.size > 0) found.push(`${copies.size} messages in ${name}`);
      if (deliveries.size > 0) found.push(`${deliveries.size} deliveries in ${name}`);
      if (deduplications.size > 0) found.push(`${deduplications.size} deduplication keys in ${name}`);
    }
    if (this.#discarded.size > 0) found.push(`${this.#discarded.size} marks of discarded contents`);
    const queueIds = new Set([...this.#queues.values()].map(({ queueId }) => queueId));
    const lost = [...this.#tasks.values()].filter(({ queueId }) => !queueIds.has(queueId)).length;
    if (lost > 0) found.push(`${lost} tasks of deleted queues`);
    if (this.#letters.size > 0) found.push(`${this.#letters.size} letters`);
    return found;
  }

  /** Takes over what has just been committed by a partition; throws a sentence if something is wrong with it. */
  apply(operations: readonly WriteOperation[], place = 0): void {
    this.#commits += 1;
    this.#left = new Set();
    for (const { key, value } of operations) {
      this.#applyOne(place, Buffer.from(key), value && Buffer.from(joined(value)));
    }
    for (const contents of this.#touched) checkContents(contents);
    for (const [queueId, difference] of this.#miscounted) checkTasks(queueId, this.tasksOf(queueId), difference);
    const changed = [...this.#changed.entries()];
    this.#touched = new Set();
    this.#changed = new Map();
    this.#miscounted = new Map();
    for (const [id, { copy, how }] of changed) {
      const copies = this.#copiesById.get(id)?.size ?? 0;
      if (copies > 1) throw new Error(`${id} is stored ${copies} times`);
      if (copies === 0) this.#watcher.gone(copy, how);
    }
  }

  #applyOne(place: number, key: Buffer, value: Buffer | undefined): void {
    switch (key[0]) {
      case tables.queue:
        this.#putQueue(key.subarray(1).toString('latin1').split('\0')[2] ?? '', value && decodeQueue(value));
        return;
      case tables.moveTask:
        this.#putTask(readIdKey(key), key.toString('latin1'), value && decodeMoveTask(value));
        return;
      case tables.letter:
        if (value === undefined) this.#endLetter(this.#letters.delete(place, key));
        else this.#putLetter(place, key, value);
        return;
      case tables.lettersTaken:
        if (value !== undefined) this.#takeLetters(place, key, value);
        return;
      case tables.discarded:
        if (value === undefined) this.#discarded.delete(readIdKey(key));
        else this.#discarded.add(readIdKey(key));
        return;
      case tables.message:
      case tables.laneMessage:
        this.#putMessage(key, value);
        return;
      case tables.delivery:
      case tables.counters:
      case tables.deduplication:
        this.#putOther(key, value);
        return;
      default:
    }
  }

  #contentsOf(id: number): Contents {
    let contents = this.#contents.get(id);
    if (contents === undefined) {
      contents = {
        copies: new Map(),
        deliveries: new Map(),
        deduplications: new Map(),
        counters: undefined,
        queue: undefined,
      };
      this.#contents.set(id, contents);
    }
    return contents;
  }

  #putQueue(name: string, record: QueueRecord | undefined): void {
    const before = this.#queues.get(name);
    if (before !== undefined && before.contentsId !== record?.contentsId) this.#discard(before.contentsId);
    if (record === undefined) {
      this.#queues.delete(name);
    } else {
      this.#queues.set(name, record);
      this.#contentsOf(record.contentsId).queue = record;
    }
  }

  #discard(contentsId: number): void {
    const contents = this.#contentsOf(contentsId);
    contents.queue = undefined;
    for (const copy of contents.copies.values()) this.#drop(copy, 'discarded');
  }

  #drop(copy: StoredCopy, how: 'deleted' | 'discarded'): void {
    copy.isThere = false;
    this.#left.add(`${copy.queueId} ${copy.groupId}`);
    this.#copiesById.get(copy.id)?.delete(copy);
    this.#changed.set(copy.id, { copy, how });
  }

  #putMessage(key: Buffer, value: Buffer | undefined): void {
    const contentsId = readIdKey(key);
    const contents = this.#contentsOf(contentsId);
    const { lane, availableAt, sequence } = readMessageKey(key);
    const present = contents.copies.get(sequence);
    if (value === undefined) {
      if (present === undefined || present.lane !== lane || present.availableAt !== availableAt) return;
      contents.copies.delete(sequence);
      if (contents.queue === undefined) return;
      this.#touched.add(contents);
      this.#drop(present, 'deleted');
      return;
    }
    const { queue } = contents;
    if (queue === undefined) throw new Error('a message is stored where no queue looks');
    const last = this.#lastSequences.get(queue.queueId) ?? 0;
    if (sequence <= last) throw new Error(`${queue.name} gave the sequence ${sequence} after ${last}`);
    this.#lastSequences.set(queue.queueId, sequence);
    this.#touched.add(contents);
    const { payload, messageId, ...facts } = decodeMessage(value);
    const body = payload.toString();
    const [id = ''] = body.split(' ', 1);
    const { name: queueName, queueId } = queue;
    const place = { queueName, queueId, contentsId, lane, availableAt, sequence };
    const about = { isFifo: queue.settings.fifo === true, commit: this.#commits, isThere: true };
    const copy = { id, body, messageId: Buffer.from(messageId).toString('hex'), ...facts, ...place, ...about };
    contents.copies.set(sequence, copy);
    this.#add(copy);
  }

  #add(copy: StoredCopy): void {
    const copies = this.#copiesById.get(copy.id) ?? new Set();
    this.#copiesById.set(copy.id, copies);
    const [from] = copies;
    copies.add(copy);
    this.#changed.set(copy.id, { copy, how: 'deleted' });
    const letter = this.#letters.of(from);
    if (letter !== undefined) {
      this.#arrive(letter, copy);
    } else if (from === undefined) {
      this.#watcher.stored(copy);
    } else {
      this.#judgeMove(from, copy);
      this.#watcher.moved(from, copy);
    }
  }

  #judgeMove(from: StoredCopy, to: StoredCopy): void {
    if (to.isFifo !== from.isFifo) throw new Error(`${to.id} is moved to a queue of another kind`);
    this.#checkOrderOfMove(from);
    if (to.origin === '') this.#movedByTask(from, to);
  }

  #putLetter(place: number, key: Buffer, value: Buffer): void {
    const find = (id: string) => [...(this.#copiesById.get(id) ?? [])][0];
    const { copy, moved } = this.#letters.put(place, key, value, this.#commits, find);
    const copies = this.#copiesById.get(copy.id) ?? new Set();
    this.#copiesById.set(copy.id, copies.add(copy));
    this.#changed.set(copy.id, { copy, how: 'deleted' });
    if (moved !== undefined) this.#judgeMove(moved, copy);
  }

  #arrive(letter: StoredLetter, to: StoredCopy): void {
    const { moved, record, copy } = letter;
    if (moved !== undefined && to.isFifo !== moved.isFifo)
      throw new Error(`${to.id} is moved to another kind of queue`);
    if (moved !== undefined && record.back?.queueId === to.queueId) {
      this.#watcher.returned(moved, to);
      return;
    }
    if (to.queueId !== record.queueId) throw new Error(`${to.id} arrives in ${to.queueName}, which is not its queue`);
    const isSame = to.messageId === copy.messageId && to.sentAt === copy.sentAt;
    if (!isSame) throw new Error(`${to.id} arrives as another message than was posted`);
    this.#letters.arrived(letter);
    if (moved === undefined) this.#watcher.stored(to);
    else this.#watcher.moved(moved, to);
  }

  #takeLetters(place: number, key: Buffer, value: Buffer): void {
    for (const { copy } of this.#letters.taken(place, key, value)) this.#drop(copy, 'deleted');
  }

  /** One that was not taken goes only if its queue is gone, and nowhere only if the one that it left is gone, too. */
  #endLetter(letter: StoredLetter | undefined): void {
    if (letter === undefined || letter.isTaken) return;
    const { copy, record } = letter;
    if (this.#isThere(record.path.name, record.queueId))
      throw new Error(`the letter of ${copy.id} ends before its end`);
    const { back } = record;
    const isBack = (this.#copiesById.get(copy.id)?.size ?? 0) > 1;
    const couldBeBack = back !== undefined && this.#isThere(back.path.name, back.queueId);
    if (!isBack && couldBeBack) throw new Error(`${copy.id} is lost on its way to ${copy.queueName}`);
    if (isBack) this.#copiesById.get(copy.id)?.delete(copy);
    else this.#drop(copy, 'discarded');
  }

  #isThere(name: string, queueId: number): boolean {
    return this.#queues.get(name)?.queueId === queueId;
  }

  #movedByTask(from: StoredCopy, to: StoredCopy): void {
    const task = this.tasksOf(from.queueId).find(isActive);
    if (task === undefined) throw new Error(`${to.id} is moved by nobody`);
    const destination = task.destination?.name ?? from.origin.split('/').at(-1);
    if (destination !== to.queueName) throw new Error(`${to.id} is moved to ${to.queueName}, not to ${destination}`);
    this.#miscount(from.queueId, -1);
  }

  /** Of a FIFO queue's group nothing leaves before what lies before it. */
  #checkOrderOfMove(from: StoredCopy): void {
    if (!from.isFifo) return;
    for (const earlier of this.copiesIn(from.queueName)) {
      if (earlier.groupId !== from.groupId || earlier.sequence >= from.sequence) continue;
      if ((this.#copiesById.get(earlier.id)?.size ?? 0) > 1) continue;
      throw new Error(`${from.id} leaves ${from.queueName} before ${earlier.id} of the same group`);
    }
  }

  #putOther(key: Buffer, value: Buffer | undefined): void {
    const contents = this.#contentsOf(readIdKey(key));
    if (contents.queue !== undefined) this.#touched.add(contents);
    if (key[0] === tables.counters) {
      contents.counters = value && decodeCounters(value);
    } else if (key[0] === tables.delivery) {
      if (value === undefined) contents.deliveries.delete(readNumber(key));
      else contents.deliveries.set(readNumber(key), decodeDelivery(value));
    } else if (value === undefined) {
      contents.deduplications.delete(readNumber(key));
    } else {
      const sequences: number[] = [];
      readDeduplications(value, (_key, _messageId, sequence) => sequences.push(sequence));
      contents.deduplications.set(readNumber(key), sequences);
    }
  }

  #putTask(queueId: number, key: string, record: MoveTaskRecord | undefined): void {
    const before = this.#tasks.get(key)?.record;
    if (record === undefined) {
      this.#tasks.delete(key);
      return;
    }
    if (before !== undefined && !isActive(before)) throw new Error(`the task ${record.taskId} goes on after its end`);
    this.#tasks.set(key, { queueId, record });
    this.#miscount(queueId, record.moved - (before?.moved ?? 0));
  }

  #miscount(queueId: number, by: number): void {
    this.#miscounted.set(queueId, (this.#miscounted.get(queueId) ?? 0) + by);
  }
}

function isActive({ status }: MoveTaskRecord): boolean {
  return status === 'RUNNING' || status === 'CANCELLING';
}

function checkContents({ queue, copies, deliveries, counters }: Contents): void {
  if (queue === undefined) return;
  const { name } = queue;
  if (counters === undefined && copies.size > 0) throw new Error(`${name} has messages and no counters`);
  if (counters === undefined) return;
  if (counters.total !== copies.size)
    throw new Error(`${name} counts ${counters.total} of its ${copies.size} messages`);
  const lanes = new Map<number, number>();
  for (const { lane, sequence } of copies.values()) {
    if (lane !== 0) lanes.set(lane, (lanes.get(lane) ?? 0) + 1);
    if (sequence >= counters.nextSequence) throw new Error(`${name} would give out the sequence ${sequence} again`);
  }
  const counted = new Map(counters.lanes);
  if (counted.size !== lanes.size) throw new Error(`${name} counts ${counted.size} lanes of its ${lanes.size}`);
  for (const [lane, count] of lanes) {
    if (counted.get(lane) !== count)
      throw new Error(`${name} counts ${counted.get(lane)} of the ${count} in lane ${lane}`);
  }
  for (const [sequence, delivery] of deliveries) {
    const copy = copies.get(sequence);
    if (copy === undefined) throw new Error(`${name} has a delivery of ${sequence}, which is not there`);
    const isOfIt = copy.lane === delivery.lane && copy.groupId === delivery.groupId && copy.sentAt === delivery.sentAt;
    if (!isOfIt || copy.availableAt !== delivery.availableAt)
      throw new Error(`${name}: the delivery of ${copy.id} is another's`);
  }
}

function checkTasks(queueId: number, tasks: readonly MoveTaskRecord[], difference: number): void {
  if (difference !== 0)
    throw new Error(`the tasks of queue ${queueId} count ${difference} messages more than they moved`);
  if (tasks.filter(isActive).length > 1) throw new Error(`queue ${queueId} has two tasks at a time`);
  for (const { taskId, moved, toMove } of tasks) {
    if (moved > toMove) throw new Error(`the task ${taskId} has moved ${moved} of ${toMove} messages`);
  }
}
