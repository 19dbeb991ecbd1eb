import { checkPublished, countedMessages } from './answers.ts';
import type { Connection } from './connection.ts';
import type { Job } from './job.ts';
import { pace } from './pace.ts';
import { countRequest, messageBody, publishRequest } from './requests.ts';
import type { MeasuredWindow } from './window.ts';

export function publishTurn(job: Job, window: MeasuredWindow): (connection: Connection) => Promise<boolean> {
  const { port, bodyBytes, topic } = job;
  if (topic === undefined) throw new Error('a job of this kind takes a topic');
  const { topicArn, copiesByValue } = topic;
  const body = messageBody(bodyBytes);
  const isFiltered = copiesByValue.length > 1;
  const requests = copiesByValue.map((copies, value) => ({
    bytes: publishRequest(port, topicArn, body, isFiltered ? String(value) : undefined),
    copies,
  }));
  let begun = 0;
  return async (connection) => {
    const next = requests[begun++ % requests.length];
    if (next === undefined) throw new Error('there is no message to publish');
    checkPublished(await connection.request(next.bytes));
    window.count('sent', 1);
    window.count('copies', next.copies);
    return true;
  };
}

/**
 * The first connection publishes, one message after the other; the others ask for a queue's count meanwhile, at a fixed
 * rate. Such a request takes the server next to no time, so what it waits for is the publish.
 */
export async function publishBeside(job: Job, window: MeasuredWindow, connections: readonly Connection[]) {
  const [publisher, ...others] = connections;
  if (publisher === undefined || others.length === 0)
    throw new Error('publishing beside requests takes two connections');
  const publishing = publishOn(publisher, job, window);
  // Should it fail while requests are still paced, the failure is found below.
  publishing.catch(() => {});
  const count = countRequest(job.port, job.queueUrl);
  await pace(window, others, job.requestsPerSecond ?? 100, async (connection, dueAt) => {
    countedMessages(await connection.request(count));
    if (window.covers(dueAt)) window.samples.push(performance.now() - dueAt);
  });
  await publishing;
}

async function publishOn(connection: Connection, job: Job, window: MeasuredWindow): Promise<void> {
  const turn = publishTurn(job, window);
  while (!window.over) {
    const startedAt = performance.now();
    await turn(connection);
    window.noisySamples.push(performance.now() - startedAt);
  }
}
