/**
 * `kill -9`, again and again, of the real server while messages become dead letters and tasks bring them back, on standard
 * and on FIFO queues. `movesLedger.ts` says what must hold.
 *
 * POSTHORN_CRASH_ROUNDS asks for another number of rounds, POSTHORN_CRASH_SEED for the choices and moments of an earlier
 * run. The seed does not decide how two processes and a disk interleave, so a failure may need several runs.
 */
import { expect, test } from 'vitest';
import { Prng } from '../../src/std/prng.ts';
import { lettersTaken } from './gauges.ts';
import { Lives } from './lives.ts';
import { Pair, receiveBodies, runMoves } from './movesWorkload.ts';
import { type Evidence, expectEnough, runRounds } from './rounds.ts';
import { ConnectionLost, type SqsClient } from './sqsClient.ts';
import { bringAllToDeath, WatchedPair } from './watchedPair.ts';

const rounds = Number(process.env.POSTHORN_CRASH_ROUNDS ?? 18);
const seed = Number(process.env.POSTHORN_CRASH_SEED ?? Date.now() % 1_000_000);
const random = new Prng(seed);
const lives = new Lives(random);
const standard = new Pair(false);
const fifo = new Pair(true);
const pairs = [standard, fifo];
/** Under load first; then tasks alone, whose every step can be counted. */
const roundsOfLoad = Math.ceil(rounds / 2);
/** So many messages each round of load may send. */
const bodiesPerRound = 30;

test(
  `${rounds} times kill -9 keeps every message in one queue, and tasks going (seed ${seed})`,
  async () => {
    process.stdout.write(`POSTHORN_CRASH_SEED=${seed} POSTHORN_CRASH_ROUNDS=${rounds}\n`);
    await runRounds({ seed, rounds: roundsOfLoad, evidence: moves }, runRound);
    const watched = await named('settling', settle());
    await runRounds({ seed, rounds: rounds - roundsOfLoad, evidence: resumptions }, () => watch(watched));
    await named('the end', findAll(watched));
    for (const { ledger } of pairs) {
      const { counts, moved } = ledger;
      process.stdout.write(`${JSON.stringify({ ...counts, moved })}\n`);
      expect(ledger.notOnce()).toEqual([]);
      expect(moved.counted).toBeGreaterThanOrEqual(moved.least);
      expect(moved.counted).toBeLessThanOrEqual(moved.most);
    }
    expectEnough({ ...moves(), ...resumptions() });
  },
  60_000 + rounds * 5_000,
);

async function named<Result>(what: string, happens: Promise<Result>): Promise<Result> {
  try {
    return await happens;
  } catch (error) {
    throw new Error(`seed ${seed}, ${what}: ${(error as Error).message}`, { cause: error });
  }
}

function moves(): Evidence {
  return {
    moved: [standard.ledger.moved.least, rounds * 10],
    movedInOrder: [fifo.ledger.moved.least, rounds * 10],
  };
}

function resumptions(): Evidence {
  const resumed = pairs.reduce((sum, { ledger }) => sum + ledger.counts.resumed, 0);
  return { resumed: [resumed, rounds / 10] };
}

async function runRound(round: number): Promise<void> {
  if (round > 1 && random.chance(0.1)) await lives.dieAtStart();
  else {
    await lives.live([50, 400, 1_200], async (client, onAnswer) => {
      if (round === 1) for (const pair of pairs) await pair.create(client);
      await runMoves(client, pairs, random, { bodiesMax: round * bodiesPerRound, onAnswer });
    });
  }
  for (const { ledger } of pairs) ledger.crashed();
}

/** A life in which nothing is killed. */
async function inPeace(act: (client: SqsClient) => Promise<void>): Promise<void> {
  const server = lives.start();
  const client = await lives.connect(server);
  await act(client);
  client.close();
  server.signal('SIGTERM');
  expect(await server.ended).toEqual({ code: 0, signal: null });
  for (const { ledger } of pairs) ledger.crashed();
}

/** Lets the last tasks and sends come to their ends. */
async function settle(): Promise<WatchedPair[]> {
  const watched: WatchedPair[] = [];
  await inPeace(async (client) => {
    for (const pair of pairs) {
      for (const body of pair.unsure.splice(0)) await pair.send(client, body);
      while ((await pair.runningTask(client)) !== undefined);
      watched.push(new WatchedPair(pair, await bringAllToDeath(client, pair)));
    }
  });
  return watched;
}

/** Tasks are killed, as a rule when they have just begun. */
async function watch(watched: readonly WatchedPair[]): Promise<void> {
  await lives.live([1, 10], async (client, onAnswer) => {
    await untilLost(async () => {
      for (const each of watched) {
        await each.goOn(client, random);
        onAnswer();
      }
    });
  });
  for (const { ledger } of pairs) ledger.crashed();
}

async function untilLost(act: () => Promise<void>): Promise<void> {
  try {
    for (;;) await act();
  } catch (error) {
    if (!(error instanceof ConnectionLost)) throw error;
  }
}

/** Takes everything out of both queues, and counts it, once the tasks have ended. */
async function findAll(watched: readonly WatchedPair[]): Promise<void> {
  await inPeace(async (client) => {
    for (const each of watched) await each.end(client);
    for (const pair of pairs) {
      do {
        for (const which of ['source', 'dead'] as const) await empty(client, pair, which);
        await lettersTaken(client);
      } while ((await pair.depth(client, 'source')) + (await pair.depth(client, 'dead')) > 0);
    }
  });
  await inPeace(async (client) => {
    for (const pair of pairs) {
      for (const which of ['source', 'dead'] as const) expect(await pair.depth(client, which)).toBe(0);
    }
  });
}

async function empty(client: SqsClient, pair: Pair, which: 'source' | 'dead'): Promise<void> {
  const QueueUrl = pair.url(client, which);
  for (;;) {
    const received = await receiveBodies(client, QueueUrl, { visibilitySeconds: 600, waitSeconds: 0 });
    if (received.length === 0) return;
    for (const each of received) pair.ledger.found(each);
    const Entries = received.map(({ receiptHandle }, index) => ({ Id: String(index), ReceiptHandle: receiptHandle }));
    const { Failed = [] } = await client.call('DeleteMessageBatch', { QueueUrl, Entries });
    expect(Failed).toEqual([]);
  }
}
