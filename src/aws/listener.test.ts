import { once } from 'node:events';
import { Agent, request as httpRequest } from 'node:http';
import { connect } from 'node:net';
import { Duplex } from 'node:stream';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { AwsError, type CallContext, type ServedService } from './contract.ts';
import { sqs } from './generated/sqs.ts';
import { type Listener, type ListenerOptions, type RequestMetric, startListener } from './index.ts';

type Operations = ServedService['operations'];

let listener: Listener | undefined;
afterEach(async () => {
  await listener?.close();
  listener = undefined;
});

async function start(operations: Operations, more: Partial<ListenerOptions> = {}) {
  const log = { error: vi.fn() };
  const services = [{ contract: sqs, operations }];
  listener = await startListener({ host: '127.0.0.1', port: 0, services, log, ...more });
  return { listener, url: listener.url, log };
}

function post(url: string, target: string, body: string | Buffer, headers: Record<string, string> = {}) {
  return fetch(url, {
    method: 'POST',
    body,
    headers: { 'content-type': 'application/x-amz-json-1.0', 'x-amz-target': `AmazonSQS.${target}`, ...headers },
  });
}

/** Writes bytes and reads until the server ends the connection. */
async function raw(port: number, text: string): Promise<string> {
  const socket = connect(port, '127.0.0.1');
  socket.write(text);
  let answer = '';
  socket.setEncoding('utf8').on('data', (chunk) => {
    answer += chunk;
  });
  await once(socket, 'close');
  return answer;
}

describe('an answer', () => {
  it('has the output, a request id, a date and a length', async () => {
    let seen: CallContext | undefined;
    const { url } = await start({
      GetQueueUrl: (input: { QueueName: string }, context: CallContext) => {
        seen = context;
        return { QueueUrl: `${context.endpoint}/${context.accountId}/${input.QueueName}` };
      },
    });
    const answer = await post(url, 'GetQueueUrl', '{"QueueName":"q"}', {
      authorization: 'AWS4-HMAC-SHA256 Credential=123456789012/20260101/eu-west-1/sqs/aws4_request, Signature=0',
    });
    expect(await answer.json()).toEqual({ QueueUrl: `${url}/123456789012/q` });
    expect(answer.status).toBe(200);
    expect(answer.headers.get('x-amzn-requestid')).toBe(seen?.requestId);
    expect(answer.headers.get('x-amzn-requestid')).toMatch(/^[0-9a-f-]{36}$/);
    expect(answer.headers.get('content-type')).toBe('application/x-amz-json-1.0');
    expect(answer.headers.get('date')).toBeTruthy();
    expect(answer.headers.get('content-length')).toBe(String(`{"QueueUrl":"${url}/123456789012/q"}`.length));
    expect(seen).toMatchObject({ region: 'eu-west-1', accessKeyId: '123456789012', endpoint: url });
  });

  it('waits for an operation that takes its time', async () => {
    const { url } = await start({ GetQueueUrl: async () => nextTurn({ QueueUrl: '\u00e9\u20ac' }) });
    expect(await (await post(url, 'GetQueueUrl', '{"QueueName":"q"}')).json()).toEqual({ QueueUrl: '\u00e9\u20ac' });
  });

  it('is XML for a Query request', async () => {
    const { url } = await start({ DeleteQueue: () => undefined });
    const answer = await fetch(`${url}/?Action=DeleteQueue&QueueUrl=x`);
    expect(answer.headers.get('content-type')).toBe('text/xml');
    expect(await answer.text()).toMatch(/^<\?xml version="1.0"\?><DeleteQueueResponse .*<RequestId>[0-9a-f-]{36}</);
  });

  it('names the public URL', async () => {
    const url = vi.fn((_: unknown, { endpoint }: CallContext) => ({ QueueUrl: endpoint }));
    const started = await start({ GetQueueUrl: url }, { publicUrl: 'https://queues.example/' });
    expect(await (await post(started.url, 'GetQueueUrl', '{"QueueName":"q"}')).json()).toEqual({
      QueueUrl: 'https://queues.example',
    });
  });

  it('never repeats a strange Host header', async () => {
    const { listener } = await start({
      GetQueueUrl: (_: unknown, { endpoint }: CallContext) => ({ QueueUrl: endpoint }),
    });
    const answer = await raw(
      listener.address.port,
      'GET /?Action=GetQueueUrl&QueueName=q HTTP/1.1\r\nHost: a"b/<c>\r\nConnection: close\r\n\r\n',
    );
    expect(answer).toContain(`<QueueUrl>${listener.url}</QueueUrl>`);
  });
});

