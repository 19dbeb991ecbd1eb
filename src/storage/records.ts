/**
 * The values behind the keys. The first byte of every binary record is its version, so that a later one can be told.
 *
 *     message        02 messageId(16) sentAt(6) receivedBefore(2) lengths: group(1) origin(1), then these two, then the payload
 *                    01 messageId(16) sentAt(6) payload: of a message without group and origin
 *     delivery       02 lane(1) availableAt(6) sentAt(6) visibleAt(6) firstReceivedAt(6) receivedAt(6) receiveCount(4)
 *                    attempt(4) nonce(6) receivedTogether(1) group
 *                    01 the same without lane, receivedTogether and group
 *     deduplications 01 { key(16) messageId(16) sequence(6) acceptedAt(6) }, of one commit, in order of sequence
 *     counters       02 nextSequence(6) total(6) lanes(1) { lane(1) total(6) } { second(6) count(4) }, the last for each
 *                    second with delayed messages
 *                    01 the same without lanes
 *     queue, move task   JSON
 *
 * Group and origin are printable ASCII. A message that has neither is still written in version 1, which is the shortest.
 */
import { assert } from '#std/assert';
import { asBuffer, readUint48, Slabs, writeUint48 } from '#std/bytes';
import { type Bytes, SplitBytes } from '#std/splitBytes';
import type { QueuePath } from './keys.ts';

export interface MessageRecord {
  readonly messageId: Uint8Array;
  readonly sentAt: number;
  readonly payload: Bytes;
  /** Empty if it has none; at most 128 characters. */
  readonly groupId: string;
  /** Empty, or the queue from which it came as a dead letter; at most 255 characters. */
  readonly origin: string;
  /** How often it was received from that queue. */
  readonly receivedBefore: number;
}

const plainHeader = 23;
const messageHeader = 27;
/** A record lives until it is committed. */
const messageSlabs = new Slabs(256 * 1024);

/** Bytes. A longer payload is not copied into its record, but is the second piece of it. */
const joinedMax = 32 * 1024;
const nothing = new Uint8Array(0);

export function encodeMessage(message: MessageRecord): Bytes {
  const { messageId, sentAt, payload, groupId, origin, receivedBefore } = message;
  const isPlain = groupId === '' && origin === '' && receivedBefore === 0;
  const header = isPlain ? plainHeader : messageHeader + groupId.length + origin.length;
  const { head, tail } = piecesOf(payload);
  const record = messageSlabs.allocate(header + head.length);
  record[0] = isPlain ? 1 : 2;
  record.set(messageId, 1);
  writeUint48(record, sentAt, 17);
  if (!isPlain) {
    record.writeUInt16BE(Math.min(receivedBefore, 0xffff), 23);
    record.writeUInt8(groupId.length, 25);
    record.writeUInt8(origin.length, 26);
    record.write(groupId + origin, messageHeader, 'latin1');
  }
  record.set(head, header);
  return tail === undefined ? record : new SplitBytes(record, tail);
}

/** What is copied into the record, and what is not. */
function piecesOf(payload: Bytes): { readonly head: Uint8Array; readonly tail?: Uint8Array } {
  if (payload instanceof SplitBytes) return payload;
  return payload.length > joinedMax ? { head: nothing, tail: payload } : { head: payload };
}

/** The parts share the record's memory. */
export function decodeMessage(bytes: Uint8Array): MessageRecord & { readonly payload: Uint8Array } {
  const record = asBuffer(bytes);
  const [version] = record;
  assert((version === 1 || version === 2) && record.length >= plainHeader, 'a message record of version 1 or 2');
  const messageId = record.subarray(1, 17);
  const sentAt = readUint48(record, 17);
  if (version === 1) {
    return { messageId, sentAt, payload: record.subarray(plainHeader), groupId: '', origin: '', receivedBefore: 0 };
  }
  const originAt = messageHeader + record.readUInt8(25);
  const payloadAt = originAt + record.readUInt8(26);
  return {
    messageId,
    sentAt,
    payload: record.subarray(payloadAt),
    groupId: record.toString('latin1', messageHeader, originAt),
    origin: record.toString('latin1', originAt, payloadAt),
    receivedBefore: record.readUInt16BE(23),
  };
}

