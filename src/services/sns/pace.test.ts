import { expect, test } from 'vitest';
import { Pace } from './pace.ts';

test('publishes of one turn share it, and each gets its own if they are large', async () => {
  const pace = new Pace();
  let turn = 0;
  // Asked for first, so that it comes first in each turn.
  let isOver = false;
  const count = () => {
    turn += 1;
    if (!isOver) setImmediate(count);
  };
  setImmediate(count);
  const turns: number[] = [];
  const copies = [40, 60, 1, 99, 500, 500];
  await Promise.all(copies.map((each, index) => pace.enter(each).then(() => (turns[index] = turn))));
  isOver = true;
  expect(turns).toEqual([0, 0, 1, 1, 2, 3]);
});
