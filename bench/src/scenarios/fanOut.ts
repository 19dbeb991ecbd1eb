import { quantile } from '../statistics.ts';
import { rateMeasurement } from './measurement.ts';
import { Queue } from './queue.ts';
import { type Bench, type Comparison, type Measurement, observe, type Scenario } from './scenario.ts';
import { Topic } from './topic.ts';

const messageBytes = 1024;
/** A publish to so many takes a good part of a second, and a run is to see several of them. */
const manyQueues = 1_000;
const timesAsLong = 4;

async function publish(bench: Bench, topic: Topic, connections: number, load: Load): Promise<Measurement> {
  const observed = await observe(bench, {
    kind: 'publish',
    queueUrl: '',
    bodyBytes: messageBytes,
    connections,
    measureMilliseconds: bench.timing.seconds * (topic.queues.length < manyQueues ? 1 : timesAsLong) * 1000,
    topic: { topicArn: topic.arn, ...load },
  });
  await topic.verify(observed.result.totals);
  await topic.delete();
  return rateMeasurement(observed);
}

type Load = { readonly copiesByValue: readonly number[]; readonly counted: 'sent' | 'copies' };

/** Counts what comes into the queues. */
export function publishToQueues(name: string, title: string, queues: number, connections: number): Scenario {
  return {
    name,
    title,
    kind: 'rate',
    needs: 'topics',
    run: async (bench) => {
      const topic = await Topic.create(bench.running, queues);
      return publish(bench, topic, connections, { copiesByValue: [queues], counted: 'copies' });
    },
  };
}

export const fanOut: Comparison = {
  name: 'fan-out',
  title: 'Fan-out: a topic with SQS queues',
  kind: 'rate',
  counted: 'copies',
  note:
    'Publish of 1 KiB; what is counted is what the queues get of it, in the envelope that SNS puts around messages. Posthorn ' +
    'signs each (RSA, 2,048 bits), as AWS does; fauxqs writes a fixed text where the signature is.',
  lines: [1, 16].flatMap((connections) => [1, 10, 100, 1_000].map((queues) => fanOutLine(queues, connections))),
};

/** As many kinds of messages as make 1 % of a subscription's share. */
const kinds = 100;
const filterConnections = 16;

function fanOutLine(queues: number, connections: number): Scenario {
  const title = `${queues.toLocaleString('en-US')} queue(s), ${connections} connection(s)`;
  return publishToQueues(`fan-out/${queues}-${connections}`, title, queues, connections);
}

function filterLine(subscriptions: number): Scenario {
  const perKind = (kind: number): number => Math.floor((subscriptions - kind - 1) / kinds) + 1;
  return {
    name: `filters/${subscriptions}`,
    title: `${subscriptions.toLocaleString('en-US')} subscriptions`,
    kind: 'rate',
    needs: 'topics',
    run: async (bench) => {
      const topic = await Topic.create(bench.running, subscriptions, (index) => ({ kind: [String(index % kinds)] }));
      const copiesByValue = Array.from({ length: kinds }, (_, kind) => Math.max(0, perKind(kind)));
      return publish(bench, topic, filterConnections, { copiesByValue, counted: 'sent' });
    },
  };
}

export const filters: Comparison = {
  name: 'filters',
  title: `Filter policies, ${filterConnections} connections`,
  kind: 'rate',
  counted: 'publishes',
  against: 'of no subscription',
  note:
    `Publish of 1 KiB with an attribute of one of ${kinds} values, in turn; each subscription's filter policy takes one of ` +
    'them, so 1 % of the messages. With 1,000 subscriptions each message therefore comes into 10 queues.',
  lines: [0, 10, 1_000].map(filterLine),
};

const besideConnections = 8;
const besidePerSecond = 200;

function pauseLine(queues: number): Scenario {
  return {
    name: `fan-out-pauses/${queues}`,
    title: `publishes to ${queues.toLocaleString('en-US')} queue(s)`,
    kind: 'pause',
    needs: 'topics',
    run: (bench) => pauses(bench, queues),
  };
}

async function pauses(bench: Bench, queues: number): Promise<Measurement> {
  const topic = await Topic.create(bench.running, queues);
  const beside = await Queue.create(bench.running);
  const { result, serverShare } = await observe(bench, {
    kind: 'publishBeside',
    queueUrl: beside.url,
    bodyBytes: messageBytes,
    connections: 1 + besideConnections,
    requestsPerSecond: besidePerSecond,
    measureMilliseconds: bench.timing.seconds * timesAsLong * 1000,
    topic: { topicArn: topic.arn, copiesByValue: [queues], counted: 'copies' },
  });
  await topic.verify(result.totals);
  await topic.delete();
  await beside.delete();
  const { samples, noisySamples } = result;
  return {
    kind: 'pause',
    messagesPerSecond: result.messages / (result.windowMilliseconds / 1000),
    generatorShare: undefined,
    serverShare,
    p50Milliseconds: quantile(samples, 0.5),
    p99Milliseconds: quantile(samples, 0.99),
    longestMilliseconds: quantile(samples, 1),
    samples: samples.length,
    ...(noisySamples.length > 0 && {
      noisy: {
        p50Milliseconds: quantile(noisySamples, 0.5),
        p99Milliseconds: quantile(noisySamples, 0.99),
        samples: noisySamples.length,
      },
    }),
  };
}

export const fanOutPauses: Comparison = {
  name: 'fan-out-pauses',
  title: 'What others wait for while a topic fans out',
  kind: 'pause',
  note:
    `One connection publishes 1 KiB, again and again; ${besidePerSecond} requests a second ask for the count of another ` +
    'queue. Their latency counts from when each is due, so the longest is the longest time that the server had for nobody else.',
  lines: [1, 1_000, 10_000].map(pauseLine),
};