export interface DeliveryRecord {
  readonly lane: number;
  readonly availableAt: number;
  readonly sentAt: number;
  readonly visibleAt: number;
  readonly firstReceivedAt: number;
  readonly receivedAt: number;
  readonly receiveCount: number;
  readonly attempt: number;
  readonly nonce: number;
  readonly receivedTogether: number;
  readonly groupId: string;
}

const deliveryHeader = 47;
const firstVersionLength = 45;

export function encodeDelivery(delivery: DeliveryRecord): Buffer {
  const record = Buffer.allocUnsafe(deliveryHeader + delivery.groupId.length);
  record[0] = 2;
  record.writeUInt8(delivery.lane, 1);
  writeUint48(record, delivery.availableAt, 2);
  writeUint48(record, delivery.sentAt, 8);
  writeUint48(record, delivery.visibleAt, 14);
  writeUint48(record, delivery.firstReceivedAt, 20);
  writeUint48(record, delivery.receivedAt, 26);
  record.writeUInt32BE(delivery.receiveCount, 32);
  record.writeUInt32BE(delivery.attempt, 36);
  writeUint48(record, delivery.nonce, 40);
  record.writeUInt8(delivery.receivedTogether, 46);
  record.write(delivery.groupId, deliveryHeader, 'latin1');
  return record;
}

export function decodeDelivery(bytes: Uint8Array): DeliveryRecord {
  const record = asBuffer(bytes);
  const [version] = record;
  const isKnown =
    version === 2 ? record.length >= deliveryHeader : version === 1 && record.length === firstVersionLength;
  assert(isKnown, 'a delivery record of version 1 or 2');
  const start = version === 2 ? 2 : 1;
  return {
    lane: version === 2 ? record.readUInt8(1) : 0,
    availableAt: readUint48(record, start),
    sentAt: readUint48(record, start + 6),
    visibleAt: readUint48(record, start + 12),
    firstReceivedAt: readUint48(record, start + 18),
    receivedAt: readUint48(record, start + 24),
    receiveCount: record.readUInt32BE(start + 30),
    attempt: record.readUInt32BE(start + 34),
    nonce: readUint48(record, start + 38),
    receivedTogether: version === 2 ? record.readUInt8(46) : 0,
    groupId: version === 2 ? record.toString('latin1', deliveryHeader) : '',
  };
}

export interface DeduplicationRecord {
  /** 16 bytes. */
  readonly key: Uint8Array;
  readonly messageId: Uint8Array;
  readonly sequence: number;
  readonly acceptedAt: number;
}

const deduplicationLength = 44;

export function encodeDeduplications(deduplications: readonly DeduplicationRecord[]): Buffer {
  const record = Buffer.alloc(1 + deduplications.length * deduplicationLength);
  record[0] = 1;
  let offset = 1;
  for (const { key, messageId, sequence, acceptedAt } of deduplications) {
    assert(key.length === 16 && messageId.length === 16, 'keys and ids of 16 bytes');
    record.set(key, offset);
    record.set(messageId, offset + 16);
    writeUint48(record, sequence, offset + 32);
    offset = writeUint48(record, acceptedAt, offset + 38);
  }
  return record;
}

/** Calls `take` with each; the parts share the record's memory. There may be millions, so nothing is made of them. */
export function readDeduplications(
  bytes: Uint8Array,
  take: (key: Buffer, messageId: Buffer, sequence: number, acceptedAt: number) => void,
): void {
  const record = asBuffer(bytes);
  const isWhole = (record.length - 1) % deduplicationLength === 0;
  assert(record[0] === 1 && isWhole, 'a deduplications record of version 1');
  for (let offset = 1; offset < record.length; offset += deduplicationLength) {
    const key = record.subarray(offset, offset + 16);
    const messageId = record.subarray(offset + 16, offset + 32);
    take(key, messageId, readUint48(record, offset + 32), readUint48(record, offset + 38));
  }
}

export interface CountersRecord {
  readonly nextSequence: number;
  readonly total: number;
  readonly delayed: readonly (readonly [second: number, count: number])[];
  readonly lanes: readonly (readonly [lane: number, count: number])[];
}

