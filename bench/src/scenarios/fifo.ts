import { integer } from '../table.ts';
import type { Comparison, Scenario } from './scenario.ts';
import { throughput } from './throughput.ts';

/** From the least that run side by side, one, to as many as there are messages. */
const groupCounts = [1, 1_000, 1_000_000];

/** Undefined is the standard queue, which the others are held against. */
export const fifoBacklogGroups: readonly (number | undefined)[] = [undefined, 1_000, 1_000_000];

/**
 * Receives long poll here, on all queues alike: where a group is blocked, a receiver that asks again and again would be
 * most of the server's work, and no client does that.
 */
const waitSeconds = 1;

type Load = Parameters<typeof throughput>[2];

function comparison(name: string, title: string, note: string, load: Load): Comparison {
  const line = (suffix: string, lineTitle: string, more: Partial<Load>): Scenario =>
    throughput(`${name}/${suffix}`, lineTitle, { ...load, ...more });
  const fifo = groupCounts.map((groups) => line(String(groups), queueTitle(groups), { groups }));
  return {
    name,
    title,
    note,
    against: 'of the standard queue',
    kind: 'rate',
    lines: [line('standard', queueTitle(undefined), {}), ...fifo],
  };
}

export function queueTitle(groups: number | undefined): string {
  return groups === undefined ? 'standard' : `FIFO, ${integer(groups)} group${groups === 1 ? '' : 's'}`;
}

const groupsInTurn = 'Each message is in the next group in turn, and has a deduplication id of its own.';
const oneGroup =
  'One group is bound by its order: nothing more of it is given out until what was received is deleted, so that one receive ' +
  'at a time brings up to 10 messages.';

export const fifoComparisons: readonly Comparison[] = [
  comparison('fifo-send', 'FIFO: send 1 KiB, 64 connections', groupsInTurn, { kind: 'send', connections: 64 }),
  comparison(
    'fifo-drain',
    'FIFO: receive and delete batches of 10 from a filled queue, 16 connections',
    `${groupsInTurn} ${oneGroup}`,
    { kind: 'drain', connections: 16, preload: true, waitSeconds },
  ),
  comparison(
    'fifo-cycle',
    'FIFO: send, receive and delete batches of 10, 16 connections',
    `${groupsInTurn} ${oneGroup}`,
    { kind: 'cycle', connections: 16, waitSeconds },
  ),
];
