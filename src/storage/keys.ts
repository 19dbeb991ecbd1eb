/**
 * Where everything lies in the store. The first byte is the table; numbers are big-endian, so that the store's order is
 * the numbers' order.
 *
 *     00 "format" | 00 "secret" | 00 "nextId"     the server's own facts
 *     00 "partition" | 00 "partitions"            which one this is; how many there are
 *     10 account 00 region 00 name                a queue's record
 *     11 target 00 source                         source's dead letters go to target; each is account 00 region 00 name
 *     12 queueId(6) number(6)                     a task that moves the messages of that queue elsewhere
 *     13 partition(1) id(6)                       a letter: a message on its way to a queue of that partition
 *     14 partition(1)                             the id of the last letter that was taken from that partition
 *     20 id(6) availableAt(6) sequence(6)         a message in a queue's first lane
 *     21 id(6) sequence(6)                        the delivery of a message that has been received
 *     22 id(6)                                    a queue's counters
 *     23 id(6) lane(1) availableAt(6) sequence(6) a message in another lane
 *     24 id(6) sequence(6)                        the deduplication keys of one commit, the first with that sequence
 *     2f id(6)                                    contents to be discarded: all of 20 to 24 under that id
 *     30 kind 00 path                             an entity of a service: a topic, a subscription
 *
 * `id` is a queue's contents id. A purge gives the queue a new one, so that it takes no longer for a million messages
 * than for one; what lies under the old id is removed in the background.
 */

import { asBuffer, maxUint48, readUint48, writeUint48 } from '#std/bytes';
import type { KeyRange } from './store.ts';

const table = {
  server: 0x00,
  queue: 0x10,
  deadLetterSource: 0x11,
  moveTask: 0x12,
  letter: 0x13,
  lettersTaken: 0x14,
  message: 0x20,
  delivery: 0x21,
  counters: 0x22,
  laneMessage: 0x23,
  deduplication: 0x24,
  discarded: 0x2f,
  entity: 0x30,
} as const;

export interface QueuePath {
  readonly accountId: string;
  readonly region: string;
  readonly name: string;
}

export interface MessagePosition {
  /** 0 to 254. */
  readonly lane: number;
  readonly availableAt: number;
  readonly sequence: number;
}

export function serverKey(name: 'format' | 'secret' | 'nextId' | 'partition' | 'partitions'): Buffer {
  return Buffer.from(`\0${name}`, 'latin1');
}

/** None of the three holds a NUL: an account is digits, and regions and names have their own alphabets. */
export function queueKey(accountId: string, region: string, name: string): Buffer {
  return Buffer.from(`\x10${accountId}\0${region}\0${name}`, 'latin1');
}

/** All queues, or those of one account and region whose name starts with `prefix`, after the name `after` if given. */
export function queueRange(scope?: { accountId: string; region: string; prefix: string; after?: string }): KeyRange {
  if (scope === undefined) return { from: Buffer.of(table.queue), to: Buffer.of(table.queue + 1) };
  const { accountId, region, prefix, after } = scope;
  const first = queueKey(accountId, region, prefix);
  const from = after === undefined ? first : queueKey(accountId, region, `${after}\0`);
  return { from: Buffer.compare(from, first) < 0 ? first : from, to: Buffer.concat([first, Buffer.of(0xff)]) };
}

/** `source` absent: where the sources of that target begin. */
export function deadLetterSourceKey(target: QueuePath, source?: QueuePath): Buffer {
  const path = ({ accountId, region, name }: QueuePath) => `${accountId}\0${region}\0${name}`;
  return Buffer.from(`\x11${path(target)}\0${source === undefined ? '' : path(source)}`, 'latin1');
}

/** The queues whose dead letters go to `target`, behind `after`. */
export function deadLetterSourceRange(target: QueuePath, after?: QueuePath): KeyRange {
  const first = deadLetterSourceKey(target);
  const from = after === undefined ? first : Buffer.concat([deadLetterSourceKey(target, after), Buffer.of(0)]);
  return { from, to: Buffer.concat([first, Buffer.of(0xff)]) };
}

export function readDeadLetterSource(key: Uint8Array): QueuePath {
  const [accountId = '', region = '', name = ''] = asBuffer(key).toString('latin1').split('\0').slice(3);
  return { accountId, region, name };
}

export function moveTaskKey(queueId: number, number: number): Buffer {
  return numberedKey(table.moveTask, queueId, number);
}

/** Those of one queue, or all. */
export function moveTaskRange(queueId?: number): KeyRange {
  if (queueId === undefined) return { from: Buffer.of(table.moveTask), to: Buffer.of(table.moveTask + 1) };
  return { from: idKey(table.moveTask, queueId), to: idKey(table.moveTask, queueId + 1) };
}

/** `partition`: where it goes. */
export function letterKey(partition: number, id: number): Buffer {
  const key = Buffer.allocUnsafe(8);
  key[0] = table.letter;
  key.writeUInt8(partition, 1);
  writeUint48(key, id, 2);
  return key;
}