describe('a refusal', () => {
  it('of an operation keeps its status and code', async () => {
    const { url } = await start({
      PurgeQueue: () => {
        throw new AwsError('PurgeQueueInProgress', 'Wait.', { httpStatus: 403, queryCode: 'AWS.P' });
      },
    });
    const answer = await post(url, 'PurgeQueue', '{"QueueUrl":"q"}');
    expect(answer.status).toBe(403);
    expect(answer.headers.get('x-amzn-query-error')).toBe('AWS.P;Sender');
    expect(await answer.json()).toEqual({ __type: 'com.amazonaws.sqs#PurgeQueueInProgress', message: 'Wait.' });
  });

  it.each([
    [
      'thrown',
      () => {
        throw new Error('secret');
      },
    ],
    ['rejected', () => Promise.reject(new Error('secret'))],
    ['an output that cannot be written', () => ({ QueueUrl: 1n })],
    ['the same, later', async () => ({ QueueUrl: 1n })],
  ])('of an unexpected failure (%s) is logged once and says nothing', async (_, operation) => {
    const { url, log } = await start({ GetQueueUrl: operation });
    const answer = await post(url, 'GetQueueUrl', '{"QueueName":"q"}');
    expect(answer.status).toBe(500);
    expect(answer.headers.get('x-amzn-query-error')).toBe('InternalFailure;Receiver');
    expect(await answer.text()).not.toContain('secret');
    expect(log.error).toHaveBeenCalledTimes(1);
    expect(log.error.mock.calls[0]?.[0]).toMatchObject({
      requestId: answer.headers.get('x-amzn-requestid'),
      operation: 'GetQueueUrl',
      err: expect.any(Error),
    });
  });

  it('of a large body comes in the protocol of the request, and after all of it', async () => {
    const { url } = await start({}, { limits: { bodyMaxBytes: 1000 } });
    const json = await post(url, 'SendMessage', 'x'.repeat(300_000));
    expect(json.status).toBe(413);
    expect(await json.json()).toMatchObject({ __type: 'com.amazon.coral.service#RequestEntityTooLarge' });
    const query = await fetch(url, { method: 'POST', body: new URLSearchParams({ a: 'x'.repeat(2000) }) });
    expect(query.status).toBe(413);
    expect(await query.text()).toContain('<Code>RequestEntityTooLarge</Code>');
  });

  it('of a body that is announced as far too large does not wait for it', async () => {
    const { listener } = await start({}, { limits: { bodyMaxBytes: 10, discardedMaxBytes: 100 } });
    const answer = await raw(listener.address.port, 'POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 101\r\n\r\n');
    expect(answer).toMatch(/^HTTP\/1.1 413 .*\r\n/);
    expect(answer).toContain('Connection: close');
  });

  it.each([
    ['garbage\r\n\r\n', 400],
    ['GET / HTTP/1.1\r\nHost: h\r\nContent-Length: x\r\n\r\n', 400],
    [`GET / HTTP/1.1\r\nHost: h\r\nX: ${'x'.repeat(40_000)}\r\n\r\n`, 431],
  ])('of bytes that are no request ends the connection (%#)', async (text, status) => {
    const { listener } = await start({});
    const answer = await raw(listener.address.port, text);
    expect(answer).toMatch(new RegExp(`^HTTP/1.1 ${status} `));
    expect(answer).toContain('</ErrorResponse>');
  });

  it('has no body for HEAD', async () => {
    const { url } = await start({});
    const answer = await fetch(url, { method: 'HEAD' });
    expect(answer.status).toBe(404);
    expect(answer.headers.get('x-amzn-requestid')).toBeTruthy();
  });
});

