import { expect, test } from 'vitest';
import { sendersInTurn } from './tenants.ts';

test('in one turn every quiet tenant sends once, spread evenly between the messages of the noisy one', () => {
  const senders = sendersInTurn({ quiet: 50, noisyTimes: 100 });
  expect(senders).toHaveLength(150);
  expect(new Set(senders.filter((sender) => sender !== 'noisy')).size).toBe(50);
  expect(senders.slice(0, 6)).toEqual(['noisy', 'noisy', 'quiet-0', 'noisy', 'noisy', 'quiet-1']);
});

test('without a noisy tenant only the quiet ones send', () => {
  expect(sendersInTurn({ quiet: 3, noisyTimes: 0 })).toEqual(['quiet-0', 'quiet-1', 'quiet-2']);
});
