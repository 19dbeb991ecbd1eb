import { createServer as createTcpServer } from 'node:net';
import { expect, it } from 'vitest';
import type { Delivery, Outcome } from '../../src/services/sns/delivery.ts';
import { createAddressGuard, type ResolveAll } from '../../src/services/sns/senders/addressGuard.ts';
import { createHttpSender } from '../../src/services/sns/senders/http.ts';
import { HttpClient, type HttpClientOptions } from '../../src/services/sns/senders/httpClient.ts';
import { afterTest, contextOf, deliveryOf, envelopeText, httpEnd, listen } from './ends.ts';

function sender(options: HttpClientOptions = {}) {
  const client = new HttpClient(options);
  afterTest(() => client.close());
  const send = createHttpSender(client);
  return (change: Partial<Delivery>, signal = new AbortController().signal): Promise<Outcome> => {
    const delivery = deliveryOf(change);
    return send(delivery, contextOf(delivery, { signal }));
  };
}

it('posts the envelope with the headers of AWS', async () => {
  const { received, url } = await httpEnd((response) => response.writeHead(200).end('thanks'));
  const outcome = await sender()({ endpoint: `${url}/hook?a=b` });
  expect(outcome).toMatchObject({ kind: 'delivered', statusCode: 200, providerResponse: 'thanks' });
  expect(received).toHaveLength(1);
  expect(received[0]).toMatchObject({ method: 'POST', path: '/hook?a=b', body: envelopeText });
  expect(received[0]?.headers).toMatchObject({
    'content-type': 'text/plain; charset=UTF-8',
    'content-length': '23',
    'user-agent': 'Amazon Simple Notification Service Agent',
    'x-amz-sns-message-type': 'Notification',
    'x-amz-sns-message-id': deliveryOf().messageId,
  });
  expect(received[0]?.headers).not.toHaveProperty('x-amz-sns-rawdelivery');
});

it('posts the message alone in raw delivery, but never a confirmation', async () => {
  const { received, url } = await httpEnd((response) => response.writeHead(204).end());
  const send = sender();
  expect(await send({ endpoint: url, raw: true, message: 'naïve' })).toMatchObject({
    kind: 'delivered',
    statusCode: 204,
  });
  expect(await send({ endpoint: url, raw: true, kind: 'confirmation' })).toMatchObject({ kind: 'delivered' });
  expect(received.map(({ body }) => body)).toEqual(['naïve', envelopeText]);
  expect(received.map(({ headers }) => headers['x-amz-sns-rawdelivery'])).toEqual(['true', undefined]);
});

it.each([
  [500, false],
  [503, false],
  [429, false],
  [400, true],
  [404, true],
  [403, true],
  [401, true],
])('takes a %i as failed, permanently: %s', async (statusCode, permanent) => {
  const { url } = await httpEnd((response) => response.writeHead(statusCode).end());
  expect(await sender()({ endpoint: url })).toMatchObject({ kind: 'failed', permanent, statusCode });
});

it('follows no redirect', async () => {
  const { received, url } = await httpEnd((response) => response.writeHead(307, { Location: '/elsewhere' }).end());
  const outcome = await sender()({ endpoint: url });
  expect(outcome).toMatchObject({ kind: 'failed', permanent: true, statusCode: 307 });
  expect(outcome).toHaveProperty('reason', 'The endpoint answered with status 307; redirects are not followed.');
  expect(received).toHaveLength(1);
});

it('gives up an endpoint that hangs, before and after its status', async () => {
  const silent = await httpEnd(() => undefined);
  const send = sender({ timeoutMs: 100 });
  expect(await send({ endpoint: silent.url })).toEqual({
    kind: 'failed',
    permanent: false,
    reason: 'There was no complete answer within 100 ms.',
  });
  const endless = await httpEnd((response) => response.writeHead(200).write('a part'));
  expect(await send({ endpoint: endless.url })).toMatchObject({ kind: 'delivered', providerResponse: 'a part' });
});

it('stops at once when the server does', async () => {
  const controller = new AbortController();
  const { url } = await httpEnd(() => controller.abort());
  const send = sender();
  const stopped = { kind: 'failed', permanent: false, reason: 'The server is stopping.' };
  expect(await send({ endpoint: url }, controller.signal)).toEqual(stopped);
  expect(await send({ endpoint: url }, controller.signal)).toEqual(stopped);
});

it('reaches an endpoint that disappeared as soon as it is back', async () => {
  const first = await httpEnd((response) => response.writeHead(200).end());
  const send = sender();
  expect(await send({ endpoint: first.url })).toMatchObject({ kind: 'delivered' });
  await first.close();
  const away = await send({ endpoint: first.url });
  expect(away).toMatchObject({ kind: 'failed', permanent: false });
  expect(away).toHaveProperty('reason', expect.stringContaining('ECONNREFUSED'));
  const second = await httpEnd((response) => response.writeHead(200).end(), first.port);
  expect(await send({ endpoint: first.url })).toMatchObject({ kind: 'delivered' });
  expect(second.received).toHaveLength(1);
});

it('does not hold a connection that was closed while it was idle against the endpoint', async () => {
  let connections = 0;
  const server = createTcpServer((socket) => {
    connections += 1;
    let requests = 0;
    socket.on('data', () => {
      requests += 1;
      // The second request on a connection finds it gone.
      if (requests === 1) socket.write('HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n');
      else socket.destroy();
    });
  });
  const port = await listen(server);
  afterTest(() => server.close());
  const send = sender();
  const endpointUrl = `http://127.0.0.1:${port}`;
  expect(await send({ endpoint: endpointUrl })).toMatchObject({ kind: 'delivered' });
  expect(await send({ endpoint: endpointUrl })).toMatchObject({ kind: 'delivered' });
  expect(connections).toBe(2);
});