const countersHeader = 14;
const laneLength = 7;
const delayedLength = 10;

export function encodeCounters({ nextSequence, total, delayed, lanes }: CountersRecord): Buffer {
  const length = countersHeader + lanes.length * laneLength + delayed.length * delayedLength;
  const record = Buffer.allocUnsafe(length);
  record[0] = 2;
  writeUint48(record, nextSequence, 1);
  writeUint48(record, total, 7);
  let offset = record.writeUInt8(lanes.length, 13);
  for (const [lane, count] of lanes) {
    offset = record.writeUInt8(lane, offset);
    offset = writeUint48(record, count, offset);
  }
  for (const [second, count] of delayed) {
    offset = writeUint48(record, second, offset);
    offset = record.writeUInt32BE(count, offset);
  }
  return record;
}

export function decodeCounters(bytes: Uint8Array): CountersRecord {
  const record = asBuffer(bytes);
  const [version] = record;
  const laneCount = version === 2 ? record.readUInt8(13) : 0;
  const delayedAt = version === 2 ? countersHeader + laneCount * laneLength : countersHeader - 1;
  const isWhole = record.length >= delayedAt && (record.length - delayedAt) % delayedLength === 0;
  assert((version === 1 || version === 2) && isWhole, 'a counters record of version 1 or 2');
  const lanes: [number, number][] = [];
  for (let offset = countersHeader; offset < countersHeader + laneCount * laneLength; offset += laneLength) {
    lanes.push([record.readUInt8(offset), readUint48(record, offset + 1)]);
  }
  const delayed: [number, number][] = [];
  for (let offset = delayedAt; offset < record.length; offset += delayedLength) {
    delayed.push([readUint48(record, offset), record.readUInt32BE(offset + 6)]);
  }
  return { nextSequence: readUint48(record, 1), total: readUint48(record, 7), delayed, lanes };
}

export interface QueueSettingsRecord {
  readonly visibilityTimeoutMs: number;
  readonly delayMs: number;
  readonly retentionMs: number;
  readonly maxInFlight: number;
  readonly fifo?: true;
  readonly deadLetter?: { readonly maxReceiveCount: number; readonly target: QueuePath };
}

/** A queue as an entity. The attributes and tags belong to the service; the rest to the runtime. */
export interface QueueRecord {
  readonly accountId: string;
  readonly region: string;
  readonly name: string;
  /** Stays for the queue's life; receipt handles name it. */
  readonly queueId: number;
  /** Changes with every purge; see `keys.ts`. */
  readonly contentsId: number;
  /** Milliseconds since the epoch. */
  readonly createdAt: number;
  readonly modifiedAt: number;
  /** When it was purged last. */
  readonly purgedAt?: number;
  /** What the engine needs of the attributes. */
  readonly settings: QueueSettingsRecord;
  readonly attributes: Readonly<Record<string, string>>;
  readonly tags: Readonly<Record<string, string>>;
}

export function encodeQueue(queue: QueueRecord): Buffer {
  return Buffer.from(JSON.stringify(queue));
}

export function decodeQueue(bytes: Uint8Array): QueueRecord {
  return JSON.parse(asBuffer(bytes).toString()) as QueueRecord;
}

/** A task that moves the messages of a dead-letter queue elsewhere. Times are milliseconds since the epoch. */
export interface MoveTaskRecord {
  /** A UUID. */
  readonly taskId: string;
  readonly number: number;
  readonly source: QueuePath;
  readonly status: 'RUNNING' | 'CANCELLING' | 'COMPLETED' | 'CANCELLED' | 'FAILED';
  readonly startedAt: number;
  /** Absent: every message goes back to where it came from. */
  readonly destination?: QueuePath;
  readonly messagesPerSecond?: number;
  readonly moved: number;
  readonly toMove: number;
  readonly failureReason?: string;
}

export function encodeMoveTask(task: MoveTaskRecord): Buffer {
  return Buffer.from(JSON.stringify(task));
}

export function decodeMoveTask(bytes: Uint8Array): MoveTaskRecord {
  return JSON.parse(asBuffer(bytes).toString()) as MoveTaskRecord;
}
