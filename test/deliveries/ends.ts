/** Real ends for deliveries: servers on this machine that answer as a test tells them to and remember what came. */
import { createServer, type IncomingHttpHeaders, type ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { afterEach } from 'vitest';
import type { Delivery, SendContext } from '../../src/services/sns/delivery.ts';
import { deliveryHeaders } from '../../src/services/sns/deliveryHeaders.ts';

export interface Received {
  readonly method: string | undefined;
  readonly path: string | undefined;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
  readonly socket: Socket;
}

const cleanups: (() => unknown)[] = [];

/** After the test, the last first. */
export function afterTest(cleanup: () => unknown): void {
  cleanups.push(cleanup);
}

afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

/** Listens on a free port of this machine until the test ends. */
export async function listen(
  server: { listen(port: number, host: string, done: () => void): unknown; address(): AddressInfo | string | null },
  port = 0,
): Promise<number> {
  await new Promise<void>((resolve) => {
    server.listen(port, '127.0.0.1', resolve);
  });
  return (server.address() as AddressInfo).port;
}

export async function httpEnd(answer: (response: ServerResponse, received: Received) => void, port = 0) {
  const received: Received[] = [];
  const server = createServer(async (request, response) => {
    let body = '';
    for await (const chunk of request) body += chunk;
    const { method, url: path, headers, socket } = request;
    const entry = { method, path, headers, body, socket };
    received.push(entry);
    answer(response, entry);
  });
  const bound = await listen(server, port);
  const close = () => {
    server.closeAllConnections();
    return new Promise<void>((resolve) => {
      server.close(() => resolve());
    });
  };
  afterTest(close);
  return { received, close, port: bound, url: `http://127.0.0.1:${bound}` };
}

const subscription = 'arn:aws:sns:us-east-1:000000000000:news:6f0d7a5c-1111-4222-8333-444455556666';

export function deliveryOf(change: Partial<Delivery> = {}): Delivery {
  return {
    kind: 'notification',
    topicArn: 'arn:aws:sns:us-east-1:000000000000:news',
    subscriptionArn: subscription,
    protocol: 'http',
    endpoint: '',
    messageId: '0d7a5c6f-aaaa-4bbb-8ccc-ddddeeeeffff',
    publishedAt: Date.UTC(2026, 0, 2, 3, 4, 5),
    message: 'the message',
    attributes: {},
    raw: false,
    ...change,
  };
}

export const envelopeText = '{"Type":"Notification"}';

export function contextOf(delivery: Delivery, change: Partial<SendContext> = {}): SendContext {
  return {
    envelope: () => envelopeText,
    headers: deliveryHeaders(delivery),
    contentType: 'text/plain; charset=UTF-8',
    signal: new AbortController().signal,
    publicUrl: 'http://sns.test:4566',
    ...change,
  };
}
