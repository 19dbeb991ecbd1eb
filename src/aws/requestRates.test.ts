import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { RequestRates, ratePerSecond } from './requestRates.ts';

/** A bucket as it is drawn in books: refilled by the time that went by, and never fuller than full. */
class PlainBucket {
  #tokens: number;
  #at = 0;
  readonly #perSecond: number;
  readonly #burst: number;

  constructor(perSecond: number, burst: number) {
    this.#perSecond = perSecond;
    this.#burst = burst;
    this.#tokens = burst;
  }

  take(now: number): boolean {
    this.#tokens = Math.min(this.#burst, this.#tokens + ((now - this.#at) * this.#perSecond) / 1000);
    this.#at = now;
    if (this.#tokens < 1 - 1e-6) return false;
    this.#tokens -= 1;
    return true;
  }
}

describe('a rate', () => {
  it('allows a burst, and then one after the other', () => {
    const rates = new RequestRates({ perSecond: 10, burst: 3, keysMax: 10 });
    const taken = (now: number) => rates.take('a', now);
    expect([0, 0, 0, 0].map(taken)).toEqual([true, true, true, false]);
    expect([99, 100, 100, 150, 200].map(taken)).toEqual([false, true, false, false, true]);
    expect([10_000, 10_000, 10_000, 10_000].map(taken)).toEqual([true, true, true, false]);
  });

  it('is one for each key', () => {
    const rates = ratePerSecond(1, 10);
    expect(['a', 'b', 'a', 'b'].map((key) => rates.take(key, 5))).toEqual([true, true, false, false]);
  });

  it('agrees with a bucket that is refilled', () => {
    const rate = fc.record({ perSecond: fc.integer({ min: 1, max: 50 }), burst: fc.integer({ min: 1, max: 20 }) });
    // Whole milliseconds; on the very edge of a token, sums of fractions may fall to either side.
    const pauses = fc.array(fc.integer({ min: 0, max: 300 }), { maxLength: 200 });
    const property = fc.property(rate, pauses, ({ perSecond, burst }, gaps) => {
      const rates = new RequestRates({ perSecond, burst, keysMax: 1 });
      const plain = new PlainBucket(perSecond, burst);
      let now = 0;
      for (const gap of gaps) {
        now += gap;
        expect(rates.take('key', now)).toBe(plain.take(now));
      }
    });
    fc.assert(property, { numRuns: 1_000 });
  });
});

describe('memory', () => {
  it('is for so many keys; who was quiet longest is forgotten', () => {
    const rates = new RequestRates({ perSecond: 1, burst: 1, keysMax: 3 });
    for (const key of ['a', 'b', 'c']) expect(rates.take(key, 0)).toBe(true);
    // Refused, but asking: it is not the quiet one.
    expect(rates.take('a', 1)).toBe(false);
    expect(rates.take('d', 1)).toBe(true);
    expect(rates.keys).toBe(3);
    expect(rates.take('a', 2)).toBe(false);
    expect(rates.take('b', 2)).toBe(true);
  });

  it('does not grow under a flood of keys', () => {
    const rates = ratePerSecond(5, 1000);
    for (let index = 0; index < 50_000; index += 1) rates.take(`key ${index}`, index / 100);
    expect(rates.keys).toBe(1000);
  });
});
