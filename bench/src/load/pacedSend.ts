import { checkSent } from './answers.ts';
import { bodyMd5 } from './cannedAnswers.ts';
import type { Connection } from './connection.ts';
import type { Job } from './job.ts';
import { pace } from './pace.ts';
import { messageBody, sendRequest } from './requests.ts';
import type { MeasuredWindow } from './window.ts';

/** The latency of a send counts from the time at which it was due. */
export async function pacedSend(job: Job, window: MeasuredWindow, connections: readonly Connection[]): Promise<void> {
  const bytes = sendRequest(job.port, job.queueUrl, messageBody(job.bodyBytes));
  const md5 = bodyMd5(job.bodyBytes);
  await pace(window, connections, job.requestsPerSecond ?? 100, async (connection, dueAt) => {
    checkSent(await connection.request(bytes), 1, md5);
    if (window.covers(dueAt)) window.samples.push(performance.now() - dueAt);
    window.count('sent', 1);
  });
}
