import { execFileSync } from 'node:child_process';
import { expect, test } from 'vitest';
import { markingFlag } from './collector.ts';

test('V8 knows the flag', () => {
  const options = execFileSync(process.execPath, ['--v8-options'], { encoding: 'utf8', maxBuffer: 16 * 1024 * 1024 });
  const [name = ''] = markingFlag.split('=');
  expect(options).toContain(`  ${name} (`);
});
