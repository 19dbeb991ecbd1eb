/** How one server's figures change as it grows: by what waits, by queues, by waiting receives, by what is in flight. */

import { checkStatus } from '../load/answers.ts';
import type { Connection } from '../load/connection.ts';
import { openConnections, receive, sendBatches } from '../load/growthLoad.ts';
import { receiveRequest, request } from '../load/requests.ts';
import { RunningServer } from '../servers/launch.ts';
import type { Server } from '../servers/server.ts';
import { folderBytes } from '../usage.ts';
import { type Figures, figures, restart } from './growthMeasure.ts';

export type GrowthPlan = {
  readonly server: Server;
  readonly dataParent: string;
  readonly rounds: number;
  readonly seconds: number;
};

export type GrowthRow = {
  readonly title: string;
  /** Of the same process and the same number of queues, before it grew. */
  readonly before: Figures;
  readonly after: Figures;
  readonly startMilliseconds: number;
  readonly diskBytes: number;
};

/** One kind of growth: what is there before it is measured, and how it grows then. */
export type Growth = {
  readonly title: string;
  /** Grows the server, and names the queues that are measured. `release` ends what would disturb a restart. */
  grow(grown: GrowthSubject): Promise<{ readonly urls: readonly string[]; readonly release?: () => void }>;
};

type GrowthSubject = { readonly port: number; readonly url: string };

const fillConnections = 32;
const createConnections = 32;
/** Longer than any run. */
const visibilityTimeoutSeconds = '43200';

export async function growthRow(plan: GrowthPlan, growth: Growth): Promise<GrowthRow> {
  let running = await RunningServer.start(plan.server, plan.dataParent);
  try {
    const { port } = running;
    const [url = ''] = await createQueues(port, 'measured', 1);
    // The first run of anything is compiled on the way.
    await figures(running, [url], { rounds: 1, seconds: plan.seconds });
    const before = await figures(running, [url], plan);
    const { urls, release } = await growth.grow({ port, url });
    // Growing leaves work behind: long polls to be parked, pages to be written back, garbage.
    await figures(running, urls, { rounds: 1, seconds: plan.seconds });
    const after = await figures(running, urls, plan);
    release?.();
    const restarted = await restart(running, url);
    running = restarted.running;
    const diskBytes = folderBytes(running.dataFolder);
    return { title: growth.title, before, after, startMilliseconds: restarted.startMilliseconds, diskBytes };
  } finally {
    await running.stopAndForget();
  }
}

export function waiting(messages: number): Growth {
  return {
    title: `${counted(messages)} waiting messages`,
    grow: async ({ port, url }) => {
      await sendBatches({ port, urls: [url] }, fillConnections, { messages });
      return { urls: [url] };
    },
  };
}

/** Requests are spread over all of them. */
export function queues(count: number): Growth {
  return {
    title: `${counted(count)} queues`,
    grow: async ({ port, url }) => {
      if (count === 1) return { urls: [url] };
      const urls = await createQueues(port, 'many', count);
      // Each of them has been used: it is in memory.
      await sendBatches({ port, urls }, fillConnections, { messages: 10 * count });
      await receive({ port, urls }, fillConnections, { messages: 10 * count }, true);
      return { urls };
    },
  };
}

const backlogMessages = 1_500;

/** So many queues that are read, each with more than one receive takes: what they keep of it in memory adds up. */
export function backlogs(count: number): Growth {
  return {
    title: `${counted(count)} queues with ${counted(backlogMessages)} waiting messages each`,
    grow: async ({ port, url }) => {
      const urls = await createQueues(port, 'backlog', count);
      await sendBatches({ port, urls }, fillConnections, { messages: backlogMessages * count });
      await receive({ port, urls }, fillConnections, { messages: 10 * count }, true);
      return { urls: [url] };
    },
  };
}

/** Long polls on `queueCount` other queues, each asked again when it ends. */
export function waiters(count: number, queueCount: number): Growth {
  return {
    title: `${counted(count)} waiting receives on ${counted(queueCount)} queue${queueCount === 1 ? '' : 's'}`,
    grow: async ({ port, url }) => {
      const others = await createQueues(port, 'waited', queueCount);
      const connections = await openConnections(port, count);
      let isOver = false;
      const poll = async (connection: Connection, index: number): Promise<void> => {
        const bytes = receiveRequest(port, others[index % queueCount] ?? '', 20);
        while (!isOver) checkStatus(await connection.request(bytes));
      };
      const polls = connections.map((connection, index) => poll(connection, index));
      const ended = Promise.all(polls);
      ended.catch((error: unknown) => {
        if (!isOver) throw error;
      });
      const release = (): void => {
        isOver = true;
        for (const connection of connections) connection.close();
      };
      return { urls: [url], release };
    },
  };
}

const inFlightPerQueue = 100_000;

export function inFlight(messages: number): Growth {
  return {
    title: `${counted(messages)} in flight`,
    grow: async ({ port, url }) => {
      const count = Math.ceil(messages / inFlightPerQueue);
      const urls = await createQueues(port, 'taken', count);
      for (const each of urls) {
        const target = { port, urls: [each] };
        const share = { messages: Math.ceil(messages / count) };
        await sendBatches(target, fillConnections, share);
        const taken = await receive(target, fillConnections, share, false);
        if (taken.messages < share.messages) throw new Error(`${taken.messages} of ${share.messages} in flight`);
      }
      return { urls: [url] };
    },
  };
}

export function counted(number: number): string {
  return number.toLocaleString('en-US');
}

export async function createQueues(
  port: number,
  prefix: string,
  count: number,
  attributes: object = {},
): Promise<string[]> {
  const urls: string[] = [];
  const connections = await openConnections(port, Math.min(createConnections, count));
  let next = 0;
  const create = async (connection: Connection): Promise<void> => {
    while (next < count) {
      const index = next++;
      const Attributes = { VisibilityTimeout: visibilityTimeoutSeconds, ...attributes };
      const input = { QueueName: `${prefix}-${index}`, Attributes };
      const answer = await connection.request(request(port, 'CreateQueue', input));
      checkStatus(answer);
      urls[index] = (JSON.parse(answer.body) as { QueueUrl: string }).QueueUrl;
    }
  };
  try {
    await Promise.all(connections.map(create));
    return urls;
  } finally {
    for (const connection of connections) connection.close();
  }
}
