import { expect, it } from 'vitest';
import { FilterableMessage } from './filterableMessage.ts';
import { FilterIndex } from './filterIndex.ts';
import { compileFilterPolicy, type FilterPolicy, type FilterPolicyScope } from './filterPolicy.ts';

/** An index of policies that count how often they are asked. */
function countingIndex(policies: readonly unknown[], scope: FilterPolicyScope) {
  const index = new FilterIndex<number>();
  const asked = { count: 0 };
  policies.forEach((policy, key) => {
    const compiled = compileFilterPolicy(JSON.stringify(policy), scope);
    const counting: FilterPolicy = {
      ...compiled,
      matches: (message) => {
        asked.count++;
        return compiled.matches(message);
      },
    };
    index.set(key, counting);
  });
  return { index, asked };
}

const customers = Array.from({ length: 100 }, (_, key) => `customer-${key}`);
const attribute = (StringValue: string) => ({ DataType: 'String', StringValue });

it('asks only policies that want a value which the message has, if others differ in it', () => {
  const policies = customers.flatMap((customer) => {
    const wanted = [customer, `${customer}-test`];
    return [
      { type: ['order'], customer: wanted },
      { customer: wanted, type: ['order'] },
    ];
  });
  const { index, asked } = countingIndex(policies, 'MessageAttributes');
  const attributes = { type: attribute('order'), customer: attribute('customer-42') };
  expect(index.matching(new FilterableMessage({ attributes, body: '' })).toSorted()).toEqual([84, 85]);
  expect(asked.count).toBeLessThan(8);
});

it('asks policies for bodies by what is anywhere in an array', () => {
  const { index, asked } = countingIndex(
    customers.map((name) => ({ orders: { customer: { name: [name] }, price: [{ numeric: ['>', 5] }] } })),
    'MessageBody',
  );
  const order = (name: string, price: number) => ({ customer: { name }, price });
  const body = JSON.stringify({ orders: [order('customer-7', 6), order('customer-8', 5), order('customer-7', 7)] });
  expect(index.matching(new FilterableMessage({ attributes: {}, body }))).toEqual([7]);
  expect(asked.count).toBe(2);
});

it('asks all others, and forgets what is deleted or replaced', () => {
  const { index } = countingIndex([{ a: [{ prefix: 'x' }] }, { a: ['x'] }, {}], 'MessageAttributes');
  const message = new FilterableMessage({ attributes: { a: attribute('x') }, body: '' });
  const matching = () => index.matching(message).toSorted();
  expect(matching()).toEqual([0, 1, 2]);
  expect(index.delete(0)).toBe(true);
  expect(index.delete(0)).toBe(false);
  index.set(2, compileFilterPolicy('{"a":["y"]}', 'MessageAttributes'));
  expect(matching()).toEqual([1]);
  index.set(2, compileFilterPolicy('{"a":["y","x"]}', 'MessageAttributes'));
  expect(index.delete(1)).toBe(true);
  expect(matching()).toEqual([2]);
  expect(index.size).toBe(1);
});

it('parses a body once, whatever number of policies ask', () => {
  const { index } = countingIndex(
    customers.map((name) => ({ a: { b: [{ prefix: name }] } })),
    'MessageBody',
  );
  const message = new FilterableMessage({ attributes: {}, body: '{"a":{"b":"customer-3x"}}' });
  expect(index.matching(message)).toEqual([3]);
  expect(message.body).toBe(message.body);
});
