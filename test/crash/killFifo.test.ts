/**
 * `kill -9`, again and again, of the real server while clients send to a FIFO queue, receive from it and delete, and ask
 * again for the answers that were lost. `fifoLedger.ts` says what must hold.
 *
 * POSTHORN_CRASH_ROUNDS asks for another number of rounds, POSTHORN_CRASH_SEED for the bodies, choices and moments of an
 * earlier run. The seed does not decide how two processes and a disk interleave, so a failure may need several runs.
 */
import { expect, test } from 'vitest';
import { Prng } from '../../src/std/prng.ts';
import { FifoLedger, type FifoSending } from './fifoLedger.ts';
import {
  deleteFifo,
  FifoWorkload,
  fifoQueueName,
  Leftovers,
  longestVisibilitySeconds,
  receiveFifo,
  sendFifo,
} from './fifoWorkload.ts';
import { Lives } from './lives.ts';
import { type Evidence, expectEnough, runRounds } from './rounds.ts';
import type { SqsClient } from './sqsClient.ts';

const rounds = Number(process.env.POSTHORN_CRASH_ROUNDS ?? 15);
const seed = Number(process.env.POSTHORN_CRASH_SEED ?? Date.now() % 1_000_000);
const random = new Prng(seed);
const ledger = new FifoLedger();
const left = new Leftovers();
const lives = new Lives(random);

test(
  `${rounds} times kill -9 keeps order, deduplication and receives of a FIFO queue (seed ${seed})`,
  async () => {
    process.stdout.write(`POSTHORN_CRASH_SEED=${seed} POSTHORN_CRASH_ROUNDS=${rounds}\n`);
    await runRounds({ seed, rounds, evidence }, runRound);
    const met = evidence();
    await drain();
    const { counts } = ledger;
    process.stdout.write(`${JSON.stringify(counts)}\n`);
    expect(ledger.missing()).toEqual([]);
    expect(counts.acknowledged).toBe(counts.sent);
    expectEnough(met);
  },
  60_000 + rounds * 5_000,
);

function evidence(): Evidence {
  const { deleted, sentAgain, redelivered, repeatedAlike, deletedAcrossKill } = ledger.counts;
  return {
    deleted: [deleted, rounds * 10],
    sentAgain: [sentAgain, rounds],
    redelivered: [redelivered, rounds],
    repeatedAlike: [repeatedAlike, rounds / 10],
    attemptsRecovered: [left.attemptsRecovered, rounds / 10],
    deletedAcrossKill: [deletedAcrossKill, rounds / 10],
  };
}

async function runRound(round: number): Promise<void> {
  if (round > 1 && random.chance(0.1)) await lives.dieAtStart();
  else {
    await lives.live([30, 300, 900], async (client, onAnswer) => {
      if (round === 1) {
        await client.call('CreateQueue', { QueueName: fifoQueueName, Attributes: { FifoQueue: 'true' } });
      }
      await new FifoWorkload(client, ledger, random, left, onAnswer).run();
    });
  }
  ledger.crashed();
}

/** Everything comes in order, and is deleted; then nothing is left, not even after a restart and sending it all again. */
async function drain(): Promise<void> {
  const server = lives.start();
  const client = await lives.connect(server);
  await sendAgain(client, left.sendings);
  ledger.drain();
  for (;;) {
    const call = ledger.receiving({ visibilityMs: 60_000 });
    const request = { maxMessages: 10, waitSeconds: longestVisibilitySeconds + 1 };
    const holdings = ledger.received(call, await receiveFifo(client, call, request));
    if (holdings.length === 0) break;
    await deleteFifo(client, ledger, holdings);
  }
  client.close();
  server.signal('SIGTERM');
  expect(await server.ended).toEqual({ code: 0, signal: null });
  await expectNothing();
}

async function expectNothing(): Promise<void> {
  const client = await lives.connect(lives.start());
  const oldest = Date.now() - 240_000;
  await sendAgain(
    client,
    ledger.sendings.filter(({ sentAt }) => sentAt > oldest),
  );
  const call = ledger.receiving({ visibilityMs: 1_000 });
  expect(await receiveFifo(client, call, { maxMessages: 10, waitSeconds: 1 })).toEqual([]);
  const QueueUrl = `${client.endpoint}/000000000000/${fifoQueueName}`;
  const { Attributes } = await client.call('GetQueueAttributes', { QueueUrl, AttributeNames: ['All'] });
  expect(Attributes).toMatchObject({
    ApproximateNumberOfMessages: '0',
    ApproximateNumberOfMessagesNotVisible: '0',
    ApproximateNumberOfMessagesDelayed: '0',
  });
  client.close();
}

async function sendAgain(client: SqsClient, sendings: readonly FifoSending[]): Promise<void> {
  for (let from = 0; from < sendings.length; from += 10) {
    await sendFifo(client, ledger, sendings.slice(from, from + 10));
  }
}
