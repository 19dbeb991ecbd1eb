/**
 * The values behind the keys. The first byte of every binary record is its version, so that a later one can be told.
 *
 *     message    01 messageId(16) sentAt(6) payload
 *     delivery   01 availableAt(6) sentAt(6) visibleAt(6) firstReceivedAt(6) receivedAt(6) receiveCount(4)
 *                attempt(4) nonce(6)
 *     counters   01 nextSequence(6) total(6) { second(6) count(4) }, one for each second with delayed messages
 *     queue      JSON
 */
import { assert } from '#std/assert';
import { asBuffer, readUint48, writeUint48 } from '#std/bytes';

const version = 1;

export interface MessageRecord {
  readonly messageId: Uint8Array;
  readonly sentAt: number;
  readonly payload: Uint8Array;
}

const messageHeader = 23;

export function encodeMessage(message: MessageRecord): Buffer {
  const record = Buffer.allocUnsafe(messageHeader + message.payload.length);
  record[0] = version;
  record.set(message.messageId, 1);
  writeUint48(record, message.sentAt, 17);
  record.set(message.payload, messageHeader);
  return record;
}

/** The parts share the record's memory. */
export function decodeMessage(bytes: Uint8Array): MessageRecord {
  const record = asBuffer(bytes);
  assert(record[0] === version && record.length >= messageHeader, 'a message record of version 1');
  return { messageId: record.subarray(1, 17), sentAt: readUint48(record, 17), payload: record.subarray(messageHeader) };
}

export interface DeliveryRecord {
  readonly availableAt: number;
  readonly sentAt: number;
  readonly visibleAt: number;
  readonly firstReceivedAt: number;
  readonly receivedAt: number;
  readonly receiveCount: number;
  readonly attempt: number;
  readonly nonce: number;
}

const deliveryLength = 45;

export function encodeDelivery(delivery: DeliveryRecord): Buffer {
  const record = Buffer.allocUnsafe(deliveryLength);
  record[0] = version;
  writeUint48(record, delivery.availableAt, 1);
  writeUint48(record, delivery.sentAt, 7);
  writeUint48(record, delivery.visibleAt, 13);
  writeUint48(record, delivery.firstReceivedAt, 19);
  writeUint48(record, delivery.receivedAt, 25);
  record.writeUInt32BE(delivery.receiveCount, 31);
  record.writeUInt32BE(delivery.attempt, 35);
  writeUint48(record, delivery.nonce, 39);
  return record;
}

export function decodeDelivery(bytes: Uint8Array): DeliveryRecord {
  const record = asBuffer(bytes);
  assert(record[0] === version && record.length === deliveryLength, 'a delivery record of version 1');
  return {
    availableAt: readUint48(record, 1),
    sentAt: readUint48(record, 7),
    visibleAt: readUint48(record, 13),
    firstReceivedAt: readUint48(record, 19),
    receivedAt: readUint48(record, 25),
    receiveCount: record.readUInt32BE(31),
    attempt: record.readUInt32BE(35),
    nonce: readUint48(record, 39),
  };
}

export interface CountersRecord {
  readonly nextSequence: number;
  readonly total: number;
  readonly delayed: readonly (readonly [second: number, count: number])[];
}

const countersHeader = 13;
const delayedLength = 10;

export function encodeCounters(counters: CountersRecord): Buffer {
  const record = Buffer.allocUnsafe(countersHeader + counters.delayed.length * delayedLength);
  record[0] = version;
  writeUint48(record, counters.nextSequence, 1);
  let offset = writeUint48(record, counters.total, 7);
  for (const [second, count] of counters.delayed) {
    offset = writeUint48(record, second, offset);
    offset = record.writeUInt32BE(count, offset);
  }
  return record;
}

export function decodeCounters(bytes: Uint8Array): CountersRecord {
  const record = asBuffer(bytes);
  assert(
    record[0] === version && (record.length - countersHeader) % delayedLength === 0,
    'a counters record of version 1',
  );
  const delayed: [number, number][] = [];
  for (let offset = countersHeader; offset < record.length; offset += delayedLength) {
    delayed.push([readUint48(record, offset), record.readUInt32BE(offset + 6)]);
  }
  return { nextSequence: readUint48(record, 1), total: readUint48(record, 7), delayed };
}

export interface QueueSettingsRecord {
  readonly visibilityTimeoutMs: number;
  readonly delayMs: number;
  readonly retentionMs: number;
  readonly maxInFlight: number;
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