it('keeps its connection to an endpoint', async () => {
  const { received, url } = await httpEnd((response) => response.writeHead(200).end('x'));
  const send = sender();
  for (let count = 0; count < 3; count += 1) await send({ endpoint: url });
  expect(new Set(received.map(({ socket }) => socket)).size).toBe(1);
});

it('reads a bounded part of an answer', async () => {
  let closed: Promise<void> | undefined;
  const { url } = await httpEnd((response, { socket }) => {
    closed = new Promise((resolve) => {
      socket.once('close', () => resolve());
    });
    response.writeHead(200);
    const block = Buffer.alloc(64 * 1024, 'x');
    const more = () => {
      while (!response.destroyed && response.write(block));
    };
    response.on('drain', more);
    more();
  });
  const outcome = await sender()({ endpoint: url });
  expect(outcome).toMatchObject({ kind: 'delivered', statusCode: 200 });
  expect(outcome.kind === 'delivered' && outcome.providerResponse?.length).toBe(1024);
  // It would never end by itself.
  await closed;
});

it('fails for a while where the answer is no HTTP, or none at all', async () => {
  for (const answer of [
    'this is not HTTP\r\n\r\n',
    '',
    'HTTP/1.1 101 Switching\r\nUpgrade: x\r\nConnection: upgrade\r\n\r\n',
  ]) {
    const server = createTcpServer((socket) => socket.once('data', () => socket.end(answer)));
    const port = await listen(server);
    afterTest(() => server.close());
    expect(await sender()({ endpoint: `http://127.0.0.1:${port}` })).toMatchObject({
      kind: 'failed',
      permanent: false,
    });
  }
});

it('shows the login of the URL only to an endpoint that asks for it', async () => {
  const { received, port } = await httpEnd((response, { headers, path }) => {
    if (path === '/open' || headers.authorization !== undefined) response.writeHead(200).end();
    else response.writeHead(401, { 'WWW-Authenticate': 'Basic realm="hooks"' }).end();
  });
  const send = sender();
  expect(await send({ endpoint: `http://ada:s%40cret@127.0.0.1:${port}/open` })).toMatchObject({ kind: 'delivered' });
  expect(await send({ endpoint: `http://ada:s%40cret@127.0.0.1:${port}/closed` })).toMatchObject({ kind: 'delivered' });
  expect(await send({ endpoint: `http://127.0.0.1:${port}/closed` })).toMatchObject({
    kind: 'failed',
    statusCode: 401,
  });
  expect(received.map(({ headers }) => headers.authorization)).toEqual([
    ...[undefined, undefined, `Basic ${Buffer.from('ada:s@cret').toString('base64')}`, undefined],
  ]);
});

it('asks a login at most once', async () => {
  const { received, port } = await httpEnd((response) =>
    response.writeHead(401, { 'WWW-Authenticate': 'Digest realm="r", nonce="n", qop="auth"' }).end(),
  );
  const outcome = await sender()({ endpoint: `http://ada:wrong@127.0.0.1:${port}/` });
  expect(outcome).toMatchObject({ kind: 'failed', permanent: true, statusCode: 401 });
  expect(received.map(({ headers }) => headers.authorization?.slice(0, 6))).toEqual([undefined, 'Digest']);
});

it.each(['', 'nonsense', 'ftp://example.com/', 'file:///etc/passwd'])(
  'refuses the endpoint %j for good',
  async (given) => {
    expect(await sender()({ endpoint: given })).toMatchObject({ kind: 'failed', permanent: true });
  },
);

it('in production reaches no address of this machine, however it is written or resolved', async () => {
  const { received, port } = await httpEnd((response) => response.writeHead(200).end());
  const resolveAll: ResolveAll = (_hostname, _options, done) => done(null, [{ address: '127.0.0.1', family: 4 }]);
  const guarded = sender({ guard: createAddressGuard([], resolveAll) });
  for (const host of ['127.0.0.1', 'rebound.test', '2130706433', '[::1]', '[::ffff:127.0.0.1]', 'localhost']) {
    const outcome = await guarded({ endpoint: `http://${host}:${port}/` });
    expect(outcome).toMatchObject({ kind: 'failed', permanent: true });
    expect(outcome).toHaveProperty('reason', expect.stringContaining('is not an address on the public internet'));
  }
  expect(received).toEqual([]);
  const byName = sender({ guard: createAddressGuard(['rebound.test'], resolveAll) });
  expect(await byName({ endpoint: `http://rebound.test:${port}/` })).toMatchObject({ kind: 'delivered' });
  const byNetwork = sender({ guard: createAddressGuard(['127.0.0.0/8'], resolveAll) });
  expect(await byNetwork({ endpoint: `http://127.0.0.1:${port}/` })).toMatchObject({ kind: 'delivered' });
  expect(received).toHaveLength(2);
});

it('takes a name that can not be resolved for a passing trouble', async () => {
  const resolveAll: ResolveAll = (_hostname, _options, done) => done(new Error('getaddrinfo ENOTFOUND gone.test'), []);
  const outcome = await sender({ guard: createAddressGuard([], resolveAll) })({ endpoint: 'http://gone.test/' });
  expect(outcome).toEqual({ kind: 'failed', permanent: false, reason: 'getaddrinfo ENOTFOUND gone.test' });
});
