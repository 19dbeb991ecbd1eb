import type { ServedQueues } from '#runtime';
import { listDefault, listMax } from './limits.ts';
import { type DescribeMessage, findMessages, type QueueRecord, readFilter } from './messages.ts';
import { json, type Page, PageRefusal, type PageRequest, readLimit, readQuery } from './page.ts';

export interface QueuePagesOptions {
  readonly partition: ServedQueues;
  readonly describeMessage: DescribeMessage;
  /** Of requests that name none, as in the APIs. */
  readonly defaultAccountId: string;
  readonly defaultRegion: string;
}

export function queuePages(options: QueuePagesOptions): Page[] {
  return [
    { path: /^\/_posthorn\/queues$/, methods: { GET: (request) => listQueues(options, request) } },
    {
      path: /^\/_posthorn\/queues\/([^/]+)\/([^/]+)\/messages$/,
      methods: { GET: (request) => listMessages(options, request) },
    },
  ];
}

/** The queues of an account and region in the order of their names, with what they hold. */
async function listQueues({ partition, defaultAccountId, defaultRegion }: QueuePagesOptions, { query }: PageRequest) {
  const given = readQuery(query, ['account', 'region', 'prefix', 'limit', 'next']);
  const { account = defaultAccountId, region = defaultRegion, prefix = '', next: after } = given;
  const limit = readLimit(given.limit, listDefault, listMax);
  const scope = { accountId: account, region, prefix, ...(after !== undefined && { after }) };
  const records = await partition.listQueues(scope, limit);
  const queues = [];
  for (const record of records) {
    const handle = await partition.queue(account, region, record.name);
    // One that was deleted since is no longer there.
    if (handle !== undefined) queues.push(presentQueue(record, await handle.depth()));
  }
  const last = records.length === limit ? records.at(-1) : undefined;
  return json({ queues, ...(last !== undefined && { next: last.name }) });
}

function presentQueue(
  { accountId, region, name, settings, createdAt }: QueueRecord,
  depth: { visible: number; inFlight: number; delayed: number },
) {
  const { deadLetter } = settings;
  return {
    ...{ accountId, region, name, fifo: settings.fifo === true },
    ...depth,
    createdAt: new Date(createdAt).toISOString(),
    ...(deadLetter !== undefined && {
      deadLetterQueue: deadLetter.target.name,
      maxReceiveCount: deadLetter.maxReceiveCount,
    }),
  };
}

/** What a queue holds, or what of it the filter takes; nothing is received by looking. */
async function listMessages({ partition, describeMessage, defaultRegion }: QueuePagesOptions, request: PageRequest) {
  const [account = '', name = ''] = request.segments;
  const given = readQuery(request.query, ['region', 'state', 'group', 'contains', 'limit', 'next']);
  const { region = defaultRegion } = given;
  const filter = readFilter(given);
  const limit = readLimit(given.limit, listDefault, listMax);
  const handle = await partition.queue(account, region, name);
  if (handle === undefined) {
    throw new PageRefusal(404, `There is no queue ${name} in the account ${account} and the region ${region}.`);
  }
  return json(await findMessages(handle, describeMessage, { filter, limit, after: given.next }));
}