describe('a client that leaves', () => {
  it('is noticed while it waits, and not after it was answered', async () => {
    const gone = vi.fn();
    let waiting: CallContext | undefined;
    const { listener, url } = await start({
      ReceiveMessage: (_: unknown, context: CallContext) => {
        waiting = context;
        context.client.onGone(gone);
        return new Promise(() => {});
      },
      GetQueueUrl: (_: unknown, context: CallContext) => {
        context.client.onGone(gone);
        return { QueueUrl: 'x' };
      },
    });
    await (await post(url, 'GetQueueUrl', '{"QueueName":"q"}', { connection: 'close' })).text();
    const socket = connect(listener.address.port, '127.0.0.1');
    socket.write('GET /?Action=ReceiveMessage&QueueUrl=q HTTP/1.1\r\nHost: h\r\n\r\n');
    await vi.waitFor(() => expect(waiting).toBeDefined());
    expect(waiting?.client.gone).toBe(false);
    expect(gone).not.toHaveBeenCalled();
    socket.destroy();
    await vi.waitFor(() => expect(gone).toHaveBeenCalledTimes(1));
    expect(waiting?.client.gone).toBe(true);
    const late = vi.fn();
    waiting?.client.onGone(late);
    await vi.waitFor(() => expect(late).toHaveBeenCalledTimes(1));
  });
});

describe('closing', () => {
  it('lets a running request finish, and ends its connection', async () => {
    let finish: (output: object) => void = () => {};
    let isRunning: () => void = () => {};
    const running = new Promise<void>((resolve) => {
      isRunning = resolve;
    });
    const { listener, url } = await start({
      GetQueueUrl: () =>
        new Promise((resolve) => {
          finish = resolve;
          isRunning();
        }),
      DeleteQueue: () => undefined,
    });
    const agent = new Agent({ keepAlive: true });
    const answered = new Promise<string | undefined>((resolve, reject) => {
      const options = { method: 'GET', agent, path: '/?Action=GetQueueUrl&QueueName=q', port: listener.address.port };
      httpRequest({ host: '127.0.0.1', ...options }, (answer) => {
        answer.resume().on('end', () => resolve(answer.headers.connection));
      })
        .on('error', reject)
        .end();
    });
    const unused = connect(listener.address.port, '127.0.0.1');
    await once(unused, 'connect');
    // Connections are accepted in order: when a later one is answered, the server knows the unused one.
    await fetch(`${url}/?Action=DeleteQueue&QueueUrl=q`).then((answer) => answer.text());
    await running;
    const closed = listener.close();
    await once(unused, 'close');
    finish({ QueueUrl: 'x' });
    expect(await answered).toBe('close');
    await closed;
    await expect(fetch(url)).rejects.toThrow();
    agent.destroy();
    unused.destroy();
  });

  it('ends at once what another process began to read, and has no whole head', async () => {
    const { listener } = await start({});
    const adopted = new Duplex({ read() {}, write: (_chunk, _encoding, done) => done() });
    listener.adopt(adopted);
    adopted.push('GET / HTT');
    const ended = new Promise((resolve) => adopted.once('close', resolve));
    await listener.close();
    await ended;
  });

  it('ends with its answer what waits for a page', async () => {
    let answer: () => void = () => undefined;
    const asked = new Promise<void>((resolve) => {
      const admin: ListenerOptions['admin'] = (_request, response) => {
        answer = () => response.end('page');
        resolve();
        return true;
      };
      start({}, { admin, limits: { closeGraceMs: 3_600_000 } });
    });
    await vi.waitFor(() => expect(listener).toBeDefined());
    const agent = new Agent({ keepAlive: true });
    const answered = new Promise<string>((resolve, reject) => {
      const { port } = (listener as Listener).address;
      httpRequest({ host: '127.0.0.1', port, path: '/metrics', agent }, (page) => {
        page.setEncoding('utf8').once('data', resolve);
      })
        .on('error', reject)
        .end();
    });
    await asked;
    const closed = (listener as Listener).close();
    answer();
    expect(await answered).toBe('page');
    await closed;
    agent.destroy();
  });

  it('does not wait for ever', async () => {
    let isRunning: () => void = () => {};
    const running = new Promise<void>((resolve) => {
      isRunning = resolve;
    });
    const hang = () => {
      isRunning();
      return new Promise(() => {});
    };
    const { listener, url } = await start({ GetQueueUrl: hang }, { limits: { closeGraceMs: 50 } });
    const hanging = post(url, 'GetQueueUrl', '{"QueueName":"q"}');
    hanging.catch(() => {});
    await running;
    await listener.close();
    await listener.close();
    await expect(hanging).rejects.toThrow();
  });
});

