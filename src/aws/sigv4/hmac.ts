import { hash } from 'node:crypto';
import { assert } from '#std/assert';

const blockBytes = 64;
const digestBytes = 32;

/**
 * HMAC-SHA-256 (RFC 2104) with one key for many texts. Node's `Hmac` is an object for each: 3 us in a server, where the two hashes
 * that it consists of take half.
 */
export class HmacKey {
  readonly #inner: Buffer;
  /** With room for the inner digest. */
  readonly #outer: Buffer;

  /** A key of at most 64 bytes; longer ones would have to be hashed. */
  constructor(key: Uint8Array) {
    assert(key.length <= blockBytes, 'a key is not longer than a block');
    const block = Buffer.alloc(blockBytes);
    block.set(key);
    this.#inner = Buffer.from(block.map((byte) => byte ^ 0x36));
    this.#outer = Buffer.concat([block.map((byte) => byte ^ 0x5c), Buffer.alloc(digestBytes)]);
  }

  /** Of a text that has a character for each byte; in hex. */
  digest(text: string): string {
    const message = Buffer.allocUnsafe(blockBytes + text.length);
    message.set(this.#inner);
    message.write(text, blockBytes, 'latin1');
    this.#outer.write(hash('sha256', message, 'hex'), blockBytes, digestBytes, 'hex');
    return hash('sha256', this.#outer, 'hex');
  }
}
