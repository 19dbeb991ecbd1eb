import type { Job, Totals } from '../load/job.ts';
import { rateMeasurement } from './measurement.ts';
import { Queue } from './queue.ts';
import { type Bench, observe, type Scenario } from './scenario.ts';

const messageBytes = 1024;

type Load = Pick<Job, 'kind' | 'connections' | 'groups' | 'waitSeconds'> & {
  readonly preload?: boolean;
  /** How many of them the connections share; one unless given. */
  readonly queues?: number;
  /** Of the queue. */
  readonly attributes?: Readonly<Record<string, string>>;
};

export function throughput(name: string, title: string, load: Load): Scenario {
  return {
    name,
    title,
    kind: 'rate',
    run: async (bench) => {
      const { preload: isPreloaded = false, attributes = {}, queues: count = 1, ...work } = load;
      const make = () => Queue.create(bench.running, { fifo: load.groups !== undefined, attributes });
      const queues = await Promise.all(Array.from({ length: count }, make));
      const preloaded = isPreloaded ? await preload(bench, queues, load) : nothing;
      const measureMilliseconds = bench.timing.seconds * 1000;
      const observed = await observe(bench, {
        ...work,
        ...urlsOf(queues),
        bodyBytes: messageBytes,
        measureMilliseconds,
      });
      await Queue.verifyAll(queues, preloaded, observed.result.totals);
      for (const queue of queues) await queue.delete();
      return rateMeasurement(observed);
    },
  };
}

function urlsOf(queues: readonly Queue[]): Pick<Job, 'queueUrl' | 'queueUrls'> {
  const urls = queues.map(({ url }) => url);
  return { queueUrl: urls[0] ?? '', ...(urls.length > 1 && { queueUrls: urls }) };
}

const nothing: Totals = { sent: 0, received: 0, deleted: 0, copies: 0 };
const preloadConnections = 16;
const preloadPerSecond = 30_000;
const preloadLimitMilliseconds = 5_000;

/**
 * The same depth for every server, as some get slower with it. One that is fast enough to empty the queue ends its run
 * early: the window then closes with the last message. One that is too slow to be filled in time won't miss the rest.
 */
async function preload(bench: Bench, queues: readonly Queue[], { groups }: Load): Promise<Totals> {
  if (!bench.running.server.keepsMessages) return nothing;
  const { warmUpSeconds, seconds } = bench.timing;
  const result = await bench.generators.run({
    kind: 'sendBatch',
    port: bench.running.port,
    signed: bench.running.server.checksSignatures === true,
    ...urlsOf(queues),
    bodyBytes: messageBytes,
    connections: preloadConnections,
    warmUpMilliseconds: 0,
    measureMilliseconds: preloadLimitMilliseconds,
    // Of each queue.
    messageLimit: Math.ceil((preloadPerSecond * (warmUpSeconds + seconds)) / queues.length),
    ...(groups !== undefined && { groups }),
  });
  return result.totals;
}
