/**
 * Where everything lies in the store. The first byte is the table; numbers are big-endian, so that the store's order is
 * the numbers' order.
 *
 *     00 "format" | 00 "secret" | 00 "nextId"     the server's own facts
 *     10 account 00 region 00 name                a queue's record
 *     20 id(6) availableAt(6) sequence(6)         a message
 *     21 id(6) sequence(6)                        the delivery of a message that has been received
 *     22 id(6)                                    a queue's counters
 *     2f id(6)                                    contents to be discarded: all of 20, 21 and 22 under that id
 *
 * `id` is a queue's contents id. A purge gives the queue a new one, so that it takes no longer for a million messages
 * than for one; what lies under the old id is removed in the background.
 */
import { asBuffer, maxUint48, readUint48, writeUint48 } from '#std/bytes';

const table = { server: 0x00, queue: 0x10, message: 0x20, delivery: 0x21, counters: 0x22, discarded: 0x2f } as const;

export interface KeyRange {
  readonly from: Buffer;
  readonly to: Buffer;
}

export function serverKey(name: 'format' | 'secret' | 'nextId'): Buffer {
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

export function messageKey(id: number, availableAt: number, sequence: number): Buffer {
  const key = Buffer.allocUnsafe(19);
  key[0] = table.message;
  writeUint48(key, id, 1);
  writeUint48(key, availableAt, 7);
  writeUint48(key, sequence, 13);
  return key;
}

export function readMessageKey(bytes: Uint8Array): { availableAt: number; sequence: number } {
  const key = asBuffer(bytes);
  return { availableAt: readUint48(key, 7), sequence: readUint48(key, 13) };
}

/** The messages of a queue behind a position, to its end. */
export function messagesAfter(id: number, availableAt: number, sequence: number): KeyRange {
  const from = sequence === maxUint48 ? messageKey(id, availableAt + 1, 0) : messageKey(id, availableAt, sequence + 1);
  return { from, to: idKey(table.message, id + 1) };
}

export function deliveryKey(id: number, sequence: number): Buffer {
  const key = Buffer.allocUnsafe(13);
  key[0] = table.delivery;
  writeUint48(key, id, 1);
  writeUint48(key, sequence, 7);
  return key;
}

export function deliveryRange(id: number): KeyRange {
  return { from: idKey(table.delivery, id), to: idKey(table.delivery, id + 1) };
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
  return [table.message, table.delivery, table.counters].map((each) => ({
    from: idKey(each, id),
    to: idKey(each, id + 1),
  }));
}

function idKey(first: number, id: number): Buffer {
  const key = Buffer.allocUnsafe(7);
  key[0] = first;
  writeUint48(key, id, 1);
  return key;
}
