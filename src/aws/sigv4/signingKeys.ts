/** Signing keys, derived from a secret for a day, a region and a service: four HMACs that most requests save. */

import { createHmac } from 'node:crypto';
import { HmacKey } from './hmac.ts';
import { signatureLimits } from './limits.ts';
import type { Signature } from './signature.ts';

interface KnownKey {
  readonly secret: string;
  readonly key: HmacKey;
}

/**
 * Keys that have verified a request. What only was tried is not kept: whoever knows an access key id, and no secret, could
 * drive out the useful ones. Full, it forgets the oldest; yesterday's keys go that way.
 */
export class SigningKeys {
  readonly #max: number;
  /** By the credential, which names all that a key depends on but the secret. */
  readonly #known = new Map<string, KnownKey>();

  constructor(max: number = signatureLimits.signingKeysMax) {
    this.#max = max;
  }

  get size(): number {
    return this.#known.size;
  }

  find(signature: Signature, secret: string): HmacKey {
    const known = this.#known.get(signature.credential);
    if (known !== undefined && known.secret === secret) return known.key;
    return new HmacKey(deriveSigningKey(secret, signature));
  }

  keep({ credential }: Signature, secret: string, key: HmacKey): void {
    if (this.#known.get(credential)?.key === key) return;
    this.#known.delete(credential);
    if (this.#known.size >= this.#max) {
      const [oldest] = this.#known.keys();
      if (oldest !== undefined) this.#known.delete(oldest);
    }
    this.#known.set(credential, { secret, key });
  }
}

export function deriveSigningKey(
  secret: string,
  { day, region, service }: Pick<Signature, 'day' | 'region' | 'service'>,
): Buffer {
  const scope = [day, region, service, 'aws4_request'];
  return scope.reduce(
    (key: Buffer, part) => createHmac('sha256', key).update(part).digest(),
    Buffer.from(`AWS4${secret}`),
  );
}
