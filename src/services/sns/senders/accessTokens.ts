/** Tokens that open a push service for an hour or so: fetched once, however many deliveries wait for them, and held. */
import { createHash } from 'node:crypto';
import type { Outcome } from '../delivery.ts';
import { heldTokens, tokenMarginMs } from './limits.ts';
import { forNow } from './outcome.ts';

export type Grant =
  | { readonly kind: 'granted'; readonly token: string; readonly expiresAt: number }
  | { readonly kind: 'refused'; readonly outcome: Outcome };

interface Held {
  readonly grant: Promise<Grant>;
  /** Undefined while it is being fetched. */
  granted?: Extract<Grant, { kind: 'granted' }>;
}

export class AccessTokens {
  /** By a digest of the credentials, the one that was fetched longest ago first. */
  readonly #held = new Map<string, Held>();
  readonly #now: () => number;

  constructor(now: () => number = Date.now) {
    this.#now = now;
  }

  get(credentials: readonly string[], fetch: () => Grant | Promise<Grant>): Promise<Grant> {
    const key = digestOf(credentials);
    const held = this.#held.get(key);
    const isStale = held?.granted !== undefined && held.granted.expiresAt - tokenMarginMs <= this.#now();
    return held === undefined || isStale ? this.#fetch(key, fetch) : held.grant;
  }

  /** The push service did not take the token; unless another has replaced it already, it is given up. */
  forget(credentials: readonly string[], token: string): void {
    const key = digestOf(credentials);
    if (this.#held.get(key)?.granted?.token === token) this.#held.delete(key);
  }

  #fetch(key: string, fetch: () => Grant | Promise<Grant>): Promise<Grant> {
    const grant = Promise.resolve()
      .then(fetch)
      .catch((error: Error): Grant => ({ kind: 'refused', outcome: forNow(error.message) }));
    const held: Held = { grant };
    this.#held.delete(key);
    this.#held.set(key, held);
    const [oldest] = this.#held.keys();
    if (this.#held.size > heldTokens && oldest !== undefined) this.#held.delete(oldest);
    return grant.then((fetched) => {
      if (fetched.kind === 'granted') held.granted = fetched;
      // Whoever comes next tries again.
      else if (this.#held.get(key) === held) this.#held.delete(key);
      return fetched;
    });
  }
}

/** The credentials themselves would be long, and would lie around. */
function digestOf(credentials: readonly string[]): string {
  return createHash('sha256').update(JSON.stringify(credentials)).digest('base64');
}
