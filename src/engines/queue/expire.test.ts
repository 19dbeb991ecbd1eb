import { expect, test } from 'vitest';
import { windowLimits } from './limits.ts';
import { newCounters, openQueue } from './state.ts';
import { step } from './step.ts';
import type { QueueCommand } from './types.ts';

const retentionMs = 60_000;
const settings = { visibilityTimeoutMs: 30_000, delayMs: 0, retentionMs, maxInFlight: 120_000 };

test('a receive behind a long run of expired messages waits a second for what may lie behind it, and no longer', () => {
  const state = openQueue(settings, newCounters, [], undefined, { ...windowLimits, expiriesPerStep: 2 });
  const answers = (command: QueueCommand, now: number) =>
    step(state, command, { now, isCrowded: false, batch: 1, durableBatch: 0 }).effects.filter(
      ({ kind }) => kind === 'answer-receive',
    );
  const receive = { kind: 'receive', maxMessages: 1, visibilityTimeoutMs: undefined, waitMs: 0, nonce: 1 } as const;
  answers({ ...receive, waiterId: 1 }, 0);
  const messages = Array.from({ length: 10 }, (_, i) => ({ messageId: Buffer.of(i), payload: Buffer.of(i) }));
  answers({ kind: 'send', messages }, 0);
  expect(answers({ ...receive, waiterId: 2 }, retentionMs)).toEqual([]);
  expect(answers({ kind: 'tick' }, retentionMs + 999)).toEqual([]);
  expect(answers({ kind: 'tick' }, retentionMs + 1_000)).toMatchObject([{ waiterId: 2, messages: [] }]);
  expect(state.expiring).toBe(true);
  expect(state.total).toBe(4);
});