/** Of one destination, behind the letter `after`, up to and with `until`. */
export function letterRange(partition: number, after: number, until: number): KeyRange {
  return { from: letterKey(partition, after + 1), to: letterKey(partition, until + 1) };
}

/** Of that destination and all behind it. */
export function lettersFrom(partition: number): KeyRange {
  return { from: Buffer.of(table.letter, partition), to: Buffer.of(table.letter + 1) };
}

export function readLetterKey(bytes: Uint8Array): { partition: number; id: number } {
  const key = asBuffer(bytes);
  return { partition: key.readUInt8(1), id: readUint48(key, 2) };
}

/** `partition`: where they came from. */
export function lettersTakenKey(partition: number): Buffer {
  return Buffer.of(table.lettersTaken, partition);
}

export function messageKey(id: number, { lane, availableAt, sequence }: MessagePosition): Buffer {
  const start = lane === 0 ? 7 : 8;
  const key = Buffer.allocUnsafe(start + 12);
  key[0] = lane === 0 ? table.message : table.laneMessage;
  writeUint48(key, id, 1);
  if (lane !== 0) key[7] = lane;
  writeUint48(key, availableAt, start);
  writeUint48(key, sequence, start + 6);
  return key;
}

export function readMessageKey(bytes: Uint8Array): MessagePosition {
  const key = asBuffer(bytes);
  const isFirst = key[0] === table.message;
  const start = isFirst ? 7 : 8;
  return {
    lane: isFirst ? 0 : key.readUInt8(7),
    availableAt: readUint48(key, start),
    sequence: readUint48(key, start + 6),
  };
}

/** The messages of a queue's lane behind a position, to its end. */
export function messagesAfter(id: number, position: MessagePosition): KeyRange {
  const { lane, availableAt, sequence } = position;
  const isLast = sequence === maxUint48;
  const next = { lane, availableAt: isLast ? availableAt + 1 : availableAt, sequence: isLast ? 0 : sequence + 1 };
  const endOfLane = () => Buffer.concat([idKey(table.laneMessage, id), Buffer.of(lane + 1)]);
  return { from: messageKey(id, next), to: lane === 0 ? idKey(table.message, id + 1) : endOfLane() };
}

/** The messages of all lanes but the first, behind a position in one of them. */
export function laneMessagesAfter(id: number, position?: MessagePosition): KeyRange {
  const from = position === undefined ? idKey(table.laneMessage, id) : messagesAfter(id, position).from;
  return { from, to: idKey(table.laneMessage, id + 1) };
}

export function deliveryKey(id: number, sequence: number): Buffer {
  return numberedKey(table.delivery, id, sequence);
}

export function deduplicationKey(id: number, sequence: number): Buffer {
  return numberedKey(table.deduplication, id, sequence);
}

export function deduplicationRange(id: number): KeyRange {
  return { from: idKey(table.deduplication, id), to: idKey(table.deduplication, id + 1) };
}

/** The number behind the id, of deliveries, deduplications and move tasks. */
export function readNumber(key: Uint8Array): number {
  return readUint48(asBuffer(key), 7);
}

export function deliveryRange(id: number): KeyRange {
  return { from: idKey(table.delivery, id), to: idKey(table.delivery, id + 1) };
}

/** The kind is a word, the path any text without a NUL at its end; both in UTF-8, 900 bytes at most. */
export function entityKey(kind: string, path: string): Buffer {
  return Buffer.from(`\x30${kind}\0${path}`);
}

/** Entities of one kind whose paths begin with `prefix`, behind the path `after`. */
export function entityRange(kind: string, prefix: string, after?: string): KeyRange {
  const first = entityKey(kind, prefix);
  const from = after === undefined ? first : Buffer.concat([entityKey(kind, after), Buffer.of(0)]);
  return { from: Buffer.compare(from, first) < 0 ? first : from, to: Buffer.concat([first, Buffer.of(0xff)]) };
}

export function readEntityPath(kind: string, key: Uint8Array): string {
  return asBuffer(key).toString('utf8', 2 + Buffer.byteLength(kind));
}

export function countersKey(id: number): Buffer {
  return idKey(table.counters, id);
}

export function discardedKey(id: number): Buffer {
  return idKey(table.discarded, id);
}

export const discardedRange: KeyRange = { from: Buffer.of(table.discarded), to: Buffer.of(table.discarded + 1) };

export function readIdKey(key: Uint8Array): number {
  return readUint48(asBuffer(key), 1);
}

/** Everything that is stored under a contents id. */
export function contentsRanges(id: number): KeyRange[] {
  const tables = [table.message, table.delivery, table.counters, table.laneMessage, table.deduplication];
  return tables.map((each) => ({ from: idKey(each, id), to: idKey(each, id + 1) }));
}

function numberedKey(first: number, id: number, number: number): Buffer {
  const key = Buffer.allocUnsafe(13);
  key[0] = first;
  writeUint48(key, id, 1);
  writeUint48(key, number, 7);
  return key;
}

function idKey(first: number, id: number): Buffer {
  const key = Buffer.allocUnsafe(7);
  key[0] = first;
  writeUint48(key, id, 1);
  return key;
}
