/** What growth measures of a server in each of its states. */
import { setTimeout as sleep } from 'node:timers/promises';
import { checkStatus } from '../load/answers.ts';
import { Connection } from '../load/connection.ts';
import { pacedSends, receive, sendBatches, type Target, type Worked } from '../load/growthLoad.ts';
import { request } from '../load/requests.ts';
import type { RunningServer } from '../servers/launch.ts';
import { median, quantile } from '../statistics.ts';
import { memory, processorSeconds } from '../usage.ts';

const connections = 16;
const pacedPerSecond = 200;
const startPollMilliseconds = 2;
const startLimitMilliseconds = 120_000;

export type Rate = {
  readonly messagesPerSecond: number;
  /** Processor time of all threads of the server; steadier than a rate where others share the machine. */
  readonly serverMicroseconds: number;
};

export type Figures = {
  readonly sent: Rate;
  readonly drained: Rate;
  readonly sendP50Milliseconds: number;
  readonly sendP99Milliseconds: number;
  readonly residentBytes: number;
  readonly anonymousBytes: number;
};

/** Sends and drains in turn, as much the one as the other, so that the server's state is afterwards what it was. */
export async function figures(
  running: RunningServer,
  urls: readonly string[],
  plan: { rounds: number; seconds: number },
) {
  const target: Target = { port: running.port, urls };
  const milliseconds = plan.seconds * 1000;
  const sent: Rate[] = [];
  const drained: Rate[] = [];
  for (let round = 0; round < plan.rounds; round += 1) {
    let messages = 0;
    sent.push(
      await timed(running, async () => {
        const worked = await sendBatches(target, connections, { milliseconds });
        messages = worked.messages;
        return worked;
      }),
    );
    drained.push(await timed(running, () => receive(target, connections, { messages }, true)));
  }
  const samples = await pacedSends(target, pacedPerSecond, milliseconds * plan.rounds);
  await receive(target, 1, { messages: samples.length }, true);
  const used = memory(running.pid);
  const found: Figures = {
    sent: medianOf(sent),
    drained: medianOf(drained),
    sendP50Milliseconds: quantile(samples, 0.5),
    sendP99Milliseconds: quantile(samples, 0.99),
    residentBytes: used?.residentBytes ?? Number.NaN,
    anonymousBytes: used?.anonymousBytes ?? Number.NaN,
  };
  return found;
}

async function timed(running: RunningServer, work: () => Promise<Worked>): Promise<Rate> {
  const before = processorSeconds(running.pid) ?? Number.NaN;
  const { messages, milliseconds } = await work();
  const spent = (processorSeconds(running.pid) ?? Number.NaN) - before;
  if (messages === 0) throw new Error('not a single message');
  return { messagesPerSecond: (messages * 1000) / milliseconds, serverMicroseconds: (spent * 1e6) / messages };
}

function medianOf(rates: readonly Rate[]): Rate {
  return {
    messagesPerSecond: median(rates.map((each) => each.messagesPerSecond)),
    serverMicroseconds: median(rates.map((each) => each.serverMicroseconds)),
  };
}

export type Restarted = { readonly running: RunningServer; readonly startMilliseconds: number };

/** From the spawn of a new process over the same data to its first answer about a queue. */
export async function restart(running: RunningServer, queueUrl: string): Promise<Restarted> {
  await running.stop();
  const startedAt = performance.now();
  const next = await running.respawn();
  for (;;) {
    const startMilliseconds = performance.now() - startedAt;
    if (await answers(next.port, queueUrl)) return { running: next, startMilliseconds };
    if (next.ended) throw new Error(`it ended while restarting: ${next.lastWords()}`);
    if (startMilliseconds > startLimitMilliseconds) throw new Error('no answer after the restart');
    await sleep(startPollMilliseconds);
  }
}

async function answers(port: number, queueUrl: string): Promise<boolean> {
  const connection = await Connection.open(port).catch(() => undefined);
  if (connection === undefined) return false;
  try {
    const input = { QueueUrl: queueUrl, AttributeNames: ['ApproximateNumberOfMessages'] };
    checkStatus(await connection.request(request(port, 'GetQueueAttributes', input)));
    return true;
  } catch {
    return false;
  } finally {
    connection.close();
  }
}
