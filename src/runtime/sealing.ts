/**
 * AES-256-GCM for any number of things under one key. A sealed thing:
 *
 *     version(1) = 1 | salt(12) | nonce(12) | ciphertext | tag(16)
 *
 * Each has a key of its own, HMAC-SHA-256(key, "posthorn seal 1" | salt). GCM with random nonces under one key is only safe
 * for some 2^32 messages, which a busy server could reach within days; with the salt, 192 random bits have to meet.
 */
import { createCipheriv, createDecipheriv, createHmac, randomBytes } from 'node:crypto';
import { assert } from '#std/assert';

const version = 1;
const saltBytes = 12;
const nonceBytes = 12;
const tagBytes = 16;
const headBytes = 1 + saltBytes + nonceBytes;

/** What sealing adds to the length. */
export const sealBytes = headBytes + tagBytes;

/** Seals secrets. The context is no secret: it says what the secret is, and only with the same context it opens. */
export interface Vault {
  seal(plain: Uint8Array, context: string): Buffer;
  /** Throws `SealBroken` unless this is what was sealed, with that context. */
  open(sealed: Uint8Array, context: string): Buffer;
}

/** Bytes that were not sealed by this key, or with another context, or that have changed since. */
export class SealBroken extends Error {
  constructor() {
    super('This was not sealed here, or has been changed.');
    this.name = 'SealBroken';
  }
}

/** `key`: 32 random bytes. */
export function createSealer(key: Uint8Array): Vault {
  assert(key.length === 32, 'a sealing key has 32 bytes');
  const keyOf = (salt: Uint8Array) => createHmac('sha256', key).update('posthorn seal 1').update(salt).digest();
  return {
    seal: (plain, context) => {
      const random = randomBytes(saltBytes + nonceBytes);
      const cipher = createCipheriv('aes-256-gcm', keyOf(random.subarray(0, saltBytes)), random.subarray(saltBytes));
      cipher.setAAD(Buffer.from(context));
      return Buffer.concat([Buffer.of(version), random, cipher.update(plain), cipher.final(), cipher.getAuthTag()]);
    },
    open: (sealed, context) => {
      if (sealed.length < sealBytes || sealed[0] !== version) throw new SealBroken();
      const salt = sealed.subarray(1, 1 + saltBytes);
      const end = sealed.length - tagBytes;
      const decipher = createDecipheriv('aes-256-gcm', keyOf(salt), sealed.subarray(1 + saltBytes, headBytes), {
        authTagLength: tagBytes,
      });
      decipher.setAAD(Buffer.from(context));
      decipher.setAuthTag(sealed.subarray(end));
      const plain = decipher.update(sealed.subarray(headBytes, end));
      try {
        decipher.final();
      } catch {
        throw new SealBroken();
      }
      return plain;
    },
  };
}
