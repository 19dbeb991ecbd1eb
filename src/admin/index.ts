import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Partition } from '#runtime';
import { health } from './health.ts';
import type { Metrics } from './metrics.ts';

export { Metrics } from './metrics.ts';

/** Posthorn's own pages beside AWS's APIs: no AWS path begins like them. */
export function createAdmin(partition: Partition, metrics: Metrics) {
  return (request: IncomingMessage, response: ServerResponse): boolean => {
    const { url = '' } = request;
    const path = url.split('?', 1)[0];
    if (path !== '/metrics' && path?.startsWith('/_posthorn/') !== true) return false;
    if (request.method !== 'GET' && request.method !== 'HEAD') {
      answer(response, 405, 'text/plain', `${request.method} is not possible here; use GET.\n`);
    } else if (path === '/metrics') {
      scrape(partition, metrics, response).catch((error: Error) => {
        answer(response, 500, 'text/plain', `${error.message}\n`);
      });
    } else if (path === '/_posthorn/health') {
      const { ready, ...details } = health(partition);
      answer(response, ready ? 200 : 503, 'application/json', `${JSON.stringify({ ready, ...details })}\n`);
    } else {
      answer(response, 404, 'text/plain', `There is no ${path}.\n`);
    }
    return true;
  };
}

async function scrape(partition: Partition, metrics: Metrics, response: ServerResponse): Promise<void> {
  const { registry } = await metrics.watch(partition);
  answer(response, 200, registry.contentType, await registry.metrics());
}

function answer(response: ServerResponse, status: number, contentType: string, body: string): void {
  response.writeHead(status, { 'Content-Type': contentType, 'Content-Length': Buffer.byteLength(body) });
  response.end(body);
}
