/**
 * Bytes that are encrypted at rest say by themselves which data key opens them, so that they can be moved from queue to
 * queue unread:
 *
 *     03 data key id(12) nonce(12) ciphertext tag(16)
 *
 * AES-256-GCM. No service's plain payload begins with 03.
 */
import { createCipheriv, createDecipheriv, randomBytes, randomFillSync } from 'node:crypto';
import { assert } from '#std/assert';
import { asBuffer, Slabs } from '#std/bytes';
import { type Bytes, SplitBytes } from '#std/splitBytes';
import { SealBroken } from './sealing.ts';

const version = 3;
const idBytes = 12;
const nonceBytes = 12;
const tagBytes = 16;
const nonceAt = 1 + idBytes;
const headBytes = nonceAt + nonceBytes;
const authTag = { authTagLength: tagBytes };

/** What sealing adds to the length. */
export const sealedPayloadBytes = headBytes + tagBytes;

/** Random nonces under one key: after so many, two are the same with a probability of 2^-37. */
const sealsMax = 2 ** 30;

/** As where plain payloads are encoded: a queue's window keeps them, so a slab is small. */
const slabs = new Slabs(32 * 1024);

/** Drawn from the system's generator 4 KiB at a time: a call for each nonce would cost as much as the encryption. */
const nonces = Buffer.allocUnsafeSlow(4080);
let noncesUsed = nonces.length;

function writeNonce(target: Buffer, offset: number): void {
  if (noncesUsed === nonces.length) {
    randomFillSync(nonces);
    noncesUsed = 0;
  }
  nonces.copy(target, offset, noncesUsed, noncesUsed + nonceBytes);
  noncesUsed += nonceBytes;
}

/** Encrypts what is stored. Where `binding` is given, only with the same one it opens. */
export class DataKey {
  readonly id: Buffer;
  readonly #secret: Buffer;
  #seals = 0;

  constructor(id: Buffer, secret: Buffer) {
    assert(id.length === idBytes, 'the id of a data key has 12 bytes');
    assert(secret.length === 32, 'a data key has 32 bytes');
    this.id = id;
    this.#secret = secret;
  }

  /** Not to be used for more. */
  get isWorn(): boolean {
    return this.#seals >= sealsMax;
  }

  seal(plain: Bytes, binding?: string): Buffer {
    this.#seals += 1;
    const sealed = slabs.allocate(sealedPayloadBytes + plain.length);
    sealed[0] = version;
    this.id.copy(sealed, 1);
    writeNonce(sealed, nonceAt);
    const cipher = createCipheriv('aes-256-gcm', this.#secret, sealed.subarray(nonceAt, headBytes), authTag);
    if (binding !== undefined) cipher.setAAD(Buffer.from(binding));
    // GCM gives as many bytes as it takes, and none at the end.
    let end = headBytes;
    for (const piece of plain instanceof SplitBytes ? [plain.head, plain.tail] : [plain]) {
      end += cipher.update(piece).copy(sealed, end);
    }
    cipher.final();
    cipher.getAuthTag().copy(sealed, end);
    return sealed;
  }

  /** Throws `SealBroken` if it is not what was sealed. */
  open(sealed: Uint8Array, binding?: string): Buffer {
    const bytes = asBuffer(sealed);
    if (!isSealed(bytes) || bytes.length < sealedPayloadBytes) throw new SealBroken();
    const end = bytes.length - tagBytes;
    const decipher = createDecipheriv('aes-256-gcm', this.#secret, bytes.subarray(nonceAt, headBytes), authTag);
    if (binding !== undefined) decipher.setAAD(Buffer.from(binding));
    decipher.setAuthTag(bytes.subarray(end));
    const plain = decipher.update(bytes.subarray(headBytes, end));
    try {
      decipher.final();
    } catch {
      throw new SealBroken();
    }
    return plain;
  }
}

export function newDataKeyId(): Buffer {
  return randomBytes(idBytes);
}

/** They are in one piece always. */
export function isSealed(payload: Bytes): payload is Uint8Array {
  return !(payload instanceof SplitBytes) && payload[0] === version;
}

/** Of the data key that opens it, in hex. */
export function dataKeyIdOf(sealed: Uint8Array): string {
  return asBuffer(sealed).toString('hex', 1, nonceAt);
}
