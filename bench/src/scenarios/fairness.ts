import type { Tenants } from '../load/job.ts';
import { dwellMeasurement } from './measurement.ts';
import { Queue } from './queue.ts';
import { type Bench, type Comparison, observe, type Scenario } from './scenario.ts';

const messageBytes = 256;
const producers = 64;
/** A backlog has to grow, so a run takes longer than others; with three lines and three rounds still less than a minute. */
const timesAsLong = 2;

/**
 * 50 quiet tenants send 500 messages a second together, the noisy one 1,000. The consumers manage 800: all of the quiet
 * ones', and not even those of the noisy one.
 */
const tenants: Tenants = {
  quiet: 50,
  messagesPerSecond: 10,
  noisyTimes: 100,
  grouped: true,
  consumers: 40,
  workMilliseconds: 50,
};

function line(name: string, title: string, change: Partial<Tenants>): Scenario {
  return { name: `fairness/${name}`, title, kind: 'dwell', run: (bench) => run(bench, { ...tenants, ...change }) };
}

async function run(bench: Bench, load: Tenants) {
  const queue = await Queue.create(bench.running);
  const observed = await observe(bench, {
    kind: 'tenants',
    queueUrl: queue.url,
    bodyBytes: messageBytes,
    connections: producers + load.consumers,
    measureMilliseconds: bench.timing.seconds * timesAsLong * 1000,
    tenants: load,
  });
  await queue.verify(observed.result.totals);
  await queue.delete();
  return dwellMeasurement(observed);
}

export const fairness: Comparison = {
  name: 'fairness',
  title: 'Fair queues: dwell with a noisy tenant',
  kind: 'dwell',
  note:
    `Dwell: from the start of the send until a consumer has it; of the messages received within the run. ${tenants.quiet} quiet tenants send ` +
    `${tenants.messagesPerSecond} messages a second each, the noisy one ${tenants.noisyTimes} times as many; ` +
    `${tenants.consumers} consumers receive up to 10 and work ${tenants.workMilliseconds} ms on each message, so they ` +
    'keep up with the quiet tenants but not with the noisy one besides, whose backlog grows for as long as the run lasts.',
  lines: [
    line('quiet', 'groups, no noisy tenant', { noisyTimes: 0 }),
    line('noisy', 'groups, noisy tenant', {}),
    line('ungrouped', 'no groups, noisy tenant', { grouped: false }),
  ],
};
