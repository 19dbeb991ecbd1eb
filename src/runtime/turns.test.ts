import { expect, it } from 'vitest';
import { Turns } from './turns.ts';

it('lets what has one name happen one after the other, failures too', async () => {
  const turns = new Turns();
  const log: string[] = [];
  const work = (name: string) => async () => {
    log.push(`${name} begins`);
    await Promise.resolve();
    log.push(`${name} ends`);
    if (name === 'a') throw new Error('a fails');
    return name;
  };
  const results = await Promise.allSettled([turns.take('x', work('a')), turns.take('x', work('b'))]);
  expect(log).toEqual(['a begins', 'a ends', 'b begins', 'b ends']);
  expect(results).toMatchObject([{ status: 'rejected' }, { status: 'fulfilled', value: 'b' }]);
});

it('does not let other names wait', async () => {
  const turns = new Turns();
  let end: () => void = () => undefined;
  const held = turns.take(
    'x',
    () =>
      new Promise<void>((resolve) => {
        end = resolve;
      }),
  );
  expect(await turns.take('y', async () => 'done')).toBe('done');
  end();
  await held;
});
