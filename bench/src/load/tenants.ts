import { createHash } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { checkDeleted, checkSent, checkStatus } from './answers.ts';
import type { Answer, Connection } from './connection.ts';
import type { Job, Tenants } from './job.ts';
import { pace } from './pace.ts';
import { deleteBatchRequests, messageBody, receiveRequest, request } from './requests.ts';
import type { MeasuredWindow } from './window.ts';

const noisyTenant = 'noisy';
/** What consumers long poll for: short, as the last of it is waited for at the end of a run. */
const waitSeconds = 1;

/**
 * Tenants that share a queue, one of them with far more messages than the others, and consumers that cannot keep up with
 * it. A message says in its body who sent it and when, so its dwell, the time until a consumer has it, is known from
 * itself: sender and receiver are one process, with one clock.
 */
export async function tenants(job: Job, window: MeasuredWindow, connections: readonly Connection[]): Promise<void> {
  const { tenants: load } = job;
  if (load === undefined) throw new Error('a job of this kind takes tenants');
  const consumers = connections.slice(0, load.consumers).map((connection) => consume(job, load, window, connection));
  // Should one fail while the senders are still at work, the failure is found below.
  for (const consumer of consumers) consumer.catch(() => {});
  await send(job, load, window, connections.slice(load.consumers));
  await Promise.all(consumers);
}

async function send(job: Job, load: Tenants, window: MeasuredWindow, connections: readonly Connection[]) {
  const turns = sendersInTurn(load);
  let sent = 0;
  await pace(window, connections, turns.length * load.messagesPerSecond, async (connection) => {
    const tenant = turns[sent++ % turns.length] ?? noisyTenant;
    const body = bodyOf(tenant, performance.now(), job.bodyBytes);
    const group = load.grouped ? { MessageGroupId: tenant } : {};
    const input = { QueueUrl: job.queueUrl, MessageBody: body, ...group };
    checkSent(await connection.request(request(job.port, 'SendMessage', input)), 1, md5Of(body));
    window.count('sent', 1);
  });
}

/** Who sends each message of one turn, in which every quiet tenant sends one, the noisy one's evenly in between. */
export function sendersInTurn({ quiet, noisyTimes }: Pick<Tenants, 'quiet' | 'noisyTimes'>): string[] {
  const all = quiet + noisyTimes;
  const senders: string[] = [];
  let quietSent = 0;
  for (let index = 0; index < all; index++) {
    const isQuiet = Math.floor(((index + 1) * quiet) / all) > quietSent;
    senders.push(isQuiet ? `quiet-${quietSent++}` : noisyTenant);
  }
  return senders;
}

async function consume(job: Job, load: Tenants, window: MeasuredWindow, connection: Connection): Promise<void> {
  const receive = receiveRequest(job.port, job.queueUrl, waitSeconds);
  const deleteBatch = deleteBatchRequests(job.port, job.queueUrl);
  while (!window.over) {
    const messages = messagesOf(await connection.request(receive));
    const now = performance.now();
    window.count('received', messages.length);
    for (const { Body } of messages) {
      const [tenant, sentAt] = Body.split(' ');
      const samples = tenant === noisyTenant ? window.noisySamples : window.samples;
      if (window.open) samples.push(now - Number(sentAt));
    }
    if (messages.length === 0) continue;
    await sleep(messages.length * load.workMilliseconds);
    checkDeleted(await connection.request(deleteBatch(messages.map((one) => one.ReceiptHandle))), messages.length);
    window.count('deleted', messages.length);
  }
}

type Received = { readonly Body: string; readonly MD5OfBody: string; readonly ReceiptHandle: string };

function messagesOf(answer: Answer): readonly Received[] {
  checkStatus(answer);
  const { Messages = [] } = JSON.parse(answer.body) as { Messages?: Received[] };
  const changed = Messages.find(({ Body, MD5OfBody }) => md5Of(Body) !== MD5OfBody);
  if (changed !== undefined) throw new Error(`a received body differs: ${changed.Body.slice(0, 200)}`);
  return Messages;
}

function bodyOf(tenant: string, sentAt: number, bytes: number): string {
  const label = `${tenant} ${sentAt.toFixed(3)} `;
  return label + messageBody(bytes - label.length);
}

function md5Of(body: string): string {
  return createHash('md5').update(body).digest('hex');
}
