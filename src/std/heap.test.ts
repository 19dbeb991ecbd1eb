import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Heap } from './heap.ts';

test('gives its items in order, whatever left from the middle', () => {
  const commands = fc.array(fc.record({ value: fc.integer({ min: 0, max: 50 }), remove: fc.boolean() }), {
    maxLength: 200,
  });
  fc.assert(
    fc.property(commands, (steps) => {
      const heap = new Heap<{ value: number; id: number; heapIndex: number }>((a, b) =>
        a.value === b.value ? a.id < b.id : a.value < b.value,
      );
      const model: { value: number; id: number; heapIndex: number }[] = [];
      steps.forEach(({ value, remove }, id) => {
        if (remove && model.length > 0) {
          const [item] = model.splice(value % model.length, 1);
          if (item) heap.remove(item);
        } else {
          const item = { value, id, heapIndex: -1 };
          heap.push(item);
          model.push(item);
        }
      });
      const expected = model
        .map(({ value, id }) => [value, id])
        .sort((a, b) => (a[0] ?? 0) - (b[0] ?? 0) || (a[1] ?? 0) - (b[1] ?? 0));
      expect(heap.size).toBe(model.length);
      expect(model.map(() => heap.pop()).map((item) => [item?.value, item?.id])).toEqual(expected);
      expect(heap.pop()).toBeUndefined();
    }),
  );
});
