import { expect, it } from 'vitest';
import type { Policy } from './policy.ts';
import { PolicyMemory } from './policyMemory.ts';

const policy: Policy = { kind: 'identity', version: '2012-10-17', statements: [], contextKeys: [] };

it('keeps what is used, and never more than its bounds', () => {
  const memory = new PolicyMemory(100, 10_000);
  memory.add('used', policy);
  for (let count = 0; count < 1000; count++) {
    memory.add(`policy ${count}`, policy);
    expect(memory.find('used', 'identity')).toBe(policy);
    expect(memory.size).toBeLessThanOrEqual(100);
  }
  expect(memory.find('policy 0', 'identity')).toBeUndefined();
  expect(memory.find('policy 999', 'identity')).toBe(policy);
});

it('counts characters too', () => {
  const memory = new PolicyMemory(100, 1000);
  for (let count = 0; count < 50; count++) memory.add(String(count).padEnd(100), policy);
  expect(memory.size).toBeLessThanOrEqual(10);
  memory.add('x'.repeat(501), policy);
  expect(memory.find('x'.repeat(501), 'identity')).toBeUndefined();
});

it('finds nothing under another kind', () => {
  const memory = new PolicyMemory(100, 1000);
  memory.add('text', policy);
  expect(memory.find('text', 'session')).toBeUndefined();
});
