import { expect, it } from 'vitest';
import { Throttle } from './throttle.ts';

/** Sends as much as is allowed, at every moment when something is; gives the moments. */
function sendFor(throttle: Throttle, milliseconds: number, start = 1_000_000): number[] {
  const sent: number[] = [];
  for (let now = start; now < start + milliseconds; now = Math.max(now + 1, throttle.nextAt(now))) {
    const count = throttle.allowed(1_000, now);
    throttle.spend(count);
    for (let each = 0; each < count; each += 1) sent.push(now - start);
  }
  return sent;
}

it('allows everything without a rate', () => {
  const throttle = new Throttle();
  expect(throttle.allowed(7, 0)).toBe(7);
  throttle.spend(7);
  expect(throttle.allowed(7, 0)).toBe(7);
  expect(throttle.nextAt(5)).toBe(5);
});

it.each([1, 2, 10, 50, 1_000])('keeps to %i a second', (rate) => {
  const throttle = new Throttle();
  throttle.setRate(rate);
  const sent = sendFor(throttle, 5_000);
  expect(sent.length).toBeGreaterThanOrEqual(rate * 5 * 0.9);
  const most = rate + Math.max(1, rate / 10) + 1;
  for (const at of sent)
    expect(sent.filter((each) => each >= at && each < at + 1_000).length).toBeLessThanOrEqual(most);
});

it('makes up for what was begun before a rate was known', () => {
  const throttle = new Throttle();
  throttle.setRate(2);
  throttle.allowed(1, 1_000_000);
  throttle.spend(5);
  expect(throttle.allowed(1, 1_000_000)).toBe(0);
  expect(throttle.nextAt(1_000_000)).toBe(1_002_500);
});

it('takes a new rate at once, and says whether it is one', () => {
  const throttle = new Throttle();
  expect(throttle.setRate(1)).toBe(true);
  expect(throttle.setRate(1)).toBe(false);
  expect(throttle.setRate(undefined)).toBe(true);
  expect(throttle.allowed(9, 1_000_000)).toBe(9);
});
