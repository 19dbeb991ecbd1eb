import { setImmediate as nextTurn, setTimeout as sleep } from 'node:timers/promises';
import { checkSent } from './answers.ts';
import { bodyMd5 } from './cannedAnswers.ts';
import type { Connection } from './connection.ts';
import type { Job } from './job.ts';
import { messageBody, sendRequest } from './requests.ts';
import type { MeasuredWindow } from './window.ts';

/** Timers are late by up to a millisecond, so the last stretch to a due time is spent turning the event loop. */
const spinMilliseconds = 2;
const catchUpLimitMilliseconds = 10_000;

/**
 * Sends at a fixed rate, whatever the server does: a request is due at its time, and its latency counts from then, even
 * when it had to wait for a free connection. A server that stalls is charged for everyone who would have come
 * meanwhile, which a closed loop forgets.
 */
export async function pacedSend(job: Job, window: MeasuredWindow, connections: readonly Connection[]): Promise<void> {
  const bytes = sendRequest(job.port, job.queueUrl, messageBody(job.bodyBytes));
  const md5 = bodyMd5(job.bodyBytes);
  const interval = 1000 / (job.requestsPerSecond ?? 100);
  const idle = [...connections];
  const due: number[] = [];
  let failure: unknown;
  let nextDue = performance.now() + interval;

  const send = async (connection: Connection, dueAt: number): Promise<void> => {
    const counts = window.open;
    checkSent(await connection.request(bytes), 1, md5);
    if (counts) window.samples.push(performance.now() - dueAt);
    window.totals.sent++;
    idle.push(connection);
  };
  const sendWhatIsDue = (): void => {
    for (; !window.over && nextDue <= performance.now(); nextDue += interval) due.push(nextDue);
    while (due.length > 0 && idle.length > 0) {
      send(idle.pop() as Connection, due.shift() as number).catch((error: unknown) => {
        failure ??= error;
      });
    }
  };

  while (!window.over && failure === undefined) {
    sendWhatIsDue();
    const ahead = nextDue - performance.now();
    if (ahead > spinMilliseconds) await sleep(ahead - spinMilliseconds);
    else await nextTurn();
  }
  const deadline = performance.now() + catchUpLimitMilliseconds;
  while (failure === undefined && idle.length < connections.length) {
    sendWhatIsDue();
    if (performance.now() > deadline) throw new Error(`${due.length} requests behind the rate of ${1000 / interval}/s`);
    await nextTurn();
  }
  if (failure !== undefined) throw failure;
}
