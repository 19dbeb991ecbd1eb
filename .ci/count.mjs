/** Ends a run of the tests with what failed, and one line for machines: `N passed, M failed`. */
import { readFileSync } from 'node:fs';
import { relative } from 'node:path';

const [file, status] = process.argv.slice(2);
const text = readFileSync(file, 'utf8');
const { numPassedTests: passed = 0, numFailedTests = 0, testResults = [] } = text === '' ? {} : JSON.parse(text);
// A file that could not even be loaded has no failed test, but it failed.
const brokenFiles = testResults.filter(
  (result) => result.status === 'failed' && !result.assertionResults.some((test) => test.status === 'failed'),
);
for (const { name: path, message, assertionResults } of testResults) {
  const name = relative('.', path);
  for (const test of assertionResults.filter((each) => each.status === 'failed')) {
    console.log(`\nFailed: ${name}: ${test.fullName} (${Math.round(test.duration ?? 0)} ms)`);
    console.log(test.failureMessages.join('\n'));
  }
  if (brokenFiles.some((file) => file.name === path)) console.log(`\nFailed: ${name}\n${message}`);
}
let failed = numFailedTests + brokenFiles.length;
if (failed === 0 && status !== '0') {
  console.log('Every test that ran passed, but a step did not: see above. It counts as one failure.');
  failed = 1;
}
if (passed === 0) console.log('No test passed, so this run proves nothing.');
console.log(`${passed} passed, ${failed} failed`);
process.exitCode = failed > 0 || passed === 0 ? 1 : 0;
