import { expect, test } from 'vitest';
import { type Arguments, readArguments } from './arguments.ts';

function read(...words: readonly string[]): Arguments {
  const found = readArguments(words);
  if (found === 'help') throw new Error('help was not asked for');
  return found;
}

test('only a whole run replaces the figures that are kept, unless it is told where to write', () => {
  expect(read().out).toBe('latest');
  for (const part of [['--quick'], ['--scenario', 'matrix'], ['--servers', 'floor'], ['--rows', 'send']]) {
    expect(read(...part).out).toBeUndefined();
    expect(read(...part, '--out', 'table').out).toBe('table');
  }
});

test('a quick run is short, but what is said about times holds', () => {
  expect(read('--quick').timing).toEqual({ seconds: 0.6, warmUpSeconds: 0.4 });
  expect(read('--quick', '--seconds', '1.2', '--warm-up', '0.5').timing).toEqual({ seconds: 1.2, warmUpSeconds: 0.5 });
});

test.each(['--seconds', '--warm-up', '--rounds', '--posthorn-threads'])('%s takes a number above zero', (option) => {
  expect(() => read(option, '0')).toThrow(option);
  expect(() => read(option, 'many')).toThrow(option);
});
