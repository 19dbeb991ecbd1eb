import { checkDeleted, checkSent, countedMessages, receiptHandles } from './answers.ts';
import { bodyMd5 } from './cannedAnswers.ts';
import type { Connection } from './connection.ts';
import { fifoSendBatchRequests, fifoSendRequests } from './fifoRequests.ts';
import type { Job } from './job.ts';
import { publishTurn } from './publish.ts';
import {
  batchSize,
  countRequest,
  deleteBatchRequests,
  messageBody,
  receiveRequest,
  sendBatchRequest,
  sendRequest,
} from './requests.ts';
import type { MeasuredWindow } from './window.ts';

/** Does one round of work on a connection; false when there is no more to do. */
type Turn = (connection: Connection) => Promise<boolean>;

/** Every connection sends its next request as soon as the last one is answered: the rate is what the server makes it. */
export async function closedLoop(job: Job, window: MeasuredWindow, connections: readonly Connection[]): Promise<void> {
  const { queueUrls = [job.queueUrl] } = job;
  const turns = queueUrls.map((queueUrl) => turnOf({ ...job, queueUrl }, window));
  const worker = async (connection: Connection, index: number): Promise<void> => {
    const turn = turns[index % turns.length] as Turn;
    while (!window.over && (await turn(connection))) {
      // The turn is the work.
    }
  };
  await Promise.all(connections.map(worker));
}

function turnOf(job: Job, window: MeasuredWindow): Turn {
  if (job.kind === 'drain') return drainTurn(job, window);
  if (job.kind === 'cycle') return cycleTurn(job, window);
  if (job.kind === 'abandon') return abandonTurn(job, window);
  if (job.kind === 'publish') return publishTurn(job, window);
  return sendTurn(job, window, job.kind === 'sendBatch' ? batchSize : 1);
}

function sendTurn(job: Job, window: MeasuredWindow, messages: number): Turn {
  const nextRequest = sendRequests(job, messages);
  const md5 = bodyMd5(job.bodyBytes);
  const limit = job.messageLimit ?? Number.POSITIVE_INFINITY;
  let begun = 0;
  return async (connection) => {
    if (begun >= limit) return false;
    begun += messages;
    checkSent(await connection.request(nextRequest()), messages, md5);
    window.count('sent', messages);
    return true;
  };
}

function sendRequests({ port, queueUrl, bodyBytes, groups, part }: Job, messages: number): () => string {
  const body = messageBody(bodyBytes);
  if (groups !== undefined) {
    const requests = messages === 1 ? fifoSendRequests : fifoSendBatchRequests;
    return requests(port, queueUrl, body, { groups, part: part ?? { index: 0, of: 1 } });
  }
  const bytes = (messages === 1 ? sendRequest : sendBatchRequest)(port, queueUrl, body);
  return () => bytes;
}

/**
 * Receives and deletes until the queue is empty: an answer without messages is the end. But where receives long poll, they
 * may come back with nothing because others had the messages or the groups; there the end is that all of them got nothing
 * for as long as they wait.
 */
function drainTurn(job: Job, window: MeasuredWindow): Turn {
  const { port, queueUrl, waitSeconds = 0 } = job;
  const receive = receiveRequest(port, queueUrl, waitSeconds);
  const deleteBatch = deleteBatchRequests(port, queueUrl);
  const md5 = bodyMd5(job.bodyBytes);
  return async (connection) => {
    const handles = receiptHandles(await connection.request(receive), md5);
    if (handles.length === 0) return waitSeconds > 0 && performance.now() - window.countedAt < waitSeconds * 1000;
    window.count('received', handles.length);
    checkDeleted(await connection.request(deleteBatch(handles)), handles.length);
    window.count('deleted', handles.length);
    return true;
  };
}

/**
 * Receives and fails at once: the messages are visible again, to be received by the next turn or to become dead letters.
 * Receives may bring nothing while dead letters are on their way, so the end is that the queue counts nothing.
 */
function abandonTurn(job: Job, window: MeasuredWindow): Turn {
  const { port, queueUrl, waitSeconds = 0 } = job;
  const receive = receiveRequest(port, queueUrl, waitSeconds, { VisibilityTimeout: 0 });
  const count = countRequest(port, queueUrl);
  const md5 = bodyMd5(job.bodyBytes);
  return async (connection) => {
    const handles = receiptHandles(await connection.request(receive), md5);
    if (handles.length === 0) return countedMessages(await connection.request(count)) > 0;
    window.count('received', handles.length);
    return true;
  };
}

/** An empty receive is not the end here: other connections may have taken what this one sent. */
function cycleTurn(job: Job, window: MeasuredWindow): Turn {
  const send = sendTurn(job, window, batchSize);
  const drain = drainTurn(job, window);
  return async (connection) => {
    await send(connection);
    await drain(connection);
    return true;
  };
}
