import type { IncomingMessage, ServerResponse } from 'node:http';
import { type DeliveryPagesOptions, deliveryPages } from './deliveryPages.ts';
import { type FaultRules, faultPages } from './faultPages.ts';
import { health } from './health.ts';
import type { Metrics } from './metrics.ts';
import { type OutboxContents, outboxPages } from './outboxPages.ts';
import { json, type Page, PageRefusal, type Respond, readJson, text, write } from './page.ts';
import { type QueuePagesOptions, queuePages } from './queuePages.ts';

export type { FaultRules } from './faultPages.ts';
export type { DescribeMessage, MessageDescription } from './messages.ts';
export { Metrics } from './metrics.ts';

export interface AdminOptions extends QueuePagesOptions, DeliveryPagesOptions {
  readonly metrics: Metrics;
  readonly faults: FaultRules;
  readonly outbox: OutboxContents;
}

/** Posthorn's own pages beside AWS's APIs: no AWS path begins like them. */
export function createAdmin(options: AdminOptions): (request: IncomingMessage, response: ServerResponse) => boolean {
  const pages: Page[] = [
    ...observationPages(options),
    ...queuePages(options),
    ...faultPages(options.faults),
    ...outboxPages(options.outbox),
    ...deliveryPages(options),
  ];
  return (request, response) => {
    const { url = '' } = request;
    const mark = url.indexOf('?');
    const path = mark === -1 ? url : url.slice(0, mark);
    if (path !== '/metrics' && !path.startsWith('/_posthorn/')) return false;
    serve(pages, path, mark === -1 ? '' : url.slice(mark + 1), request)
      .catch(refuse)
      .then((answer) => write(response, answer));
    return true;
  };
}

function observationPages({ partition, metrics }: AdminOptions): Page[] {
  return [
    {
      path: /^\/metrics$/,
      methods: {
        GET: async () => {
          const { registry } = await metrics.watch(partition);
          return { status: 200, contentType: registry.contentType, body: await registry.metrics() };
        },
      },
    },
    {
      path: /^\/_posthorn\/health$/,
      methods: {
        GET: () => {
          const { ready, ...details } = health(partition);
          return json({ ready, ...details }, ready ? 200 : 503);
        },
      },
    },
  ];
}

async function serve(pages: readonly Page[], path: string, query: string, request: IncomingMessage) {
  for (const page of pages) {
    const found = page.path.exec(path);
    if (found === null) continue;
    const { method = 'GET' } = request;
    const methods: Readonly<Record<string, Respond | undefined>> = page.methods;
    const respond = methods[method === 'HEAD' ? 'GET' : method];
    if (respond === undefined) {
      return text(`${method} is not possible here; use ${Object.keys(page.methods).join(' or ')}.\n`, 405);
    }
    const segments = found.slice(1).map(decodeSegment);
    return respond({ segments, query: new URLSearchParams(query), json: () => readJson(request) });
  }
  return text(`There is no ${path}.\n`, 404);
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
