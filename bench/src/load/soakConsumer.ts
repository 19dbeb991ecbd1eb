import { setTimeout as sleep } from 'node:timers/promises';
import type { SoakFifoLedger } from './soakFifoLedger.ts';
import type { ReceiveCall, SoakLedger } from './soakLedger.ts';
import type { SoakLink } from './soakLink.ts';
import type { FifoTarget, Received, SoakQueue, SoakTarget, StandardTarget } from './soakQueue.ts';

/** Long enough that only what is forgotten on purpose, or by a killed process, comes back by itself. */
const visibilitySeconds = 30;
const extendedSeconds = 60;
const extendedWorkMilliseconds = 1_000;
const waitSeconds = 10;

/** What a consumer does with an answer's messages; of so many answers in turn, the first ones are not simply deleted. */
const turns = 200;
type Deed = 'forget' | 'return' | 'extend' | 'delete one by one' | 'delete';

function deedOf(turn: number): Deed {
  const place = turn % turns;
  if (place === 0) return 'forget';
  if (place <= 3) return 'return';
  if (place <= 5) return 'extend';
  return place % 8 === 7 ? 'delete one by one' : 'delete';
}

/** All that consumers of one soak share. */
export type Consuming = {
  /** Consumers end with their next answer. */
  over: boolean;
  /** Everything that comes is deleted, so that the queues run empty. */
  draining: boolean;
  /** Answers with messages so far. */
  turn: number;
};

let attempts = 0;

/** Receives from a queue until the soak is over. */
export async function consume(target: SoakTarget, link: SoakLink, state: Consuming): Promise<void> {
  while (!state.over) {
    if (target.kind === 'standard') await consumeOnce(target, link, state);
    else await consumeFifoOnce(target, link, state);
  }
}

function nextDeed(state: Consuming): Deed {
  return state.draining ? 'delete' : deedOf(state.turn++);
}

async function consumeOnce({ queue, ledger }: StandardTarget, link: SoakLink, state: Consuming): Promise<void> {
  const call: ReceiveCall = { startedAt: performance.now(), visibilityMilliseconds: visibilitySeconds * 1000 };
  const answer = await link.request(queue.receive(visibilitySeconds, waitSeconds));
  // What it took, if anything, comes back when its visibility timeout is over.
  if (answer === undefined) return;
  const messages = queue.received(answer);
  const now = performance.now();
  for (const { label } of messages) ledger.received(numberOf(label), call, now);
  if (messages.length === 0) return;
  const deed = nextDeed(state);
  if (deed === 'forget') return;
  if (deed === 'return') {
    for (const { label } of messages) ledger.returning(numberOf(label));
    await change(queue, link, messages, 0);
    return;
  }
  if (deed === 'extend') await extend(queue, link, messages);
  for (const part of parts(messages, deed)) await remove(queue, ledger, link, part);
}

async function remove(queue: SoakQueue, ledger: SoakLedger, link: SoakLink, part: readonly Received[]): Promise<void> {
  for (const { label } of part) ledger.deleting(numberOf(label));
  if (!queue.checkDone(await link.insist(queue.delete(part)), 'a delete')) return;
  const now = performance.now();
  for (const { label } of part) ledger.deleted(numberOf(label), now);
}

/** A receive is repeated under its attempt id until it is answered: it brings the same messages again. */
async function consumeFifoOnce({ queue, ledger }: FifoTarget, link: SoakLink, state: Consuming): Promise<void> {
  const call: ReceiveCall = { startedAt: performance.now(), visibilityMilliseconds: visibilitySeconds * 1000 };
  const answer = await link.insist(queue.receive(visibilitySeconds, waitSeconds, `attempt-${attempts++}`));
  const messages = queue.received(answer);
  const places = messages.map(({ label }) => placeOf(label));
  ledger.received(places, call, performance.now());
  if (messages.length === 0) return;
  const deed = nextDeed(state);
  if (deed === 'forget') return;
  if (deed === 'return') {
    for (const { group } of places) ledger.returning(group);
    await change(queue, link, messages, 0);
    return;
  }
  if (deed === 'extend') await extend(queue, link, messages);
  for (const part of parts(messages, deed)) await removeFifo(queue, ledger, link, part);
}

async function removeFifo(
  queue: SoakQueue,
  ledger: SoakFifoLedger,
  link: SoakLink,
  part: readonly Received[],
): Promise<void> {
  const deletes = part.map(({ label }) => placeOf(label)).map((place) => ({ place, until: ledger.deleting(place) }));
  if (!queue.checkDone(await link.insist(queue.delete(part)), 'a delete')) return;
  const now = performance.now();
  for (const { place, until } of deletes) ledger.deleted(place, until, now);
}

/** Not repeated: whether it was carried out is in doubt when the connection died, and the ledgers allow for both. */
async function change(queue: SoakQueue, link: SoakLink, messages: readonly Received[], seconds: number): Promise<void> {
  const answer = await link.request(queue.changeVisibility(messages, seconds));
  if (answer !== undefined) queue.checkDone(answer, 'a change of visibility');
}

async function extend(queue: SoakQueue, link: SoakLink, messages: readonly Received[]): Promise<void> {
  await change(queue, link, messages, extendedSeconds);
  await sleep(extendedWorkMilliseconds);
}

function parts(messages: readonly Received[], deed: Deed): (readonly Received[])[] {
  return deed === 'delete one by one' ? messages.map((message) => [message]) : [messages];
}

function numberOf(label: readonly number[]): number {
  return label[0] ?? Number.NaN;
}

function placeOf([group = Number.NaN, index = Number.NaN]: readonly number[]) {
  return { group, index };
}
