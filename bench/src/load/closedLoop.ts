import { checkDeleted, checkSent, receiptHandles } from './answers.ts';
import { bodyMd5 } from './cannedAnswers.ts';
import type { Connection } from './connection.ts';
import type { Job } from './job.ts';
import {
  batchSize,
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
  const turn = turnOf(job, window);
  const worker = async (connection: Connection): Promise<void> => {
    while (!window.over && (await turn(connection))) {
      // The turn is the work.
    }
  };
  await Promise.all(connections.map(worker));
}

function turnOf(job: Job, window: MeasuredWindow): Turn {
  if (job.kind === 'drain') return drainTurn(job, window);
  if (job.kind === 'cycle') return cycleTurn(job, window);
  return sendTurn(job, window, job.kind === 'sendBatch' ? batchSize : 1);
}

function sendTurn(job: Job, window: MeasuredWindow, messages: number): Turn {
  const body = messageBody(job.bodyBytes);
  const bytes = (messages === 1 ? sendRequest : sendBatchRequest)(job.port, job.queueUrl, body);
  const md5 = bodyMd5(job.bodyBytes);
  const limit = job.messageLimit ?? Number.POSITIVE_INFINITY;
  let begun = 0;
  return async (connection) => {
    if (begun >= limit) return false;
    begun += messages;
    checkSent(await connection.request(bytes), messages, md5);
    window.totals.sent += messages;
    return true;
  };
}

/** Receives and deletes until an answer comes back empty. */
function drainTurn(job: Job, window: MeasuredWindow): Turn {
  const receive = receiveRequest(job.port, job.queueUrl, 0);
  const deleteBatch = deleteBatchRequests(job.port, job.queueUrl);
  const md5 = bodyMd5(job.bodyBytes);
  return async (connection) => {
    const handles = receiptHandles(await connection.request(receive), md5);
    if (handles.length === 0) return false;
    window.totals.received += handles.length;
    checkDeleted(await connection.request(deleteBatch(handles)), handles.length);
    window.totals.deleted += handles.length;
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
