import fc from 'fast-check';
import { expect, test } from 'vitest';
import { emptyMap, withEntry, withoutEntry } from './sparseMap.ts';

test('it holds what a Map would, in the same order, and is the one empty map whenever it is empty', () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(fc.nat(5), fc.boolean())), (changes) => {
      const model = new Map<number, number>();
      let map: ReadonlyMap<number, number> = emptyMap;
      for (const [index, [key, isPut]] of changes.entries()) {
        if (isPut) model.set(key, index);
        else model.delete(key);
        map = isPut ? withEntry(map, key, index) : withoutEntry(map, key);
        expect([...map]).toEqual([...model]);
        expect(map === emptyMap).toBe(model.size === 0);
      }
      expect(emptyMap.size).toBe(0);
    }),
  );
});
