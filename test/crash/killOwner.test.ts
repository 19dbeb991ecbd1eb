/**
 * The rounds of other crash tests where queues are spread over several processes, any of which is killed: dead letters, tasks
 * and copies of published messages then cross from store to store, and none may be lost or doubled on the way.
 *
 * The same for each test alone: POSTHORN_CRASH_OWNERS=4 npx vitest run test/crash/killMoves.test.ts
 */
import { expect, test } from 'vitest';
import { Lives } from './lives.ts';

// Queues are made in turn, so a queue and its dead-letter queue lie in two processes.
process.env.POSTHORN_CRASH_OWNERS = '4';
process.env.POSTHORN_CRASH_ROUNDS ??= '10';

await import('./killMoves.test.ts');
await import('./killTopics.test.ts');

test('owners were killed, too', () => {
  // Else the rounds have proved no more than those without them.
  expect(Lives.lostOwners).toBeGreaterThan(0);
});
