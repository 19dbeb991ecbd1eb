/** How long others wait while a million messages of one queue go: by a purge, with the queue, by their age. */
import { setTimeout as sleep } from 'node:timers/promises';
import { countedMessages } from '../load/answers.ts';
import type { Connection } from '../load/connection.ts';
import { paced, receive, sendBatches } from '../load/growthLoad.ts';
import { countRequest } from '../load/requests.ts';
import { RunningServer } from '../servers/launch.ts';
import { quantile } from '../statistics.ts';
import { folderBytes } from '../usage.ts';
import { counted, createQueues, type GrowthPlan } from './growth.ts';
import { call } from './queue.ts';

export type PauseRow = {
  readonly title: string;
  readonly p50Milliseconds: number;
  readonly p99Milliseconds: number;
  readonly longestMilliseconds: number;
  readonly samples: number;
  /** Until the purge or the deletion was answered, or the receive that found nothing but expired messages. */
  readonly answeredMilliseconds: number;
};

const fillConnections = 32;
const probesPerSecond = 200;
/** Purges and deletions are answered at once; what they leave goes in the background, about so long. */
const backgroundMilliseconds = 30_000;
const shortestRetentionSeconds = 60;

/** `nothing` is the same probe beside an idle queue: what the machine itself makes of it. */
export const disappearances = ['nothing', 'purge', 'deletion', 'expiry'] as const;
export type Disappearance = (typeof disappearances)[number];

export async function pauseRow(plan: GrowthPlan, how: Disappearance, messages: number): Promise<PauseRow> {
  const running = await RunningServer.start(plan.server, plan.dataParent);
  try {
    const { port } = running;
    const attributes = how === 'expiry' ? { MessageRetentionPeriod: String(shortestRetentionSeconds) } : {};
    const [url = ''] = await createQueues(port, 'leaving', 1, attributes);
    const [probed = ''] = await createQueues(port, 'probed', 1);
    await sendBatches({ port, urls: [url] }, fillConnections, { messages });
    if (how === 'expiry') await sleep(shortestRetentionSeconds * 1000);
    const probe = countRequest(port, probed);
    const ask = async (connection: Connection): Promise<unknown> => countedMessages(await connection.request(probe));
    let answeredMilliseconds = 0;
    const startedAt = performance.now();
    const samples = await paced(port, probesPerSecond, backgroundMilliseconds, ask, async () => {
      if (how === 'purge') await call(port, 'PurgeQueue', { QueueUrl: url });
      if (how === 'deletion') await call(port, 'DeleteQueue', { QueueUrl: url });
      // The first one who asks for messages has the expired ones looked through.
      if (how === 'expiry') await receive({ port, urls: [url] }, 1, { messages: 10 }, true);
      answeredMilliseconds = performance.now() - startedAt;
    });
    return {
      title: how === 'nothing' ? 'nothing' : `${how} of ${counted(messages)} messages`,
      p50Milliseconds: quantile(samples, 0.5),
      p99Milliseconds: quantile(samples, 0.99),
      longestMilliseconds: quantile(samples, 1),
      samples: samples.length,
      answeredMilliseconds,
    };
  } finally {
    await running.stopAndForget();
  }
}

export type DiskRow = { readonly title: string; readonly bytes: number };

/** What the store takes on the disk: filled, purged, and filled with as much again. */
export async function diskRows(plan: GrowthPlan, messages: number): Promise<DiskRow[]> {
  const running = await RunningServer.start(plan.server, plan.dataParent);
  const rows: DiskRow[] = [];
  const note = (title: string): void => {
    rows.push({ title, bytes: folderBytes(running.dataFolder) });
  };
  try {
    const { port } = running;
    const [url = ''] = await createQueues(port, 'refilled', 1);
    note('empty');
    await sendBatches({ port, urls: [url] }, fillConnections, { messages });
    note(`${counted(messages)} messages`);
    for (const again of ['purged, and filled again', 'once more']) {
      await call(port, 'PurgeQueue', { QueueUrl: url });
      await untilQuiet(port);
      await sendBatches({ port, urls: [url] }, fillConnections, { messages });
      note(again);
    }
    return rows;
  } finally {
    await running.stopAndForget();
  }
}

/** Until the store has not been written to for a second: what a purge left behind is gone then. */
async function untilQuiet(port: number): Promise<void> {
  for (let before = -1; ; ) {
    const metrics = await (await fetch(`http://127.0.0.1:${port}/metrics`)).text();
    const operations = Number(/^posthorn_commit_operations_sum (\S+)$/m.exec(metrics)?.[1]);
    if (Number.isNaN(operations)) throw new Error('the metrics do not say how much was written');
    if (operations === before) return;
    before = operations;
    await sleep(1_000);
  }
}
