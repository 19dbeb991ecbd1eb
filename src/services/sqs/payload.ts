/**
 * What SQS keeps of a message, as the engine's payload:
 *
 *     02 or 04 bodyMd5(16) lengths: senderId(1) deduplicationId(1) traceHeader(2) attributes(4), then these four, then the body
 *
 * Bodies that came as bytes (`std/textBytes.ts`) stay in their place: there the payload is in two pieces, and the body is the
 * second. The attributes are encoded as in `messageAttributes.ts`; the body and the trace header are UTF-8. 04 says that the body is
 * plain text (`std/plainTexts.ts`), 02 that it isn't or that nobody knows. 01 has the group id, which the engine keeps today,
 * in the place of the deduplication id; 03 are sealed payloads.
 */
import { hash } from 'node:crypto';
import { assert } from '#std/assert';
import { asBuffer, Slabs } from '#std/bytes';
import { type Bytes, SplitBytes } from '#std/splitBytes';
import { isUnescaped, TextBytes } from '#std/textBytes';

export interface PayloadFields {
  /** Parts that are encoded already are UTF-8. */
  readonly body: string | TextBytes | readonly Uint8Array[];
  /** The body's length in UTF-8, which the caller has measured already. */
  readonly bodyBytes: number;
  /** The body is known to be plain text. */
  readonly isPlain?: boolean;
  readonly senderId: string;
  /** Empty if the message has none. */
  readonly deduplicationId: string;
  readonly traceHeader: string;
  readonly attributes: Buffer;
}

const version = 2;
const versionOfPlain = 4;
const versionWithGroup = 1;
export const md5At = 1;
const md5Length = 16;
const lengthsAt = md5At + md5Length;
const fieldsAt = lengthsAt + 8;
/** A queue keeps payloads of its window in memory, so a slab may live long for the sake of one of them: a small one. */
const slabs = new Slabs(32 * 1024);

/** Also gives the body's MD5, in hex. */
export function encodePayload(fields: PayloadFields): { bytes: Bytes; bodyMd5: string } {
  const { body, bodyBytes, isPlain = false, senderId, deduplicationId, traceHeader, attributes } = fields;
  const traceBytes = traceHeader === '' ? 0 : Buffer.byteLength(traceHeader);
  const bodyAt = fieldsAt + senderId.length + deduplicationId.length + traceBytes + attributes.length;
  const isInPlace = body instanceof TextBytes;
  const bytes = slabs.allocate(isInPlace ? bodyAt : bodyAt + bodyBytes);
  bytes[0] = isPlain ? versionOfPlain : version;
  writeLengths(bytes, senderId.length, deduplicationId.length, traceBytes, attributes.length);
  let offset = fieldsAt + bytes.write(senderId, fieldsAt, 'latin1');
  // Most messages have none of these, and an empty write costs as much as a short one.
  if (deduplicationId !== '') offset += bytes.write(deduplicationId, offset, 'latin1');
  if (traceBytes > 0) offset += bytes.write(traceHeader, offset);
  if (attributes.length > 0) attributes.copy(bytes, offset);
  if (typeof body === 'string') bytes.write(body, bodyAt, isPlain ? 'latin1' : 'utf8');
  else if (!isInPlace) writeParts(bytes, bodyAt, body);
  const bodyMd5 = hash('md5', isInPlace ? body.bytes : bytes.subarray(bodyAt), 'hex');
  bytes.write(bodyMd5, md5At, md5Length, 'hex');
  return { bytes: isInPlace ? new SplitBytes(bytes, body.bytes) : bytes, bodyMd5 };
}

/** Plain stores: Buffer's own calls take 15 ns each. */
function writeLengths(bytes: Buffer, sender: number, deduplication: number, trace: number, attributes: number): void {
  assert(sender < 2 ** 8 && deduplication < 2 ** 8 && trace < 2 ** 16, 'lengths have room');
  bytes[lengthsAt] = sender;
  bytes[lengthsAt + 1] = deduplication;
  bytes[lengthsAt + 2] = trace >>> 8;
  bytes[lengthsAt + 3] = trace;
  bytes[lengthsAt + 4] = attributes >>> 24;
  bytes[lengthsAt + 5] = attributes >>> 16;
  bytes[lengthsAt + 6] = attributes >>> 8;
  bytes[lengthsAt + 7] = attributes;
}

function writeParts(bytes: Buffer, start: number, parts: readonly Uint8Array[]): void {
  let offset = start;
  for (const part of parts) {
    bytes.set(part, offset);
    offset += part.length;
  }
}

const noBytes = Buffer.alloc(0);
/** Bytes. Shorter bodies are written faster as texts. */
const longBody = 16 * 1024;

/** Reads the parts that are asked for; most receives want the body and its MD5 alone. */
export class Payload {
  readonly #bytes: Buffer;
  readonly #secondAt: number;
  readonly #traceAt: number;
  readonly #attributesAt: number;
  readonly #bodyAt: number;
  /** The body, if it is a piece by itself. */
  readonly #separateBody: Buffer | undefined;

  constructor(bytes: Bytes) {
    const isSplit = bytes instanceof SplitBytes;
    const buffer = asBuffer(isSplit ? bytes.head : bytes);
    this.#bytes = buffer;
    this.#separateBody = isSplit ? asBuffer(bytes.tail) : undefined;
    const first = buffer[0];
    assert(
      first === version || first === versionOfPlain || first === versionWithGroup,
      'a payload of version 1, 2 or 4',
    );
    this.#secondAt = fieldsAt + buffer.readUInt8(lengthsAt);
    this.#traceAt = this.#secondAt + buffer.readUInt8(lengthsAt + 1);
    this.#attributesAt = this.#traceAt + buffer.readUInt16BE(lengthsAt + 2);
    this.#bodyAt = this.#attributesAt + buffer.readUInt32BE(lengthsAt + 4);
  }

  /** The body is known to be plain text. */
  get isPlain(): boolean {
    return this.#bytes[0] === versionOfPlain;
  }

  get body(): string {
    const encoding = this.isPlain ? 'latin1' : 'utf8';
    return this.#separateBody?.toString(encoding) ?? this.#bytes.toString(encoding, this.#bodyAt);
  }

  /** A long body that JSON can have as it is; undefined of any other. */
  get longBody(): TextBytes | undefined {
    const length = this.#separateBody?.length ?? this.#bytes.length - this.#bodyAt;
    if (length < longBody) return undefined;
    const bytes = this.#separateBody ?? this.#bytes.subarray(this.#bodyAt);
    return this.isPlain || isUnescaped(bytes) ? new TextBytes(bytes, this.isPlain) : undefined;
  }

  /** Hex. */
  get bodyMd5(): string {
    return this.#bytes.toString('hex', md5At, lengthsAt);
  }

  get senderId(): string {
    return this.#bytes.toString('latin1', fieldsAt, this.#secondAt);
  }

  get deduplicationId(): string {
    return this.#bytes[0] === versionWithGroup ? '' : this.#secondField;
  }

  /** Of a message that was stored when payloads still held it. */
  get groupId(): string {
    return this.#bytes[0] === versionWithGroup ? this.#secondField : '';
  }

  get traceHeader(): string {
    return this.#bytes.toString('utf8', this.#traceAt, this.#attributesAt);
  }

  get attributes(): Buffer {
    return this.#attributesAt === this.#bodyAt ? noBytes : this.#bytes.subarray(this.#attributesAt, this.#bodyAt);
  }

  get #secondField(): string {
    return this.#bytes.toString('latin1', this.#secondAt, this.#traceAt);
  }
}
