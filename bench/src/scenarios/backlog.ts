import { setTimeout as sleep } from 'node:timers/promises';
import { receiptHandles } from '../load/answers.ts';
import { bodyMd5 } from '../load/cannedAnswers.ts';
import { Connection } from '../load/connection.ts';
import type { Generators } from '../load/generators.ts';
import type { Job, Totals } from '../load/job.ts';
import { receiveRequest } from '../load/requests.ts';
import { RunningServer } from '../servers/launch.ts';
import type { Server } from '../servers/server.ts';
import { type Spread, spread } from '../statistics.ts';
import { folderBytes, type Memory, memory } from '../usage.ts';
import { messagesPerSecond } from './measurement.ts';
import { countMessages, Queue } from './queue.ts';
import { type Bench, observe, type Timing } from './scenario.ts';

const messageBytes = 200;
const connectionCount = 64;
const drainConnections = 16;
const fillSteps = 10;
const memoryPollMilliseconds = 250;
const firstMessageLimitMilliseconds = 120_000;
const firstMessagePollMilliseconds = 2;

export type Rates = { readonly sent: Spread; readonly drained: Spread };

export type FillStep = {
  readonly messages: number;
  readonly messagesPerSecond: number;
  readonly memory: Memory | undefined;
};

export type Restart = {
  readonly stopMilliseconds: number;
  readonly firstMessageMilliseconds: number;
  readonly memory: Memory | undefined;
  readonly messagesFound: number;
};

export type BacklogResult = {
  readonly messages: number;
  readonly empty: Rates;
  readonly filled: Rates;
  readonly steps: readonly FillStep[];
  readonly memoryBefore: Memory | undefined;
  readonly memoryPeak: Memory | undefined;
  readonly memoryAfter: Memory | undefined;
  readonly diskBytes: number;
  /** Undefined for a server that keeps nothing. */
  readonly restart: Restart | undefined;
};

export type BacklogPlan = {
  readonly server: Server;
  readonly generators: Generators;
  readonly timing: Timing;
  readonly rounds: number;
  readonly messages: number;
  readonly dataParent: string;
  /** On a FIFO queue, with so many groups. */
  readonly groups?: number;
};

/** Of a FIFO queue, whose receives may have to wait for a group. */
const waitSeconds = 1;

/** Everything on one server process: first with an empty queue, then the same on the same queue with a backlog. */
export async function backlog(plan: BacklogPlan): Promise<BacklogResult> {
  const running = await RunningServer.start(plan.server, plan.dataParent);
  let last = running;
  try {
    const bench: Bench = { running, generators: plan.generators, timing: plan.timing };
    const queue = await Queue.create(running, { fifo: plan.groups !== undefined });
    const work: Work = {
      queueUrl: queue.url,
      bodyBytes: messageBytes,
      ...(plan.groups !== undefined && { groups: plan.groups, waitSeconds }),
    };
    const totals: Totals[] = [];
    const empty = await measureRates(bench, work, plan.rounds, totals, true);
    const memoryBefore = memory(running.pid);
    const { steps, peak } = await fill(bench, work, plan.messages, totals);
    const filled = await measureRates(bench, work, plan.rounds, totals, false);
    await queue.verify(...totals);
    const memoryAfter = memory(running.pid);
    const stopMilliseconds = await running.stop();
    const diskBytes = plan.server.durable ? folderBytes(running.dataFolder) : 0;
    let restart: Restart | undefined;
    if (plan.server.durable) {
      const left = totals.reduce((sum, part) => sum + part.sent - part.deleted, 0);
      last = await running.respawn();
      restart = { stopMilliseconds, ...(await firstMessage(last, queue.url, left)) };
    }
    const { messages } = plan;
    return { messages, empty, filled, steps, memoryBefore, memoryPeak: peak, memoryAfter, diskBytes, restart };
  } finally {
    await last.stopAndForget();
  }
}

/** What all jobs of a backlog have in common. */
type Work = Pick<Job, 'queueUrl' | 'bodyBytes' | 'groups' | 'waitSeconds'>;

