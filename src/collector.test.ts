import { execFileSync } from 'node:child_process';
import { expect, test } from 'vitest';
import { markingFlag, threadsFlag } from './collector.ts';

test.each([markingFlag, threadsFlag])('V8 knows %s', (flag) => {
  const options = execFileSync(process.execPath, ['--v8-options'], { encoding: 'utf8', maxBuffer: 16 * 1024 * 1024 });
  const [name = ''] = flag.split('=');
  expect(options).toContain(`  ${name} (`);
});

test('threads do not take over a larger young generation', () => {
  const thread = `
    const kept = new Array(200_000);
    for (let i = 0; i < 6_000_000; i += 1) kept[i % kept.length] = { i, pair: [i, i] };
    const young = require('v8').getHeapSpaceStatistics().find((space) => space.space_name === 'new_space');
    console.log(young.space_size / 1024 ** 2);
  `;
  const program = `
    require('v8').setFlagsFromString('${threadsFlag}');
    new (require('worker_threads').Worker)(${JSON.stringify(thread)}, { eval: true });
  `;
  const young = execFileSync(process.execPath, ['--max-semi-space-size=64', '-e', program], { encoding: 'utf8' });
  // Two halves; in Node 22 and later a third.
  expect(Number(young)).toBeLessThanOrEqual(48);
  expect(Number(young)).toBeGreaterThan(0);
});
