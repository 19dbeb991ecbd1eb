/**
 * `kill -9`, again and again, of the real server while clients send, receive and delete; the data directory stays the
 * same throughout. `../ledger.ts` says what must hold.
 *
 * POSTHORN_CRASH_ROUNDS asks for more rounds, POSTHORN_CRASH_SEED for the bodies, choices and moments of an earlier run.
 * The seed does not decide how two processes and a disk interleave, so a failure may need several runs to come again.
 */
import { expect, test } from 'vitest';
import { Prng } from '../../src/std/prng.ts';
import { type Holding, Ledger } from '../ledger.ts';
import { Lives } from './lives.ts';
import { type Evidence, expectEnough, runRounds } from './rounds.ts';
import type { SqsClient } from './sqsClient.ts';
import {
  deleteMessages,
  longestDelaySeconds,
  longestVisibilitySeconds,
  queueName,
  receiveMessages,
  Workload,
} from './workload.ts';

const rounds = Number(process.env.POSTHORN_CRASH_ROUNDS ?? 30);
const seed = Number(process.env.POSTHORN_CRASH_SEED ?? Date.now() % 1_000_000);
const random = new Prng(seed);
const ledger = new Ledger();
/** Receipts that outlive their server. */
const held: Holding[] = [];
const lives = new Lives(random);

test(
  `${rounds} times kill -9 loses nothing and brings nothing back (seed ${seed})`,
  async () => {
    process.stdout.write(`POSTHORN_CRASH_SEED=${seed} POSTHORN_CRASH_ROUNDS=${rounds}\n`);
    await runRounds({ seed, rounds, evidence }, runRound);
    await drain();
    process.stdout.write(`${JSON.stringify(ledger.counts)}\n`);
    expect(ledger.missing()).toEqual([]);
    expectEnough(evidence());
  },
  100_000 + rounds * 5_000,
);

function evidence(): Evidence {
  const { deletedForSure, deletedAcrossKill } = ledger.counts;
  return { deletedForSure: [deletedForSure, rounds * 10], deletedAcrossKill: [deletedAcrossKill, rounds / 2] };
}

async function runRound(round: number): Promise<void> {
  // Some die while they recover from the death before.
  if (round > 1 && random.chance(0.1)) await lives.dieAtStart();
  else {
    await lives.live([20, 200, 800], async (client, onAnswer) => {
      if (round === 1) await client.call('CreateQueue', { QueueName: queueName });
      await new Workload(client, ledger, random, held, onAnswer).run();
    });
  }
  ledger.crashed();
}

/** Receives and deletes everything until nothing can be hidden any more; then nothing may be left, here and after a restart. */
async function drain(): Promise<void> {
  let server = lives.start();
  let client = await lives.connect(server);
  const queueUrl = `${client.endpoint}/000000000000/${queueName}`;
  const patienceSeconds = longestVisibilitySeconds + longestDelaySeconds + 1;
  ledger.drain();
  for (;;) {
    const call = ledger.receiving(60_000);
    const holdings = ledger.received(call, await receiveMessages(client, queueUrl, call, patienceSeconds));
    if (holdings.length === 0) break;
    const deletions = holdings.map((holding) => ledger.deleting(holding));
    await deleteMessages(client, queueUrl, deletions);
    for (const deletion of deletions) ledger.deleted(deletion);
  }
  await expectEmpty(client);
  client.close();
  server.signal('SIGTERM');
  expect(await server.ended).toEqual({ code: 0, signal: null });
  server = lives.start();
  client = await lives.connect(server);
  await expectEmpty(client);
  const call = ledger.receiving(1_000);
  expect(ledger.received(call, await receiveMessages(client, queueUrl, call, 1))).toEqual([]);
  client.close();
}

async function expectEmpty(client: SqsClient): Promise<void> {
  const { Attributes } = await client.call('GetQueueAttributes', {
    QueueUrl: `${client.endpoint}/000000000000/${queueName}`,
    AttributeNames: ['All'],
  });
  expect(Attributes).toMatchObject({
    ApproximateNumberOfMessages: '0',
    ApproximateNumberOfMessagesNotVisible: '0',
    ApproximateNumberOfMessagesDelayed: '0',
  });
}
