import { expect, test } from 'vitest';
import { Histogram, metricText } from './exposition.ts';

test('a metric is its help, its type and its samples', () => {
  const samples = [[['a', 'visible'], 3] as const, [['b', 'delayed'], 0.5] as const];
  expect(
    metricText({ type: 'gauge', name: 'messages', help: 'Messages.', labels: ['queue', 'state'], samples }),
  ).toBe(`# HELP messages Messages.
# TYPE messages gauge
messages{queue="a",state="visible"} 3
messages{queue="b",state="delayed"} 0.5`);
  expect(metricText({ type: 'counter', name: 'failures', help: 'Failures.', labels: [], samples: [[[], 2]] })).toBe(
    '# HELP failures Failures.\n# TYPE failures counter\nfailures 2',
  );
});

test('what would end a line or a value early is escaped', () => {
  const text = metricText({
    type: 'counter',
    name: 'n',
    help: 'a\\b\n"c"',
    labels: ['l'],
    samples: [[['x"y\\z\n'], 1]],
  });
  expect(text.split('\n')).toEqual(['# HELP n a\\\\b\\n"c"', '# TYPE n counter', 'n{l="x\\"y\\\\z\\n"} 1']);
});

test('each bucket of a histogram counts everything up to its bound', () => {
  const histogram = new Histogram('size', 'Sizes.', [1, 10]);
  for (const value of [0.5, 1, 1.5, 10, 11]) histogram.observe(value);
  expect(histogram.text()).toBe(`# HELP size Sizes.
# TYPE size histogram
size_bucket{le="1"} 2
size_bucket{le="10"} 4
size_bucket{le="+Inf"} 5
size_sum 24
size_count 5`);
});
