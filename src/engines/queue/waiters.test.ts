import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Waiter } from './state.ts';
import { Waiters } from './waiters.ts';

function waiter(id: number): Waiter {
  const request = { maxMessages: 1, visibilityTimeoutMs: undefined, nonce: 0, isRepeatable: false, isForMove: false };
  return { ...request, id, deadline: 0, heapIndex: -1, earlier: undefined, later: undefined };
}

test('the first is the one that came first of those that are left, wherever others have left from', () => {
  fc.assert(
    fc.property(fc.array(fc.option(fc.nat(20), { nil: undefined }), { maxLength: 100 }), (events) => {
      const waiters = new Waiters();
      const list: Waiter[] = [];
      for (const [id, leaves] of events.entries()) {
        const leaving = leaves === undefined ? undefined : list.splice(leaves % Math.max(1, list.length), 1)[0];
        if (leaving === undefined) {
          const coming = waiter(id);
          waiters.push(coming);
          list.push(coming);
        } else {
          waiters.remove(leaving);
          expect(waiters.has(leaving.id)).toBe(false);
        }
        expect(waiters.size).toBe(list.length);
        expect(waiters.first).toBe(list[0]);
        for (const each of list) expect(waiters.get(each.id)).toBe(each);
      }
      for (const each of list) {
        expect(waiters.first).toBe(each);
        waiters.remove(each);
      }
      expect(waiters.first).toBe(undefined);
    }),
  );
});
