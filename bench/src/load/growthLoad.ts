/**
 * Load on any number of queues at once, from the process that coordinates the run: growth asks how a server's figures change,
 * and its generator is the same in every row.
 */
import { checkDeleted, checkSent, receiptHandles } from './answers.ts';
import { bodyMd5 } from './cannedAnswers.ts';
import { Connection } from './connection.ts';
import type { Job } from './job.ts';
import { pace } from './pace.ts';
import {
  batchSize,
  deleteBatchRequests,
  messageBody,
  receiveRequest,
  sendBatchRequest,
  sendRequest,
} from './requests.ts';
import { MeasuredWindow } from './window.ts';

export const messageBytes = 200;
const md5 = bodyMd5(messageBytes);
const body = messageBody(messageBytes);
const openedAtOnce = 200;

export type Target = { readonly port: number; readonly urls: readonly string[] };

/** Ends a closed loop: after so many messages, or so many milliseconds, or when nothing comes any more. */
export type Until = { readonly messages?: number; readonly milliseconds?: number };

export type Worked = { readonly messages: number; readonly milliseconds: number };

export async function openConnections(port: number, count: number): Promise<Connection[]> {
  const connections: Connection[] = [];
  while (connections.length < count) {
    const more = Array.from({ length: Math.min(openedAtOnce, count - connections.length) }, () =>
      Connection.open(port),
    );
    connections.push(...(await Promise.all(more)));
  }
  return connections;
}

/** Runs `turn` on each connection until it says that there is no more to do; `turn` is given numbers that never repeat. */
async function closedLoop(
  target: Target,
  connections: number,
  until: Until,
  turn: (connection: Connection, number: number) => Promise<number>,
): Promise<Worked> {
  const { messages: limit = Number.POSITIVE_INFINITY, milliseconds = Number.POSITIVE_INFINITY } = until;
  const open = await openConnections(target.port, connections);
  const startedAt = performance.now();
  let begun = 0;
  let messages = 0;
  const work = async (connection: Connection): Promise<void> => {
    while (begun * batchSize < limit && performance.now() - startedAt < milliseconds) {
      const done = await turn(connection, begun++);
      if (done === 0) return;
      messages += done;
    }
  };
  try {
    await Promise.all(open.map(work));
    return { messages, milliseconds: performance.now() - startedAt };
  } finally {
    for (const connection of open) connection.close();
  }
}

/** SendMessageBatch to one queue after the other. */
export function sendBatches(target: Target, connections: number, until: Until): Promise<Worked> {
  const requests = target.urls.length > manyQueues ? undefined : target.urls.map((url) => batchTo(target, url));
  return closedLoop(target, connections, until, async (connection, number) => {
    const index = number % target.urls.length;
    const bytes = requests?.[index] ?? batchTo(target, target.urls[index] ?? '');
    checkSent(await connection.request(bytes), batchSize, md5);
    return batchSize;
  });
}

/** Of more queues, requests are put together one by one: kept, they would take the memory of the machine. */
const manyQueues = 1_000;

function batchTo({ port }: Target, url: string): string {
  return sendBatchRequest(port, url, body);
}

/**
 * Receives from one queue after the other and, with `deletes`, deletes what came. A connection ends when as many queues as
 * there are have given it nothing.
 */
export function receive(target: Target, connections: number, until: Until, deletes: boolean): Promise<Worked> {
  const { port, urls } = target;
  const deleteBatch = deleteBatchRequests(port, urls[0] ?? '');
  return closedLoop(target, connections, until, async (connection, number) => {
    for (let tried = 0; tried < urls.length; tried += 1) {
      const url = urls[(number + tried) % urls.length] ?? '';
      const handles = receiptHandles(await connection.request(receiveRequest(port, url, 0)), md5);
      if (handles.length === 0) continue;
      if (deletes) {
        const bytes = urls.length === 1 ? deleteBatch(handles) : deleteBatchRequests(port, url)(handles);
        checkDeleted(await connection.request(bytes), handles.length);
      }
      return handles.length;
    }
    return 0;
  });
}

/** Latencies of SendMessage to one queue after the other, at a fixed rate; sorted. */
export async function pacedSends(target: Target, perSecond: number, milliseconds: number): Promise<Float64Array> {
  let next = 0;
  return paced(target.port, perSecond, milliseconds, async (connection) => {
    const url = target.urls[next++ % target.urls.length] ?? '';
    checkSent(await connection.request(sendRequest(target.port, url, body)), 1, md5);
  });
}

const pacedConnections = 16;

/** Latencies of anything at a fixed rate, each from the time at which it was due; sorted. */
export async function paced(
  port: number,
  perSecond: number,
  milliseconds: number,
  ask: (connection: Connection) => Promise<unknown>,
  meanwhile?: () => Promise<unknown>,
): Promise<Float64Array> {
  const connections = await openConnections(port, pacedConnections);
  const limits = { warmUpMilliseconds: 0, measureMilliseconds: milliseconds };
  const job: Job = {
    ...limits,
    kind: 'pacedSend',
    port,
    queueUrl: '',
    bodyBytes: messageBytes,
    connections: pacedConnections,
  };
  const window = new MeasuredWindow(job, () => undefined);
  try {
    const measuring = window.around(() =>
      pace(window, connections, perSecond, async (connection, dueAt) => {
        await ask(connection);
        window.samples.push(performance.now() - dueAt);
        window.count('sent', 1);
      }),
    );
    const [{ samples }] = await Promise.all([measuring, meanwhile?.()]);
    return samples.sort();
  } finally {
    for (const connection of connections) connection.close();
  }
}
