/**
 * Receipt handles: opaque to the client, bound to one receive of one message, not to be made up.
 *
 *     1+lane(1) queueId(6) availableAt(6) sequence(6) attempt(4) nonce(6) tag(16), in base64: 60 characters
 *
 * The first byte was the version, 01, before there were lanes: what was given out then is of the first lane, and valid.
 * The tag is SHA-256(secret, the rest), cut to 128 bits. The input has a fixed length and the hash is cut, so that
 * nothing can be appended to it; one call of the one-shot hash costs a fifth of an HMAC object.
 */
import { hash } from 'node:crypto';
import { readUint48, writeUint48 } from '#std/bytes';
import { missingParameter, receiptHandleIsInvalid } from './errors.ts';
import { receiptHandleLength } from './limits.ts';

export interface ReceiptFields {
  /** 0 to 254. */
  readonly lane: number;
  readonly availableAt: number;
  readonly sequence: number;
  readonly attempt: number;
  readonly nonce: number;
}

/** What the first lane's handles begin with; 0 is no handle. */
const firstLane = 1;
const fieldsLength = 29;
const tagLength = 16;
const handleLength = ((fieldsLength + tagLength) / 3) * 4;

/** Measured: to AWS spaces are nothing. */
export function checkIsGiven(handle: string | undefined): asserts handle is string {
  if (handle === undefined || handle.trim() === '') throw missingParameter('ReceiptHandle');
}

export class ReceiptHandles {
  readonly #signed: Buffer;

  /** `secret` has 32 bytes. */
  constructor(secret: Buffer) {
    this.#signed = Buffer.concat([secret, Buffer.alloc(fieldsLength)]);
  }

  encode(queueId: number, receipt: ReceiptFields): string {
    const bytes = Buffer.allocUnsafe(fieldsLength + tagLength);
    bytes.writeUInt8(receipt.lane + firstLane, 0);
    writeUint48(bytes, queueId, 1);
    writeUint48(bytes, receipt.availableAt, 7);
    writeUint48(bytes, receipt.sequence, 13);
    bytes.writeUInt32BE(receipt.attempt, 19);
    writeUint48(bytes, receipt.nonce, 23);
    bytes.write(this.#tag(bytes), fieldsLength, tagLength, 'hex');
    return bytes.toString('base64');
  }

  /** Refuses what this server did not give out for this queue with `ReceiptHandleIsInvalid`. */
  decode(queueId: number, handle: string | undefined): ReceiptFields {
    checkIsGiven(handle);
    if (handle.length !== handleLength || handle.length > receiptHandleLength) throw receiptHandleIsInvalid(handle);
    const bytes = Buffer.from(handle, 'base64');
    const lane = (bytes[0] ?? 0) - firstLane;
    const whole = bytes.length === fieldsLength + tagLength && lane >= 0;
    if (!whole || readUint48(bytes, 1) !== queueId || !this.#isAuthentic(bytes)) throw receiptHandleIsInvalid(handle);
    return {
      lane,
      availableAt: readUint48(bytes, 7),
      sequence: readUint48(bytes, 13),
      attempt: bytes.readUInt32BE(19),
      nonce: readUint48(bytes, 23),
    };
  }

  #isAuthentic(bytes: Buffer): boolean {
    const expected = Buffer.from(this.#tag(bytes), 'hex');
    // Compared in constant time, so that a tag can't be guessed byte by byte.
    let difference = 0;
    for (let index = 0; index < tagLength; index += 1) {
      difference |= (bytes[fieldsLength + index] ?? 0) ^ (expected[index] ?? 0);
    }
    return difference === 0;
  }

  #tag(bytes: Buffer): string {
    bytes.copy(this.#signed, this.#signed.length - fieldsLength, 0, fieldsLength);
    return hash('sha256', this.#signed, 'hex').slice(0, tagLength * 2);
  }
}
