import fc from 'fast-check';
import { expect, test } from 'vitest';
import { mayRest, RestingDeliveries } from './resting.ts';
import { depthOf, openQueue } from './state.ts';
import type { Delivery } from './types.ts';
import { whereaboutsOf } from './whereabouts.ts';

const day = 86_400_000;
const now = 1_795_000_000_000;

const plain: Delivery = {
  ...{ lane: 0, groupId: '', sequence: 1, availableAt: now, sentAt: now, visibleAt: now + 30_000 },
  ...{ receiveCount: 1, attempt: 1, firstReceivedAt: now, receivedAt: now, nonce: 2 ** 48 - 1, receivedTogether: 0 },
};

/** Runs of neighbours that lie as far apart as a table is long are what makes tables slow, or wrong. */
const sequences = fc.oneof(
  fc.integer({ min: 1, max: 40 }),
  fc.integer({ min: 1, max: 40 }).map((n) => n * 64),
  fc.integer({ min: 0, max: 40 }).map((n) => 2 ** 32 * 3 + n),
);
const ago = fc.integer({ min: 0, max: 15 * day });
const deliveries: fc.Arbitrary<Delivery> = fc
  .record({
    ...{ sequence: sequences, visibleAt: fc.integer({ min: now, max: now + 20 }) },
    ...{ availableAgo: ago, sentAgo: ago, firstReceivedAgo: ago, receivedAgo: ago },
    ...{ nonce: fc.integer({ min: 0, max: 2 ** 48 - 1 }), receiveCount: fc.integer({ min: 0, max: 65_535 }) },
  })
  .map(({ sequence, visibleAt, availableAgo, sentAgo, firstReceivedAgo, receivedAgo, nonce, receiveCount }) => ({
    ...{ lane: 0, groupId: '', sequence, visibleAt, nonce, receiveCount, attempt: 65_535 - receiveCount },
    ...{ availableAt: visibleAt - availableAgo, sentAt: visibleAt - sentAgo, receivedTogether: 0 },
    ...{ firstReceivedAt: visibleAt - firstReceivedAgo, receivedAt: visibleAt - receivedAgo },
  }));

function firstOf(model: ReadonlyMap<number, Delivery>): Delivery | undefined {
  return [...model.values()].sort((a, b) => a.visibleAt - b.visibleAt || a.sequence - b.sequence)[0];
}

test('deliveries rest as they are, and are found by sequence and by time', () => {
  const actions = fc.array(
    fc.oneof(
      { weight: 3, arbitrary: deliveries.map((add) => ({ add })) },
      { weight: 2, arbitrary: sequences.map((take) => ({ take })) },
      { weight: 1, arbitrary: fc.constant('take-first' as const) },
    ),
    { size: '+2' },
  );
  fc.assert(
    fc.property(actions, (each) => {
      const resting = new RestingDeliveries();
      const model = new Map<number, Delivery>();
      for (const action of each) {
        const sequence =
          action === 'take-first' ? resting.peek()?.sequence : 'take' in action ? action.take : undefined;
        if (sequence !== undefined) {
          expect(resting.take(sequence)).toEqual(model.get(sequence));
          model.delete(sequence);
        } else if (typeof action === 'object' && 'add' in action && !model.has(action.add.sequence)) {
          expect(mayRest(action.add)).toBe(true);
          resting.add(action.add);
          model.set(action.add.sequence, action.add);
        }
        expect(resting.size).toBe(model.size);
        expect(resting.peek()?.sequence).toBe(firstOf(model)?.sequence);
        expect(resting.peek()?.visibleAt).toBe(firstOf(model)?.visibleAt);
      }
      for (const [sequence, delivery] of model) expect(resting.get(sequence)).toEqual(delivery);
      for (let sequence = 1; sequence <= 40; sequence += 1) expect(resting.has(sequence)).toBe(model.has(sequence));
    }),
  );
});

test('many come and go', () => {
  const resting = new RestingDeliveries();
  for (let sequence = 1; sequence <= 10_000; sequence += 1) {
    resting.add({ ...plain, sequence, visibleAt: now + ((sequence * 7919) % 10_007) });
  }
  let before = 0;
  for (let next = resting.peek(); next !== undefined; next = resting.peek()) {
    expect(next.visibleAt).toBeGreaterThan(before);
    before = next.visibleAt;
    expect(resting.take(next.sequence)?.sequence).toBe(next.sequence);
  }
  expect(resting.size).toBe(0);
});

test.each<[string, Partial<Delivery>]>([
  ['of a group', { lane: 3, groupId: 'group' }],
  ['of a group in the first lane', { groupId: 'group' }],
  ['of a receive that can be repeated', { receivedTogether: 2 }],
  ['received more often than two bytes count', { receiveCount: 65_536 }],
  ['tried more often than two bytes count', { attempt: 65_536 }],
  ['that has no first receive', { firstReceivedAt: 0 }],
  ['of a message that is older than four bytes of milliseconds', { sentAt: now - 50 * day }],
  ['of a clock that went back', { receivedAt: now + 30_001 }],
])('one %s does not rest', (_, other) => {
  expect(mayRest(plain)).toBe(true);
  expect(mayRest({ ...plain, ...other })).toBe(false);
});

test('who looks at a message at rest sees that it is in flight, and leaves it there', () => {
  const settings = { visibilityTimeoutMs: 30_000, delayMs: 0, retentionMs: day, maxInFlight: 10 };
  const state = openQueue(settings, { nextSequence: 2, total: 1, delayed: [], lanes: [] }, [plain]);
  const { visibleAt, receiveCount, firstReceivedAt } = plain;
  const expected = { state: 'in-flight', availableAt: now, receiveCount, firstReceivedAt, visibleAt };
  expect(whereaboutsOf(state, plain)).toEqual(expected);
  expect([state.resting?.size, state.deliveries.size]).toEqual([1, 0]);
  expect(depthOf(state)).toEqual({ visible: 0, inFlight: 1, delayed: 0 });
});
