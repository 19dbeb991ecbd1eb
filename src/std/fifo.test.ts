import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Fifo } from './fifo.ts';

test('gives what an array would, however often it runs empty and however long it becomes', () => {
  const runs = fc.array(fc.tuple(fc.nat(1_500), fc.nat(1_600)), { maxLength: 8 });
  fc.assert(
    fc.property(runs, (pushesAndShifts) => {
      const fifo = new Fifo<number>();
      const model: number[] = [];
      let next = 0;
      for (const [pushes, shifts] of pushesAndShifts) {
        for (let count = 0; count < pushes; count += 1) {
          fifo.push(next);
          model.push(next);
          next += 1;
        }
        const given = Array.from({ length: shifts }, () => fifo.shift());
        expect(given.filter((each) => each !== undefined)).toEqual(model.splice(0, shifts));
        expect([fifo.size, fifo.peek()]).toEqual([model.length, model[0]]);
      }
    }),
    { numRuns: 50 },
  );
});
