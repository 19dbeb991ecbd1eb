/**
 * What SQS keeps of a message, as the engine's payload:
 *
 *     02 bodyMd5(16) lengths: senderId(1) deduplicationId(1) traceHeader(2) attributes(4), then these four, then the body
 *
 * The attributes are encoded as in `messageAttributes.ts`; the body and the trace header are UTF-8. Version 01 has the
 * group id, which the engine keeps today, in the place of the deduplication id.
 */
import { hash } from 'node:crypto';
import { assert } from '#std/assert';
import { asBuffer, Slabs } from '#std/bytes';

export interface PayloadFields {
  /** Parts that are encoded already are UTF-8. */
  readonly body: string | readonly Uint8Array[];
  /** The body's length in UTF-8, which the caller has measured already. */
  readonly bodyBytes: number;
  readonly senderId: string;
  /** Empty if the message has none. */
  readonly deduplicationId: string;
  readonly traceHeader: string;
  readonly attributes: Buffer;
}

const version = 2;
const versionWithGroup = 1;
const md5At = 1;
const md5Length = 16;
const lengthsAt = md5At + md5Length;
const fieldsAt = lengthsAt + 8;
/** A queue keeps payloads of its window in memory, so a slab may live long for the sake of one of them: a small one. */
const slabs = new Slabs(32 * 1024);

/** Also gives the body's MD5, in hex. */
export function encodePayload(fields: PayloadFields): { bytes: Buffer; bodyMd5: string } {
  const { body, bodyBytes, senderId, deduplicationId, traceHeader, attributes } = fields;
  const traceBytes = traceHeader === '' ? 0 : Buffer.byteLength(traceHeader);
  const bodyAt = fieldsAt + senderId.length + deduplicationId.length + traceBytes + attributes.length;
  const bytes = slabs.allocate(bodyAt + bodyBytes);
  bytes[0] = version;
  bytes.writeUInt8(senderId.length, lengthsAt);
  bytes.writeUInt8(deduplicationId.length, lengthsAt + 1);
  bytes.writeUInt16BE(traceBytes, lengthsAt + 2);
  bytes.writeUInt32BE(attributes.length, lengthsAt + 4);
  let offset = fieldsAt + bytes.write(senderId, fieldsAt, 'latin1');
  // Most messages have none of these, and an empty write costs as much as a short one.
  if (deduplicationId !== '') offset += bytes.write(deduplicationId, offset, 'latin1');
  if (traceBytes > 0) offset += bytes.write(traceHeader, offset);
  if (attributes.length > 0) attributes.copy(bytes, offset);
  writeBody(bytes, bodyAt, body);
  const bodyMd5 = hash('md5', bytes.subarray(bodyAt), 'hex');
  bytes.write(bodyMd5, md5At, md5Length, 'hex');
  return { bytes, bodyMd5 };
}

function writeBody(bytes: Buffer, start: number, body: PayloadFields['body']): void {
  if (typeof body === 'string') {
    bytes.write(body, start);
    return;
  }
  let offset = start;
  for (const part of body) {
    bytes.set(part, offset);
    offset += part.length;
  }
}

/** Reads the parts that are asked for; most receives want the body and its MD5 alone. */
export class Payload {
  readonly #bytes: Buffer;

  constructor(bytes: Uint8Array) {
    this.#bytes = asBuffer(bytes);
    const first = this.#bytes[0];
    assert(first === version || first === versionWithGroup, 'a payload of version 1 or 2');
  }

  get body(): string {
    return this.#bytes.toString('utf8', this.#attributesAt + this.#attributesLength);
  }

  /** Hex. */
  get bodyMd5(): string {
    return this.#bytes.toString('hex', md5At, lengthsAt);
  }

  get senderId(): string {
    return this.#bytes.toString('latin1', fieldsAt, fieldsAt + this.#senderLength);
  }

  get deduplicationId(): string {
    return this.#bytes[0] === version ? this.#secondField : '';
  }

  /** Of a message that was stored when payloads still held it. */
  get groupId(): string {
    return this.#bytes[0] === versionWithGroup ? this.#secondField : '';
  }

  get traceHeader(): string {
    return this.#bytes.toString('utf8', this.#attributesAt - this.#traceLength, this.#attributesAt);
  }

  get attributes(): Buffer {
    return this.#bytes.subarray(this.#attributesAt, this.#attributesAt + this.#attributesLength);
  }

  get #secondField(): string {
    const start = fieldsAt + this.#senderLength;
    return this.#bytes.toString('latin1', start, start + this.#secondLength);
  }

  get #senderLength(): number {
    return this.#bytes.readUInt8(lengthsAt);
  }

  get #secondLength(): number {
    return this.#bytes.readUInt8(lengthsAt + 1);
  }

  get #traceLength(): number {
    return this.#bytes.readUInt16BE(lengthsAt + 2);
  }

  get #attributesLength(): number {
    return this.#bytes.readUInt32BE(lengthsAt + 4);
  }

  get #attributesAt(): number {
    return fieldsAt + this.#senderLength + this.#secondLength + this.#traceLength;
  }
}
