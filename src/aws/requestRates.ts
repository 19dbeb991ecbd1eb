/**
 * How many requests each client may make: a token bucket for each key, kept as the one moment at which it would be full
 * again (the "generic cell rate algorithm"), so that a client costs one number and nothing has to be refilled.
 *
 * The keys come from clients, so there is room for so many. The one that has been quiet longest is forgotten first, and
 * has a full bucket when it comes again; a bucket that is full by then says nothing anyway.
 */
import { AwsError, frontEndNamespace } from './contract.ts';

export interface RequestRate {
  readonly perSecond: number;
  /** Requests that may come at once after a pause. */
  readonly burst: number;
  /** Keys that are remembered. */
  readonly keysMax: number;
}

export class RequestRates {
  readonly #intervalMs: number;
  readonly #depthMs: number;
  readonly #keysMax: number;
  /** By key, least recently asked first: the moment at which its bucket is full again. */
  readonly #fullAt = new Map<string, number>();

  constructor({ perSecond, burst, keysMax }: RequestRate) {
    this.#intervalMs = 1000 / perSecond;
    this.#depthMs = burst * this.#intervalMs;
    this.#keysMax = keysMax;
  }

  get keys(): number {
    return this.#fullAt.size;
  }

  /** Takes a token, or says that there is none; `now` in milliseconds that only ever grow. */
  take(key: string, now: number): boolean {
    const fullAt = Math.max(this.#fullAt.get(key) ?? now, now);
    const next = fullAt + this.#intervalMs;
    // Sums of thirds of a second are off by a little; a millionth of a token is no difference.
    const allowed = next - now <= this.#depthMs + this.#intervalMs / 1_000_000;
    // Who is refused counts as asking: else a flood of other keys would push it out, and fill its bucket.
    this.#fullAt.delete(key);
    this.#fullAt.set(key, allowed ? next : fullAt);
    if (this.#fullAt.size > this.#keysMax) this.#forgetOldest();
    return allowed;
  }

  #forgetOldest(): void {
    for (const oldest of this.#fullAt.keys()) {
      this.#fullAt.delete(oldest);
      return;
    }
  }
}

/** A second's worth at once: clients that poll with several connections do so in step. */
export function ratePerSecond(perSecond: number, keysMax: number): RequestRates {
  return new RequestRates({ perSecond, burst: Math.max(1, perSecond), keysMax });
}

/** AWS's word for it, which every SDK waits and tries again after; the Query protocol has a shorter one. */
export function rateExceeded(): AwsError {
  return new AwsError('ThrottlingException', 'Rate exceeded', {
    queryCode: 'Throttling',
    shapeNamespace: frontEndNamespace,
  });
}
