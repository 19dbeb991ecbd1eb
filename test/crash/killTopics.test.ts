/**
 * `kill -9`, again and again, of the real server while messages are published to topics with dozens of queues and with
 * endpoints that fail at times. `fanOutLedger.ts` says what must hold.
 *
 * POSTHORN_CRASH_ROUNDS asks for another number of rounds, POSTHORN_CRASH_SEED for the bodies, choices and moments of an
 * earlier run. The seed does not decide how processes and a disk interleave, so a failure may need several runs.
 */
import { afterAll, expect, test } from 'vitest';
import { Prng } from '../../src/std/prng.ts';
import { drainQueue, leftOver, pendingDeliveries, promisedCopies } from './fanOutDrain.ts';
import { FanOutLedger } from './fanOutLedger.ts';
import { createAll, endpoints, type Publication, queueNames, readCopy, subscribers } from './fanOutTopology.ts';
import { FanOutWorkload, publishAll } from './fanOutWorkload.ts';
import { lettersTaken } from './gauges.ts';
import { HttpEndpoint } from './httpEndpoint.ts';
import { Lives } from './lives.ts';
import { type Evidence, expectEnough, runRounds } from './rounds.ts';
import type { ServerProcess } from './serverProcess.ts';
import { SnsClient } from './snsClient.ts';
import type { SqsClient } from './sqsClient.ts';

const rounds = Number(process.env.POSTHORN_CRASH_ROUNDS ?? 20);
const seed = Number(process.env.POSTHORN_CRASH_SEED ?? Date.now() % 1_000_000);
const random = new Prng(seed);
const lives = new Lives(random);
const ledger = new FanOutLedger();
/** Publishes to the FIFO topic whose answers were lost. */
const lost: Publication[] = [];
/** What endpoints got and never should have. */
const wrongArrivals: Error[] = [];
const listening = new Map(
  endpoints.map(({ name, temper }, index) => [name, new HttpEndpoint(temper, new Prng(seed + index), noting(name))]),
);
/** A delivery that was long under way when its server died is tried again after a minute. */
const patienceMs = 90_000;
/** A commit of several batches that go to dozens of queues takes its time. */
const commitMs = 80;

afterAll(() => {
  for (const endpoint of listening.values()) endpoint.close();
});

test(
  `${rounds} times kill -9 leaves each message of a topic with all its subscribers or with none (seed ${seed})`,
  async () => {
    process.stdout.write(`POSTHORN_CRASH_SEED=${seed} POSTHORN_CRASH_ROUNDS=${rounds}\n`);
    for (const endpoint of listening.values()) await endpoint.listen();
    await runRounds({ seed, rounds, evidence }, runRound);
    await collect();
    process.stdout.write(`${JSON.stringify({ ...ledger.counts, failures: failures() })}\n`);
    expectEnough(evidence());
  },
  patienceMs + 60_000 + rounds * 5_000,
);

function noting(name: string): ConstructorParameters<typeof HttpEndpoint>[2] {
  return (arrival) => {
    try {
      ledger.arrived(name, readCopy(arrival));
    } catch (error) {
      wrongArrivals.push(error as Error);
    }
  };
}

function evidence(): Evidence {
  const { acknowledged, copies, repeated, inDoubt, arrivals, arrivedInLaterLife } = ledger.counts;
  return {
    acknowledged: [acknowledged, rounds * 10],
    copies: [copies, rounds * 100],
    repeated: [repeated, rounds / 3],
    inDoubt: [inDoubt, rounds],
    arrivals: [arrivals, rounds * 10],
    arrivedInLaterLife: [arrivedInLaterLife, rounds],
    failures: [failures(), rounds],
  };
}

function failures(): number {
  return [...listening.values()].reduce((sum, endpoint) => sum + endpoint.failures, 0);
}

async function runRound(round: number): Promise<void> {
  for (const endpoint of listening.values()) endpoint.isDown = round > 1 && random.chance(0.1);
  if (round > 1 && random.chance(0.1)) await lives.dieAtStart();
  else {
    await lives.live([5, 30, 100], async (sqs, onAnswer) => {
      const sns = new SnsClient(sqs);
      if (round === 1) await createAll({ sns, sqs }, listening);
      // real time: the kills should come all through a commit, and no more fall into its beginning.
      const onAnswerLater = () => setTimeout(onAnswer, random.below(commitMs));
      await new FanOutWorkload(sns, ledger, random, lost, onAnswerLater).run();
    });
  }
  ledger.crashed();
  expect(wrongArrivals).toEqual([]);
}

/** The last life but one: the deliveries come to their end, all queues are emptied. In the last one nothing is left. */
async function collect(): Promise<void> {
  for (const endpoint of listening.values()) endpoint.isDown = false;
  const server = lives.start();
  const client = await lives.connect(server);
  const sns = new SnsClient(client);
  while (lost.length > 0) await publishAll(sns, ledger, lost.splice(0, 10));
  while ((await promisedCopies(client)) > 0);
  await lettersTaken(client);
  const direct = subscribers.flatMap(({ queue, isDirect }) => (queue !== undefined && isDirect ? [queue] : []));
  await Promise.all(direct.map((queue) => drainQueue(client, ledger, queue, { waitSeconds: 0 })));
  expect(ledger.settle()).toEqual([]);
  await untilAllArrived();
  const letters = queueNames.filter((queue) => !direct.includes(queue));
  for (const queue of letters) {
    await drainQueue(client, ledger, queue, { waitSeconds: 20, count: ledger.lettersOf(queue) });
  }
  while ((await pendingDeliveries(client)) > 0);
  expect(await leftOver(client)).toEqual({});
  await end(server, client);
  const last = lives.start();
  const lastClient = await lives.connect(last);
  expect(await leftOver(lastClient)).toEqual({});
  expect(wrongArrivals).toEqual([]);
  await end(last, lastClient);
}

async function untilAllArrived(): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const tooLong = new Promise<void>((resolve) => {
    // real time: nobody tells that a delivery was forgotten.
    timer = setTimeout(resolve, patienceMs);
  });
  await Promise.race([ledger.allArrived(), tooLong]);
  clearTimeout(timer);
  expect(ledger.awaited).toEqual([]);
}

async function end(server: ServerProcess, client: SqsClient): Promise<void> {
  client.close();
  server.signal('SIGTERM');
  expect(await server.ended).toEqual({ code: 0, signal: null });
}
