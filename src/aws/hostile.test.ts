/** Each limit of the edge, and each form of a request that is not taken, over a real socket. */
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { afterEach, describe, expect, it, vi } from 'vitest';
import type { CallContext } from './contract.ts';
import { sqs } from './generated/sqs.ts';
import { type Listener, type ListenerOptions, type RequestMetric, startListener } from './index.ts';
import { edgeLimits } from './limits.ts';

let listener: Listener | undefined;
const log = { error: vi.fn() };
const metrics: RequestMetric[] = [];
const called = vi.fn();
let now = 0;

afterEach(async () => {
  await listener?.close();
  listener = undefined;
  log.error.mockClear();
  called.mockClear();
  metrics.length = 0;
  now = 0;
});

async function start(limits: ListenerOptions['limits'] = {}, more: Partial<ListenerOptions> = {}) {
  const operations = {
    DeleteQueue: () => called(),
    ReceiveMessage: (_: never, context: CallContext) => {
      called(context);
      return new Promise(() => undefined);
    },
  };
  listener = await startListener({
    ...{ host: '127.0.0.1', port: 0, services: [{ contract: sqs, operations }], limits, log },
    onRequest: (metric) => metrics.push(metric),
    clock: () => now,
    ...more,
  });
  return listener;
}

function open(): Socket {
  return connect(listener?.address.port ?? 0, '127.0.0.1').on('error', () => undefined);
}

/** Everything that the server says until the connection ends. */
async function rest(socket: Socket): Promise<string> {
  let answer = '';
  socket.setEncoding('latin1').on('data', (chunk) => {
    answer += chunk;
  });
  await once(socket, 'close');
  return answer;
}

function raw(text: string): Promise<string> {
  const socket = open();
  socket.write(text, 'latin1');
  return rest(socket);
}

const path = '/?Action=DeleteQueue&QueueUrl=q';
const head = (more: string, version = '1.1') =>
  `POST ${path} HTTP/${version}\r\nHost: h\r\nConnection: close\r\n${more}\r\n`;
const target = 'X-Amz-Target: AmazonSQS.DeleteQueue\r\nContent-Type: application/x-amz-json-1.0\r\n';

