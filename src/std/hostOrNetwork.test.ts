import { expect, it } from 'vitest';
import { isHostOrNetwork } from './hostOrNetwork.ts';

it.each([
  ['hooks.example.com', true],
  ['localhost', true],
  ['10.0.0.1', true],
  ['fd00::1', true],
  ['10.0.0.0/8', true],
  ['fd00::/8', true],
  ['10.0.0.0/33', false],
  ['fd00::/129', false],
  ['10.0.0.0/', false],
  ['name/8', false],
  ['10.0.0.0/8/8', false],
  ['http://x', false],
  ['a,b', false],
  ['', false],
])('%j is a host or a network: %s', (text, expected) => {
  expect(isHostOrNetwork(text)).toBe(expected);
});