/** Rates of sending and of draining in turn; `untilEmpty` leaves the queue as empty as it was. */
async function measureRates(
  bench: Bench,
  work: Work,
  rounds: number,
  totals: Totals[],
  untilEmpty: boolean,
): Promise<Rates> {
  const sent: number[] = [];
  const drained: number[] = [];
  const job = { ...work, measureMilliseconds: bench.timing.seconds * 1000 };
  for (let round = 0; round < rounds; round++) {
    const sending = (await observe(bench, { ...job, kind: 'sendBatch', connections: connectionCount })).result;
    const draining = (await observe(bench, { ...job, kind: 'drain', connections: drainConnections })).result;
    sent.push(messagesPerSecond(sending));
    drained.push(messagesPerSecond(draining));
    totals.push(sending.totals, draining.totals);
    if (untilEmpty) totals.push(await drainAll(bench, work));
  }
  return { sent: spread(sent), drained: spread(drained) };
}

/** Long enough for any rest of a few seconds of sending; the job ends by itself once the queue is empty. */
const drainLimitMilliseconds = 120_000;

async function drainAll(bench: Bench, work: Work): Promise<Totals> {
  const job = { ...work, kind: 'drain', connections: drainConnections } as const;
  const limits = { warmUpMilliseconds: 0, measureMilliseconds: drainLimitMilliseconds };
  return (await bench.generators.run({ ...job, port: bench.running.port, ...limits })).totals;
}

async function fill(bench: Bench, work: Work, messages: number, totals: Totals[]) {
  const { running, generators } = bench;
  const steps: FillStep[] = [];
  let peak = memory(running.pid);
  const look = (): Memory | undefined => {
    const now = memory(running.pid);
    if (now !== undefined && now.residentBytes > (peak?.residentBytes ?? 0)) peak = now;
    return now;
  };
  const watch = setInterval(look, memoryPollMilliseconds);
  try {
    for (let step = 1; step <= fillSteps; step++) {
      const result = await generators.run({
        ...work,
        kind: 'sendBatch',
        port: running.port,
        connections: connectionCount,
        warmUpMilliseconds: 0,
        measureMilliseconds: 0,
        messageLimit: Math.ceil(messages / fillSteps),
      });
      totals.push(result.totals);
      const sent = Math.round((messages * step) / fillSteps);
      steps.push({ messages: sent, messagesPerSecond: messagesPerSecond(result), memory: look() });
      console.error(`  ${running.server.title}: ${sent} messages waiting, ${Math.round(messagesPerSecond(result))}/s`);
    }
  } finally {
    clearInterval(watch);
  }
  return { steps, peak };
}

/** From the spawn of the process to the first message in a client's hands, asked for from the first moment on. */
async function firstMessage(running: RunningServer, queueUrl: string, left: number) {
  const started = performance.now();
  const receive = receiveRequest(running.port, queueUrl, 0);
  for (;;) {
    if (running.ended) throw new Error(`it ended while restarting: ${running.lastWords()}`);
    const received = await receiveOnce(running.port, receive);
    const firstMessageMilliseconds = performance.now() - started;
    if (received > 0) {
      const messagesFound = await countMessages(running.port, queueUrl);
      if (messagesFound !== left) throw new Error(`${left} messages before the restart, ${messagesFound} after`);
      return { firstMessageMilliseconds, memory: memory(running.pid), messagesFound };
    }
    if (firstMessageMilliseconds > firstMessageLimitMilliseconds) throw new Error('no message after the restart');
    await sleep(firstMessagePollMilliseconds);
  }
}

async function receiveOnce(port: number, receive: string): Promise<number> {
  let connection: Connection;
  try {
    connection = await Connection.open(port);
  } catch {
    return 0; // It does not listen yet.
  }
  try {
    const answer = await connection.request(receive);
    // While it starts it may answer that it is not ready; anything else comes back and is seen in the count.
    return answer.status === 200 ? receiptHandles(answer, bodyMd5(messageBytes)).length : 0;
  } catch {
    return 0; // It hung up; should it do so for good, the time limit tells.
  } finally {
    connection.close();
  }
}
