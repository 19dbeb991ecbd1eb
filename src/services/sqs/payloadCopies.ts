import { asBuffer, Slabs } from '#std/bytes';
import { Md5Beginning } from '#std/md5';
import { joined } from '#std/splitBytes';
import { encodePayload, md5At, type PayloadFields } from './payload.ts';

/** Bytes behind the middle. Of more, Node's MD5 of the whole body is faster than that of the rest. */
const shortEnd = 512;
/** As in `payload.ts`: a slab may live long. */
const slabs = new Slabs(32 * 1024);

/**
 * The payloads of one message whose body differs from queue to queue in the middle. What they begin with is encoded and hashed
 * once: of an envelope of SNS that is all but the last hundred bytes.
 */
export class PayloadCopies {
  readonly #before: Buffer;
  readonly #after: Buffer;
  readonly #fields: Pick<PayloadFields, 'senderId' | 'traceHeader' | 'attributes'>;
  /** The others are made of it. */
  #first: { readonly payload: Buffer; readonly middle: string; readonly beginning: Buffer } | undefined;
  #md5OfBefore: Md5Beginning | undefined;

  constructor(before: string, after: string, fields: Pick<PayloadFields, 'senderId' | 'traceHeader' | 'attributes'>) {
    this.#before = Buffer.from(before);
    this.#after = Buffer.from(after);
    this.#fields = fields;
  }

  /** Bytes of the body without the middle. */
  get bodyBytes(): number {
    return this.#before.length + this.#after.length;
  }

  /** Whoever gets one must not change it: those with the same middle are the same. */
  copy(middle: string): Buffer {
    if (this.#first === undefined) {
      const payload = this.copyWithId(middle, '');
      const beginning = payload.subarray(0, payload.length - Buffer.byteLength(middle) - this.#after.length);
      this.#first = { payload, middle, beginning };
      return payload;
    }
    const { payload, beginning } = this.#first;
    if (middle === this.#first.middle) return payload;
    return this.#after.length > shortEnd ? this.copyWithId(middle, '') : this.#another(beginning, middle);
  }

  /** For a FIFO queue: each may have an id of its own, by which it differs from its beginning on. */
  copyWithId(middle: string, deduplicationId: string): Buffer {
    const body = [this.#before, Buffer.from(middle), this.#after];
    const bodyBytes = body.reduce((sum, { length }) => sum + length, 0);
    return asBuffer(joined(encodePayload({ ...this.#fields, deduplicationId, body, bodyBytes }).bytes));
  }

  #another(beginning: Buffer, middle: string): Buffer {
    const start = beginning.length;
    const end = start + Buffer.byteLength(middle);
    const payload = slabs.allocate(end + this.#after.length);
    payload.set(beginning);
    payload.write(middle, start);
    payload.set(this.#after, end);
    this.#md5OfBefore ??= new Md5Beginning(this.#before);
    this.#md5OfBefore.writeDigest(payload.subarray(start), payload, md5At);
    return payload;
  }
}
