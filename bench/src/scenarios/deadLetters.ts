import { setTimeout as sleep } from 'node:timers/promises';
import { processorSeconds } from '../usage.ts';
import { queueTitle } from './fifo.ts';
import { call, countMessages, Queue } from './queue.ts';
import type { Bench, Comparison, Measurement, Scenario } from './scenario.ts';
import { throughput } from './throughput.ts';

const messageBytes = 1024;
const connections = 16;
const waitSeconds = 1;
const messagesPerSecondOfRun = 10_000;
const pollMilliseconds = 20;
const arrivalLimitMilliseconds = 120_000;

/** A queue with messages, and the other one into which all of them are to be moved. */
type Pair = { readonly from: Queue; readonly into: Queue; readonly messages: number };

type Groups = number | undefined;

function dying(name: string, groups: Groups): Scenario {
  const title = `${queueTitle(groups)}: dying`;
  return { name: `dead-letters/${name}`, title, kind: 'rate', run: (bench) => die(bench, groups) };
}

function moveTask(name: string, groups: Groups): Scenario {
  const title = `${queueTitle(groups)}: move task`;
  const run = (bench: Bench): Promise<Measurement> => redrive(bench, groups);
  return { name: `dead-letters/${name}`, title, kind: 'rate', needs: 'move tasks', run };
}

/** Every message is received once and not deleted; the receive that would be its second makes a dead letter of it. */
async function die(bench: Bench, groups: Groups): Promise<Measurement> {
  const into = await Queue.create(bench.running, { fifo: groups !== undefined });
  const policy = { deadLetterTargetArn: await into.arn(), maxReceiveCount: 1 };
  const pair = await filled(bench, groups, into, { RedrivePolicy: JSON.stringify(policy) });
  return measureMove(bench, pair, async () => {
    const { totals } = await bench.generators.run({
      kind: 'abandon',
      port: bench.running.port,
      queueUrl: pair.from.url,
      bodyBytes: messageBytes,
      connections,
      waitSeconds,
      warmUpMilliseconds: 0,
      measureMilliseconds: arrivalLimitMilliseconds,
    });
    if (totals.received !== pair.messages) throw new Error(`${totals.received} receives of ${pair.messages} messages`);
  });
}

/** A queue is filled as if by dead letters, and a task moves them all to the queue whose dead letters they would be. */
async function redrive(bench: Bench, groups: Groups): Promise<Measurement> {
  const into = await Queue.create(bench.running, { fifo: groups !== undefined });
  const pair = await filled(bench, groups, into, {});
  const deadLetterTargetArn = await pair.from.arn();
  const { port } = bench.running;
  const Attributes = { RedrivePolicy: JSON.stringify({ deadLetterTargetArn, maxReceiveCount: 1 }) };
  await call(port, 'SetQueueAttributes', { QueueUrl: into.url, Attributes });
  const input = { SourceArn: deadLetterTargetArn, DestinationArn: await into.arn() };
  return measureMove(bench, pair, async () => {
    await call(port, 'StartMessageMoveTask', input);
  });
}

async function filled(bench: Bench, groups: Groups, into: Queue, attributes: object): Promise<Pair> {
  const from = await Queue.create(bench.running, { fifo: groups !== undefined, attributes });
  const { warmUpSeconds, seconds } = bench.timing;
  const { totals } = await bench.generators.run({
    kind: 'sendBatch',
    port: bench.running.port,
    queueUrl: from.url,
    bodyBytes: messageBytes,
    connections,
    warmUpMilliseconds: 0,
    measureMilliseconds: 0,
    messageLimit: Math.ceil(messagesPerSecondOfRun * (warmUpSeconds + seconds)),
    ...(groups !== undefined && { groups }),
  });
  return { from, into, messages: totals.sent };
}

/** From the start of `work` until all messages are counted in the other queue. */
async function measureMove(bench: Bench, pair: Pair, work: () => Promise<void>): Promise<Measurement> {
  const { running } = bench;
  const processorBefore = processorSeconds(running.pid);
  const started = performance.now();
  const working = work();
  // Should it fail while the messages are waited for, the failure is found below.
  working.catch(() => {});
  const elapsed = (await arrival(bench, pair)) - started;
  const processorAfter = processorSeconds(running.pid);
  await working;
  const left = await countMessages(running.port, pair.from.url);
  if (left !== 0) throw new Error(`${left} messages were left behind`);
  await pair.from.delete();
  await pair.into.delete();
  const isKnown = processorBefore !== undefined && processorAfter !== undefined;
  return {
    kind: 'rate',
    messagesPerSecond: pair.messages / (elapsed / 1000),
    generatorShare: undefined,
    serverShare: isKnown ? (processorAfter - processorBefore) / (elapsed / 1000) : undefined,
    p50Milliseconds: undefined,
    p99Milliseconds: undefined,
    samples: 0,
  };
}

async function arrival(bench: Bench, { into, messages }: Pair): Promise<number> {
  const deadline = performance.now() + arrivalLimitMilliseconds;
  for (;;) {
    const arrived = await countMessages(bench.running.port, into.url);
    const now = performance.now();
    if (arrived === messages) return now;
    if (arrived > messages) throw new Error(`${messages} messages were to be moved, ${arrived} arrived`);
    if (now > deadline) throw new Error(`${arrived} of ${messages} messages arrived`);
    await sleep(pollMilliseconds);
  }
}

const fifoGroups = 1_000;
const baseline = throughput('dead-letters/drain', 'standard: receive and delete', {
  kind: 'drain',
  connections,
  preload: true,
  waitSeconds,
});

export const deadLetters: Comparison = {
  name: 'dead-letters',
  title: 'Dead letters and move tasks, 16 connections',
  kind: 'rate',
  against: 'of receive and delete',
  note:
    'Dying: every message is received once and not deleted, and the receive that would be the second moves it to the ' +
    'dead-letter queue. Move task: StartMessageMoveTask without a rate moves all messages to another queue. Both from ' +
    'the start until the last message is counted in the other queue.',
  lines: [
    baseline,
    dying('dying', undefined),
    dying('dying-fifo', fifoGroups),
    moveTask('move-task', undefined),
    moveTask('move-task-fifo', fifoGroups),
  ],
};
