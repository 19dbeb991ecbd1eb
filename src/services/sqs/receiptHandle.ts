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
import { assert } from '#std/assert';
import { readUint48, writeUint48 } from '#std/bytes';
import { isSameText } from '#std/sameText';
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
const secretLength = 32;
// Places behind the secret.
const laneAt = secretLength;
const queueIdAt = laneAt + 1;
const availableAtAt = queueIdAt + 6;
const sequenceAt = availableAtAt + 6;
const attemptAt = sequenceAt + 6;
const nonceAt = attemptAt + 4;
const tagAt = nonceAt + 6;
const tagLength = 16;
const handleBytes = tagAt + tagLength - laneAt;
const handleLength = (handleBytes / 3) * 4;

/** Measured: to AWS spaces are nothing. */
export function checkIsGiven(handle: string | undefined): asserts handle is string {
  if (handle === undefined || handle.trim() === '') throw missingParameter('ReceiptHandle');
}

export class ReceiptHandles {
  /** The secret, the fields and the tag of the handle that is just being made or read. */
  readonly #bytes: Buffer;
  readonly #signed: Buffer;

  /** `secret` has 32 bytes. */
  constructor(secret: Buffer) {
    assert(secret.length === secretLength, 'the secret has 32 bytes');
    this.#bytes = Buffer.concat([secret, Buffer.alloc(handleBytes)]);
    this.#signed = this.#bytes.subarray(0, tagAt);
  }

  encode(queueId: number, receipt: ReceiptFields): string {
    const bytes = this.#bytes;
    bytes.writeUInt8(receipt.lane + firstLane, laneAt);
    writeUint48(bytes, queueId, queueIdAt);
    writeUint48(bytes, receipt.availableAt, availableAtAt);
    writeUint48(bytes, receipt.sequence, sequenceAt);
    bytes.writeUInt32BE(receipt.attempt, attemptAt);
    writeUint48(bytes, receipt.nonce, nonceAt);
    bytes.write(this.#tag(), tagAt, tagLength, 'hex');
    return bytes.toString('base64', laneAt);
  }

  /** Refuses what this server did not give out for this queue with `ReceiptHandleIsInvalid`. */
  decode(queueId: number, handle: string | undefined): ReceiptFields {
    checkIsGiven(handle);
    if (handle.length !== handleLength || handle.length > receiptHandleLength) throw receiptHandleIsInvalid(handle);
    const bytes = this.#bytes;
    const whole = bytes.write(handle, laneAt, 'base64') === handleBytes;
    const lane = bytes.readUInt8(laneAt) - firstLane;
    if (!whole || lane < 0 || readUint48(bytes, queueIdAt) !== queueId || !this.#isAuthentic()) {
      throw receiptHandleIsInvalid(handle);
    }
    return {
      lane,
      availableAt: readUint48(bytes, availableAtAt),
      sequence: readUint48(bytes, sequenceAt),
      attempt: bytes.readUInt32BE(attemptAt),
      nonce: readUint48(bytes, nonceAt),
    };
  }

  #isAuthentic(): boolean {
    return isSameText(this.#tag(), this.#bytes.toString('hex', tagAt));
  }

  /** Hex. */
  #tag(): string {
    return hash('sha256', this.#signed, 'hex').slice(0, tagLength * 2);
  }
}