/** Throws unless this is one answer with this status, an error that SDKs can read. */
function expectRefusal(answer: string, status: number, code?: string): void {
  expect(answer).toMatch(new RegExp(`^HTTP/1\\.1 ${status} `));
  expect(answer.match(/HTTP\/1\.1 \d/g)).toHaveLength(1);
  expect(answer).toMatch(/^x-amzn-requestid: [0-9a-f-]{36}\r$/im);
  expect(answer).toMatch(code === undefined ? /<Code>\w+<\/Code>|#\w+"/ : new RegExp(`<Code>${code}</Code>|#${code}"`));
  expect(called).not.toHaveBeenCalled();
}

describe('requests that could mean two things', () => {
  it.each([
    ['a length and chunks', `${head('Content-Length: 3\r\nTransfer-Encoding: chunked\r\n')}0\r\n\r\n`],
    ['chunks and a length', `${head('Transfer-Encoding: chunked\r\nContent-Length: 3\r\n')}0\r\n\r\n`],
    ['two lengths', `${head('Content-Length: 3\r\nContent-Length: 3\r\n')}abc`],
    ['a list of lengths', `${head('Content-Length: 3, 3\r\n')}abc`],
    ['a length with a sign', `${head('Content-Length: +3\r\n')}abc`],
    ['a negative length', head('Content-Length: -1\r\n')],
    ['a length beyond numbers', head('Content-Length: 99999999999999999999999\r\n')],
    ['a hexadecimal length', `${head('Content-Length: 0x3\r\n')}abc`],
    ['two transfer encodings', `${head('Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n')}0\r\n\r\n`],
    ['chunks that are not last', `${head('Transfer-Encoding: chunked, identity\r\n')}0\r\n\r\n`],
    ['nearly chunks', `${head('Transfer-Encoding: xchunked\r\n')}0\r\n\r\n`],
    ['a folded header', head('X: a\r\n b\r\n')],
    ['a folded transfer encoding', `${head('Transfer-Encoding:\r\n chunked\r\n')}0\r\n\r\n`],
    ['a folded length', `${head('Content-Length: 1\r\n 0\r\n')}0123456789`],
    ['a space before a colon', `${head('Content-Length : 3\r\n')}abc`],
    ['a header without a name', head(': 3\r\n')],
    ['a bare carriage return', head('X: a\rb\r\n')],
    ['a zero byte', head('X: a\0b\r\n')],
    ['bare line feeds', 'GET / HTTP/1.1\nHost: h\n\n'],
    ['a chunk of no size', `${head('Transfer-Encoding: chunked\r\n')}zz\r\n\r\n`],
    ['a chunk of a size with 0x', `${head('Transfer-Encoding: chunked\r\n')}0x3\r\nabc\r\n0\r\n\r\n`],
    ['a chunk beyond numbers', `${head('Transfer-Encoding: chunked\r\n')}fffffffffffffffff\r\nabc\r\n`],
    ['chunks with bare line feeds', `${head('Transfer-Encoding: chunked\r\n')}3\nabc\n0\n\n`],
    ['a chunk longer than it says', `${head('Transfer-Encoding: chunked\r\n')}3\r\nabcXX0\r\n\r\n`],
    [
      'a long chunk extension',
      `${head('Transfer-Encoding: chunked\r\n')}3;a=${'b'.repeat(20_000)}\r\nabc\r\n0\r\n\r\n`,
    ],
    ['the beginning of HTTP/2', 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'],
    ['no host', `GET ${path} HTTP/1.1\r\nConnection: close\r\n\r\n`],
    ['two hosts', head('Host: g\r\n')],
    ['two signatures', head('Authorization: a\r\nAUTHORIZATION: a\r\n')],
    ['two targets', head(`${target}X-Amz-Target: AmazonSQS.ListQueues\r\n`)],
    ['two dates', head('X-Amz-Date: 20260101T000000Z\r\nX-Amz-Date: 20260101T000001Z\r\n')],
    ['two tokens', head('X-Amz-Security-Token: a\r\nX-Amz-Security-Token: b\r\n')],
    ['two content types', head('Content-Type: text/plain\r\nContent-Type: application/x-amz-json-1.0\r\n')],
    ['an absolute URL', `GET http://other${path} HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n`],
    ['a path without a slash', 'OPTIONS * HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n'],
  ])('are refused: %s', async (_, text) => {
    await start();
    expectRefusal(await raw(text), 400);
  });

  it.each([
    ['compression below chunks', `${head('Transfer-Encoding: gzip, chunked\r\n')}0\r\n\r\n`],
    ['chunks of HTTP/1.0', `${head('Transfer-Encoding: chunked\r\n', '1.0')}0\r\n\r\n`],
  ])('are not implemented: %s', async (_, text) => {
    await start();
    expectRefusal(await raw(text), 501, 'NotImplemented');
  });

  it.each([
    ['HTTP/2.0 in one line', head('', '2.0')],
    ['no version', head('').replace(' HTTP/1.1', '')],
  ])('are of no version that is spoken: %s', async (_, text) => {
    await start();
    expectRefusal(await raw(text), 505, 'HTTPVersionNotSupported');
  });

  it('do not run what stands behind them', async () => {
    await start();
    const smuggled = `GET ${path} HTTP/1.1\r\nHost: h\r\n\r\n`;
    const front = head(`Content-Length: ${5 + smuggled.length}\r\nTransfer-Encoding: chunked\r\n`).replace(
      'close',
      'keep-alive',
    );
    expectRefusal(await raw(`${front}0\r\n\r\n${smuggled}`), 400);
  });

  it('get no answer that could be taken for that of the request before', async () => {
    await start();
    const waiting = 'GET /?Action=ReceiveMessage&QueueUrl=q HTTP/1.1\r\nHost: h\r\n\r\n';
    expect(await raw(`${waiting}garbage\r\n\r\n`)).toBe('');
    expect(called).toHaveBeenCalledTimes(1);
  });

  it('are no more than that: honest forms of the same are taken', async () => {
    await start();
    const answers = [
      await raw(`${head('Transfer-Encoding: chunked\r\n')}3;name=value\r\nabc\r\n0\r\nTrailer: x\r\n\r\n`),
      await raw(head('Via: a\r\nVia: b\r\nCookie: a\r\nCookie: b\r\nX-Forwarded-For: a\r\nX-Forwarded-For: b\r\n')),
      await raw(`GET ${path} HTTP/1.0\r\n\r\n`),
      await raw(head('Content-Encoding: identity\r\nContent-Length: 0\r\n')),
      await raw(head('Connection: Upgrade\r\nUpgrade: h2c\r\n').replace('close', 'close, Upgrade')),
      await raw(`${head('Expect: 100-continue\r\nContent-Length: 1\r\n')}a`),
    ];
    expect(answers.map((answer) => /HTTP\/1\.1 200/.test(answer))).toEqual(answers.map(() => true));
    expect(called).toHaveBeenCalledTimes(answers.length);
  });

  it.each([
    ['a tunnel', 'CONNECT a:1 HTTP/1.1\r\nHost: h\r\n\r\n', ''],
    ['an unknown expectation', head('Expect: a miracle\r\n'), 'HTTP/1.1 417'],
  ])('and what HTTP has for others is refused by Node: %s', async (_, text, answer) => {
    await start();
    expect((await raw(text)).slice(0, 12)).toBe(answer);
    expect(called).not.toHaveBeenCalled();
  });
});

describe('limits of a request', () => {
  it('headers: their number, none of them forgotten', async () => {
    await start();
    const filled = (count: number) => head(Array.from({ length: count - 2 }, (_, i) => `X-${i}: 1\r\n`).join(''));
    expectRefusal(await raw(filled(edgeLimits.headersMax + 1)), 431, 'RequestHeaderFieldsTooLarge');
    // Later versions of Node refuse so many themselves, as they do a head that is too large.
    expectRefusal(await raw(filled(edgeLimits.headersMax * 20)), 431);
    expect(await raw(filled(edgeLimits.headersMax))).toMatch(/^HTTP\/1\.1 200/);
  });

  it('headers: their size', async () => {
    await start();
    expectRefusal(await raw(head(`X: ${'x'.repeat(edgeLimits.headersMaxBytes)}\r\n`)), 431);
    expectRefusal(await raw(head(`${'x'.repeat(edgeLimits.headersMaxBytes)}: x\r\n`)), 431);
    expect(await raw(head(`X: ${'x'.repeat(edgeLimits.headersMaxBytes - 1000)}\r\n`))).toMatch(/^HTTP\/1\.1 200/);
  });

  it('the path with the query', async () => {
    await start();
    const of = (length: number) => `GET ${path.padEnd(length, '&a')} HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n`;
    expectRefusal(await raw(of(edgeLimits.urlMaxBytes + 1)), 414, 'RequestURITooLong');
    expectRefusal(await raw(of(edgeLimits.headersMaxBytes * 2)), 431);
    expect(await raw(of(edgeLimits.urlMaxBytes))).toMatch(/^HTTP\/1\.1 200/);
  });

  it.each(['gzip', 'br', 'deflate', 'aws-chunked', 'gzip, identity'])('compression: %s', async (encoding) => {
    await start();
    const text = head(`${target}Content-Encoding: ${encoding}\r\nContent-Length: 3\r\n`);
    expectRefusal(await raw(`${text}abc`), 415, 'UnsupportedMediaType');
    expect(metrics).toMatchObject([{ status: 415, requestBytes: 3, service: 'sqs', protocol: 'json' }]);
  });

  it('a refused body is read to its end, and the connection goes on', async () => {
    await start();
    const socket = open();
    const body = 'x'.repeat(100_000);
    socket.write(
      head(`Content-Encoding: gzip\r\nContent-Length: ${body.length}\r\n`).replace('close', 'keep-alive') + body,
    );
    socket.write(`GET ${path} HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n`);
    expect((await rest(socket)).match(/HTTP\/1\.1 \d+/g)).toEqual(['HTTP/1.1 415', 'HTTP/1.1 200']);
  });

  it('a refused body has its limit, too', async () => {
    await start({ discardedMaxBytes: 1000 });
    expectRefusal(
      await raw(head('Content-Encoding: gzip\r\nContent-Length: 1001\r\n').replace('close', 'keep-alive')),
      415,
    );
    const endless = open();
    endless.write(head('Content-Encoding: gzip\r\nTransfer-Encoding: chunked\r\n'));
    endless.write(`${(2000).toString(16)}\r\n${'x'.repeat(2000)}\r\n`);
    expect(await rest(endless)).toBe('');
  });

  it('parameters of the Query protocol: their number and their depth', async () => {
    await start();
    const form = (body: string) =>
      raw(`POST / HTTP/1.1\r\nHost: h\r\nConnection: close\r\nContent-Length: ${body.length}\r\n\r\n${body}`);
    const many = Array.from({ length: edgeLimits.parametersMax }, (_, i) => `&p${i}=1`).join('');
    expectRefusal(await form(`Action=DeleteQueue&QueueUrl=q${many}`), 400, 'MalformedInput');
    expectRefusal(
      await form(`Action=DeleteQueue&QueueUrl=q&a${'.1'.repeat(edgeLimits.parameterDepthMax)}=1`),
      400,
      'MalformedInput',
    );
  });

  it('JSON: its depth, and the number of its values', async () => {
    await start();
    const send = (body: string) =>
      raw(`${head(`${target}Content-Length: ${body.length}\r\n`).replace(path, '/')}${body}`);
    const deep = '['.repeat(edgeLimits.jsonDepthMax) + ']'.repeat(edgeLimits.jsonDepthMax);
    expectRefusal(await send(`{"QueueUrl":"q","Deep":${deep}}`), 400, 'SerializationException');
    expectRefusal(
      await send(`{"QueueUrl":"q","Many":[${'{},'.repeat(edgeLimits.jsonValuesMax)}{}]}`),
      400,
      'SerializationException',
    );
    expectRefusal(await send('['.repeat(edgeLimits.bodyMaxBytes)), 400, 'SerializationException');
    expect(await send(`{"QueueUrl":"q","Deep":${deep.slice(1, -1)}}`)).toMatch(/^HTTP\/1\.1 200/);
  });

  it('XML is never parsed: a body of it is an unknown operation', async () => {
    await start();
    const xml = '<?xml version="1.0"?><!DOCTYPE a [<!ENTITY b SYSTEM "file:///etc/passwd">]><a>&b;</a>';
    const answer = await raw(
      `POST / HTTP/1.1\r\nHost: h\r\nConnection: close\r\nContent-Type: text/xml\r\nContent-Length: ${xml.length}\r\n\r\n${xml}`,
    );
    expect(answer).toMatch(/^HTTP\/1\.1 404/);
    expect(answer).not.toContain('root');
  });
});

describe('limits of slow clients', () => {
  it('headers that come one byte after the other', async () => {
    await start({ headersTimeoutMs: 100 });
    const socket = open();
    const drip = setInterval(() => socket.write('X'), 20);
    socket.write('GET / HTTP/1.1\r\nHost: h\r\nX-');
    expectRefusal(await rest(socket), 408);
    clearInterval(drip);
  });

  it('a body that comes one byte after the other', async () => {
    await start({ headersTimeoutMs: 100, requestTimeoutMs: 200 });
    const socket = open();
    const drip = setInterval(() => socket.write('x'), 20);
    socket.write(head('Content-Length: 100000\r\n'));
    expectRefusal(await rest(socket), 408);
    clearInterval(drip);
  });

  it('chunks that come one byte after the other', async () => {
    await start({ headersTimeoutMs: 100, requestTimeoutMs: 200 });
    const socket = open();
    const drip = setInterval(() => socket.write('1\r\nx\r\n'), 20);
    socket.write(head('Transfer-Encoding: chunked\r\n'));
    expectRefusal(await rest(socket), 408);
    clearInterval(drip);
  });

  it('a connection that never asks', async () => {
    await start({ headersTimeoutMs: 100 });
    expectRefusal(await rest(open()), 408);
  });

  it('a connection that asks no more', async () => {
    await start({ keepAliveMs: 50 });
    const socket = open();
    socket.write(`GET ${path} HTTP/1.1\r\nHost: h\r\n\r\n`);
    expect(await rest(socket)).toMatch(/^HTTP\/1\.1 200/);
  });

  it('a connection on which nothing moves', async () => {
    await start({ idleTimeoutMs: 100 });
    const socket = open();
    socket.write('GET /?Action=ReceiveMessage&QueueUrl=q HTTP/1.1\r\nHost: h\r\n\r\n');
    expect(await rest(socket)).toBe('');
    expect(called).toHaveBeenCalledTimes(1);
  });
});

describe('limits of the many', () => {
  /** Opens a connection and proves that it is served. */
  async function served(): Promise<Socket> {
    const socket = open();
    socket.write(`GET ${path} HTTP/1.1\r\nHost: h\r\n\r\n`);
    const ended = once(socket, 'close').then(() => Promise.reject(new Error('The connection was ended')));
    await Promise.race([once(socket, 'data'), ended]);
    ended.catch(() => undefined);
    return socket;
  }

  it.each([
    ['in total', { connectionsMax: 2 }, 'total'],
    ['of one address', { connectionsPerAddressMax: 2 }, 'perAddress'],
  ])('connections %s', async (_, limits, limit) => {
    await start(limits);
    const sockets = [await served(), await served()];
    expect(await rest(open())).toBe('');
    expect(await rest(open())).toBe('');
    expect(log.error).toHaveBeenCalledTimes(1);
    expect(log.error.mock.calls[0]?.[0]).toEqual({ connections: 1, limit, address: '127.0.0.1' });
    now += 60_000;
    expect(await rest(open())).toBe('');
    expect(log.error.mock.calls[1]?.[0]).toMatchObject({ connections: 2 });
    // A place is free again once its connection has gone.
    sockets[0]?.destroy();
    await vi.waitFor(async () => sockets.push(await served()));
    for (const socket of sockets) socket.destroy();
  });

  it('requests of one address, in the form of their protocol', async () => {
    await start({}, { requestRates: { perAddress: 2 } });
    const json = `${head(`${target}Content-Length: 16\r\n`).replace(path, '/')}{"QueueUrl":"q"}`;
    expect(await raw(json)).toMatch(/^HTTP\/1\.1 200/);
    expect(await raw(json)).toMatch(/^HTTP\/1\.1 200/);
    called.mockClear();
    const refused = await raw(json);
    expectRefusal(refused, 400, 'ThrottlingException');
    expect(refused).toMatch(/x-amzn-query-error: Throttling;Sender\r/);
    expectRefusal(await raw(head('')), 400, 'Throttling');
    now += 500;
    expect(await raw(json)).toMatch(/^HTTP\/1\.1 200/);
    expect(metrics.map(({ errorCode }) => errorCode)).toEqual([
      '',
      '',
      'ThrottlingException',
      'ThrottlingException',
      '',
    ]);
  });

  it('requests of one access key, and of no other', async () => {
    await start({}, { requestRates: { perAccessKey: 1 } });
    const by = (key: string) =>
      raw(
        head(`Authorization: AWS4-HMAC-SHA256 Credential=${key}/20260101/us-east-1/sqs/aws4_request, Signature=0\r\n`),
      );
    expect(await by('AKIAONE')).toMatch(/^HTTP\/1\.1 200/);
    called.mockClear();
    expectRefusal(await by('AKIAONE'), 400, 'Throttling');
    expect(await by('AKIATWO')).toMatch(/^HTTP\/1\.1 200/);
    now += 1000;
    expect(await by('AKIAONE')).toMatch(/^HTTP\/1\.1 200/);
  });

  it('bodies that are held at one time', async () => {
    await start({ heldBodiesMaxBytes: 300_000, bodyMaxBytes: 200_000 });
    const holding = open();
    holding.write(head('Expect: 100-continue\r\nContent-Length: 200000\r\n'));
    // The server says that it waits for the body; so it has counted it.
    await once(holding, 'data');
    const large = `${head('Content-Length: 150000\r\n')}${'x'.repeat(150_000)}`;
    expectRefusal(await raw(large), 503, 'ServiceUnavailable');
    expectRefusal(await raw(`${head('Transfer-Encoding: chunked\r\n')}1\r\nx\r\n0\r\n\r\n`), 503, 'ServiceUnavailable');
    // Small ones, and those that are thrown away anyway, are not counted.
    expect(await raw(head('Content-Length: 0\r\n'))).toMatch(/^HTTP\/1\.1 200/);
    expect(await raw(`${head('Content-Length: 200001\r\n')}${'x'.repeat(200_001)}`)).toMatch(/^HTTP\/1\.1 413/);
    holding.destroy();
    await vi.waitFor(async () => expect(await raw(large)).not.toMatch(/^HTTP\/1\.1 503/));
  });
});
