import type { IncomingMessage, ServerResponse } from 'node:http';
import { type AccessPagesOptions, accessPages } from './accessPages.ts';
import { type DeliveryPagesOptions, deliveryPages } from './deliveryPages.ts';
import { contentType } from './exposition.ts';
import { type FaultRules, faultPages } from './faultPages.ts';
import { health } from './health.ts';
import type { Metrics } from './metrics.ts';
import { type OutboxContents, outboxPages } from './outboxPages.ts';
import { json, type Page, type PageAnswer, PageRefusal, type Respond, readJson, text, write } from './page.ts';
import { type QueuePagesOptions, queuePages } from './queuePages.ts';

export type { AccessQuestion } from './accessPages.ts';
export type { FaultRules } from './faultPages.ts';
export type { DescribeMessage, MessageDescription } from './messages.ts';
export { Metrics } from './metrics.ts';

export interface AdminOptions extends QueuePagesOptions, DeliveryPagesOptions, AccessPagesOptions {
  readonly metrics: Metrics;
  readonly faults: FaultRules;
  readonly outbox: OutboxContents;
}

/** The page that a request is for, found before anybody has decided whether it is to be answered. */
export interface FoundPage {
  readonly isOpen: boolean;
  /** `body`: what has been read of the request already, all of it. */
  answer(response: ServerResponse, body?: Buffer): void;
}

/** Posthorn's own pages beside AWS's APIs: no AWS path begins like them. Undefined for other requests. */
export function createAdmin(options: AdminOptions): (request: IncomingMessage) => FoundPage | undefined {
  const pages: Page[] = [
    ...observationPages(options),
    ...queuePages(options),
    ...faultPages(options.faults),
    ...outboxPages(options.outbox),
    ...deliveryPages(options),
    ...accessPages(options),
  ];
  return (request) => {
    const { url = '' } = request;
    const mark = url.indexOf('?');
    const path = mark === -1 ? url : url.slice(0, mark);
    if (path !== '/metrics' && !path.startsWith('/_posthorn/')) return undefined;
    const page = pages.find((each) => each.path.test(path));
    const query = new URLSearchParams(mark === -1 ? '' : url.slice(mark + 1));
    return {
      isOpen: page?.isOpen === true,
      answer: (response, body) => {
        serve(page, path, query, request, body)
          .catch(refuse)
          .then((answer) => write(response, answer));
      },
    };
  };
}

function observationPages({ partition, metrics }: AdminOptions): Page[] {
  return [
    {
      path: /^\/metrics$/,
      methods: {
        GET: async () => ({ status: 200, contentType, body: await metrics.text(partition) }),
      },
    },
    {
      path: /^\/_posthorn\/health$/,
      isOpen: true,
      methods: {
        GET: () => {
          const { ready, ...details } = health(partition);
          return json({ ready, ...details }, ready ? 200 : 503);
        },
      },
    },
  ];
}

async function serve(
  page: Page | undefined,
  path: string,
  query: URLSearchParams,
  request: IncomingMessage,
  body: Buffer | undefined,
): Promise<PageAnswer> {
  if (page === undefined) return text(`There is no ${path}.\n`, 404);
  const { method = 'GET' } = request;
  const methods: Readonly<Record<string, Respond | undefined>> = page.methods;
  const respond = methods[method === 'HEAD' ? 'GET' : method];
  if (respond === undefined) {
    return text(`${method} is not possible here; use ${Object.keys(page.methods).join(' or ')}.\n`, 405);
  }
  const segments = (page.path.exec(path) ?? []).slice(1).map(decodeSegment);
  return respond({ segments, query, json: () => readJson(request, body) });
}

function refuse(error: Error) {
  return json({ error: error.message }, error instanceof PageRefusal ? error.status : 500);
}

/** A bad percent sign is in no name either, so it finds nothing. */
function decodeSegment(segment: string): string {
  try {
    return decodeURIComponent(segment);
  } catch {
    return segment;
  }
}
