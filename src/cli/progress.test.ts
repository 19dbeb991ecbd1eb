import { describe, expect, it } from 'vitest';
import { fakeIo } from '../../test/cli/fakeIo.ts';
import { messages, Progress, progressLine } from './progress.ts';

describe('a progress line', () => {
  it.each([
    [0, '[                                        ]   0%  0 of 1,000'],
    [500, '[===================>                    ]  50%  500 of 1,000'],
    [999, '[======================================> ]  99%  999 of 1,000'],
    [1000, '[========================================] 100%  1,000 of 1,000'],
  ])('after %i of 1,000', (done, expected) => {
    expect(progressLine('Moving', done, 1000, 200)).toBe(`Moving ${expected}`);
  });

  it('fits every window, and leaves the last column free', () => {
    for (const columns of [10, 20, 35, 40, 60, 80]) {
      expect(progressLine('Moving from orders', 7, 9, columns).length).toBeLessThan(columns);
    }
  });

  it('is full where there is nothing to do', () => {
    expect(progressLine('Moving', 0, 0, 80)).toContain('100%  0 of 0');
  });
});

describe('progress', () => {
  it('is drawn on a terminal, and cleared', () => {
    const { io, state } = fakeIo({ columns: 60 });
    const progress = new Progress(io, 'Moving');
    progress.show(1, 2);
    progress.show(2, 2);
    progress.clear();
    expect(state.drawn).toEqual([progressLine('Moving', 1, 2, 60), progressLine('Moving', 2, 2, 60), '']);
    expect(state.errors).toBe('');
  });

  it('is a line now and then where nobody looks', () => {
    const { io, state } = fakeIo();
    const progress = new Progress(io, 'Moving');
    for (let done = 0; done <= 2000; done += 1) progress.show(done, 2000);
    progress.clear();
    expect(state.errors.trimEnd().split('\n')).toHaveLength(11);
    expect(state.errors).toContain('Moving: 1,000 of 2,000\n');
    expect(state.drawn).toEqual([]);
  });
});

it('counts messages', () => {
  expect([0, 1, 1200].map(messages)).toEqual(['0 messages', '1 message', '1,200 messages']);
});
