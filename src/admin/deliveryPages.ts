import { listDefault, listMax } from './limits.ts';
import { json, type Page, PageRefusal, type PageRequest, readLimit, readQuery } from './page.ts';

/** Deliveries of one topic since the start. */
export interface TopicTotals {
  readonly published: number;
  readonly delivered: number;
  readonly failed: number;
  readonly filteredOut: number;
  readonly redriven: number;
}

/** What a service tells of its deliveries. */
export interface DeliveryReports {
  /** By the topic's ARN, or what stands for it where there is no topic. */
  totals(): ReadonlyMap<string, TopicTotals>;
  /** Deliveries that wait, are under way, or wait for a retry. */
  pending(): number;
  /** The last deliveries, the newest first. */
  list(about: string, limit: number, status: DeliveryStatus | undefined): readonly object[];
}

export type DeliveryStatus = (typeof statuses)[number];

const statuses = ['SUCCESS', 'FAILURE'] as const;

export interface OptOutScope {
  readonly accountId: string;
  readonly region: string;
}

export interface DeliveryPagesOptions {
  readonly deliveries: DeliveryReports;
  /** Somebody wants no more SMS of that account. Throws what is wrong with the number. */
  readonly optOut: (scope: OptOutScope, phoneNumber: string) => Promise<void>;
  readonly defaultAccountId: string;
  readonly defaultRegion: string;
}

export function deliveryPages(options: DeliveryPagesOptions): Page[] {
  return [
    {
      path: /^\/_posthorn\/topics\/(.+)\/deliveries$/,
      methods: { GET: (request) => listDeliveries(options.deliveries, request) },
    },
    { path: /^\/_posthorn\/sms\/opt-outs$/, methods: { POST: (request) => optOutNumber(options, request) } },
  ];
}

/** What became of the last messages of a topic: counts, and what the status log has. */
function listDeliveries(deliveries: DeliveryReports, { segments: [about = ''], query }: PageRequest) {
  const given = readQuery(query, ['status', 'limit']);
  const status = statuses.find((each) => each === given.status);
  if (given.status !== undefined && status === undefined) {
    throw new PageRefusal(400, `status is "${given.status}", but must be one of ${statuses.join(', ')}.`);
  }
  const found = deliveries.list(about, readLimit(given.limit, listDefault, listMax), status);
  const totals = deliveries.totals().get(about);
  if (totals === undefined && found.length === 0 && status === undefined) {
    throw new PageRefusal(404, `Nothing has been published to ${about} since the start.`);
  }
  return json({ ...(totals !== undefined && { totals }), deliveries: found });
}

/** For the SMS gateway, when somebody answers STOP. */
async function optOutNumber({ optOut, defaultAccountId, defaultRegion }: DeliveryPagesOptions, request: PageRequest) {
  const body = await request.json();
  const { phoneNumber, account = defaultAccountId, region = defaultRegion } = (body ?? {}) as Record<string, unknown>;
  if (typeof phoneNumber !== 'string' || typeof account !== 'string' || typeof region !== 'string') {
    throw new PageRefusal(400, 'The body has to be {"phoneNumber": "+15550100"}, with account and region if need be.');
  }
  try {
    await optOut({ accountId: account, region }, phoneNumber);
  } catch (error) {
    throw new PageRefusal(400, (error as Error).message);
  }
  return json({ optedOut: phoneNumber });
}