describe('the listener', () => {
  it('reports every request', async () => {
    const metrics: RequestMetric[] = [];
    const { url } = await start({ DeleteQueue: () => undefined }, { onRequest: (metric) => metrics.push(metric) });
    await (await post(url, 'DeleteQueue', '{"QueueUrl":"q"}')).text();
    await (await post(url, 'DeleteQueue', '{}')).text();
    await (await fetch(url)).text();
    expect(metrics).toMatchObject([
      {
        service: 'sqs',
        operation: 'DeleteQueue',
        protocol: 'json',
        status: 200,
        errorCode: '',
        requestBytes: 16,
        answerBytes: 2,
      },
      { operation: 'DeleteQueue', status: 400, errorCode: 'MissingRequiredParameterException' },
      { service: '', operation: '', protocol: 'query', status: 404, errorCode: 'UnknownOperationException' },
    ]);
    expect(metrics[0]?.milliseconds).toBeGreaterThan(0);
  });

  it('lets the console answer first', async () => {
    const { url } = await start(
      {},
      {
        admin: (request, response) => {
          if (request.url !== '/console') return false;
          response.end('hello');
          return true;
        },
      },
    );
    expect(await (await fetch(`${url}/console`)).text()).toBe('hello');
    expect((await fetch(`${url}/other`)).status).toBe(404);
  });

  it('listens on IPv6, and says when it cannot listen', async () => {
    const { listener } = await start({ DeleteQueue: () => undefined }, { host: '::1' });
    expect(listener.url).toMatch(/^http:\/\/\[::1\]:\d+$/);
    expect((await fetch(`${listener.url}/?Action=DeleteQueue&QueueUrl=q`)).status).toBe(200);
    const options = { host: '::1', port: listener.address.port, services: [], log: { error: vi.fn() } };
    await expect(startListener(options)).rejects.toThrow(/EADDRINUSE/);
  });

  it('reads a body that comes in pieces', async () => {
    const { listener } = await start({
      GetQueueUrl: ({ QueueName }: { QueueName: string }) => ({ QueueUrl: QueueName }),
    });
    const name = '\u00e9'.repeat(5000);
    const body = Buffer.from(JSON.stringify({ QueueName: name }));
    const answer = await new Promise<string>((resolve, reject) => {
      const headers = { 'x-amz-target': 'AmazonSQS.GetQueueUrl' };
      const request = httpRequest(
        { host: '127.0.0.1', port: listener.address.port, method: 'POST', headers },
        (reply) => {
          let text = '';
          reply.setEncoding('utf8').on('data', (chunk) => {
            text += chunk;
          });
          reply.on('end', () => resolve(text));
        },
      );
      request.on('error', reject);
      // Cut within a character.
      request.write(body.subarray(0, 2001));
      setTimeout(() => request.end(body.subarray(2001)), 20);
    });
    expect(JSON.parse(answer)).toEqual({ QueueUrl: name });
  });
});
