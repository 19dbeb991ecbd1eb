/** TLS that ends in processes at the edge: `--threads` with a certificate. */
import { X509Certificate } from 'node:crypto';
import { once } from 'node:events';
import { Agent, type RequestOptions, request } from 'node:https';
import { connect as connectTcp } from 'node:net';
import { type ConnectionOptions, connect, type TLSSocket } from 'node:tls';
import { CreateAccessKeyCommand, CreateUserCommand, IAMClient, PutUserPolicyCommand } from '@aws-sdk/client-iam';
import { CreateQueueCommand, ReceiveMessageCommand, SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { describe, expect, it, vi } from 'vitest';
import { required } from '../../src/std/assert.ts';
import { Fixture } from '../crash/fixture.ts';
import type { ServerProcess } from '../crash/serverProcess.ts';
import { account, allow, type Key, outcome, policy, queueArn, region } from '../enforced/server.ts';
import {
  authority,
  replaceFile,
  rightClient,
  serverCredentials,
  strangeClient,
  writeServerFiles,
  wrongClient,
} from '../tls/authority.ts';
import { refusedInPlain } from '../tls/refusedInPlain.ts';
import { edgePidsOf } from './edgePids.ts';

const fixture = new Fixture();
const ca = authority.certificate;

interface Started {
  readonly server: ServerProcess;
  readonly endpoint: string;
  readonly port: number;
}

/** Two processes at the edge, both of which take connections. */
async function start(args: readonly string[] = [], env: Record<string, string> = {}): Promise<Started> {
  const { cert, key } = await writeServerFiles(fixture.root, serverCredentials());
  const all = ['--threads', '3', '--tls-cert', cert, '--tls-key', key, ...args];
  const server = fixture.start(all, { env });
  const endpoint = await server.endpoint();
  return { server, endpoint, port: Number(new URL(endpoint).port) };
}

async function ready({ endpoint }: Started, headers: Record<string, string> = {}): Promise<void> {
  for (;;) {
    const { text } = await ask(endpoint, '/metrics', { headers });
    if (text.includes('posthorn_edge_processes 2')) return;
  }
}

async function startReady(): Promise<Started> {
  const started = await start();
  await ready(started);
  return started;
}

interface Answer {
  readonly status: number | undefined;
  readonly text: string;
}

/** Over a connection of its own. */
function ask(endpoint: string, path: string, { body, ...options }: RequestOptions & { body?: string } = {}) {
  return new Promise<Answer>((resolve, reject) => {
    const sent = request(`${endpoint}${path}`, { ca, agent: false, ...options }, async (response) => {
      let text = '';
      for await (const chunk of response) text += String(chunk);
      resolve({ status: response.statusCode, text });
    });
    sent.on('error', reject).end(body);
  });
}

function callJson(endpoint: string, operation: string, input: object, options: RequestOptions = {}): Promise<Answer> {
  const headers = { 'content-type': 'application/x-amz-json-1.0', 'x-amz-target': `AmazonSQS.${operation}` };
  const body = JSON.stringify(input);
  const length = { 'content-length': String(body.length) };
  return ask(endpoint, '/', { method: 'POST', body, ...options, headers: { ...headers, ...length } });
}

async function secured(port: number, options: ConnectionOptions = {}): Promise<TLSSocket> {
  const socket = connect({ host: '127.0.0.1', port, ca, ...options });
  await once(socket, 'secureConnect');
  return socket.on('error', () => undefined);
}

/** The fingerprint of the certificate that takes the place of the server's. */
async function renew(): Promise<string> {
  const renewed = serverCredentials();
  await writeServerFiles(fixture.root, renewed);
  return new X509Certificate(renewed.certificate).fingerprint256;
}

/** The certificates of four connections that are open together, and so in both processes. */
async function servedAtOnce(port: number): Promise<string[]> {
  const sockets = await Promise.all([1, 2, 3, 4].map(() => secured(port)));
  const served = sockets.map((socket) => socket.getPeerCertificate().fingerprint256);
  for (const socket of sockets) socket.destroy();
  return [...new Set(served)];
}

const showing = ({ certificate, privateKey }: typeof rightClient) => ({ cert: certificate, key: privateKey });

describe.skipIf(process.platform === 'win32')('processes at the edge, over TLS', () => {
  it('answer what they answer, and pass on all else', async () => {
    const { endpoint } = await startReady();
    const httpsAgent = new Agent({ ca, keepAlive: true });
    const credentials = { accessKeyId: 'a', secretAccessKey: 'b' };
    const sqs = new SQSClient({ endpoint, region, credentials, requestHandler: { httpsAgent } });
    const { QueueUrl } = await sqs.send(new CreateQueueCommand({ QueueName: 'orders' }));
    expect(QueueUrl).toBe(`${endpoint}/${account}/orders`);
    for (const MessageBody of ['hello', 'x'.repeat(1_000_000)]) {
      await sqs.send(new SendMessageCommand({ QueueUrl, MessageBody }));
    }
    const { Messages = [] } = await sqs.send(new ReceiveMessageCommand({ QueueUrl, MaxNumberOfMessages: 10 }));
    expect(Messages.map(({ Body = '' }) => Body.length)).toEqual([5, 1_000_000]);
    httpsAgent.destroy();
    // By Node's HTTP in the first process: pages, the Query protocol, and chunks.
    expect(await ask(endpoint, '/_posthorn/health')).toMatchObject({
      status: 200,
      text: expect.stringContaining('"ready":true'),
    });
    const listed = await ask(endpoint, '/?Action=ListQueues', { headers: { 'transfer-encoding': 'chunked' } });
    expect(listed.text).toContain(`<QueueUrl>${endpoint}/${account}/orders</QueueUrl>`);
    // Counted where they were answered.
    const counted = 'posthorn_requests_total{service="sqs",operation="SendMessage",status="200",code=""} 2';
    await vi.waitFor(async () => expect((await ask(endpoint, '/metrics')).text).toContain(counted), 10_000);
  });

  it('tell plain HTTP in plain text that it is wrong here', async () => {
    const { port } = await startReady();
    const answer = await refusedInPlain(port);
    expect(answer).toMatch(/^HTTP\/1\.1 400 Bad Request\r\nConnection: close\r\n/);
    expect(answer).toMatch(/<Message>This port speaks TLS only: use https\.<\/Message>/);
  });

  it('serve a renewed certificate, all of them, while open connections go on', async () => {
    const started = await startReady();
    const open = await secured(started.port);
    const fingerprint = await renew();
    await vi.waitFor(async () => expect(await servedAtOnce(started.port)).toEqual([fingerprint]), 10_000);
    open.write('POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 0\r\n\r\n');
    expect(String((await once(open, 'data'))[0])).toContain('<Code>MissingAction</Code>');
    open.destroy();
  });

  it('serve the renewed certificate also where they are started later', async () => {
    const started = await startReady();
    const { server, port } = started;
    const fingerprint = await renew();
    await vi.waitFor(async () => expect(await servedAtOnce(port)).toEqual([fingerprint]), 10_000);
    const before = edgePidsOf(server.pid);
    for (const pid of before) process.kill(pid, 'SIGKILL');
    while (edgePidsOf(server.pid).filter((pid) => !before.includes(pid)).length < 2);
    await ready(started);
    expect(await servedAtOnce(port)).toEqual([fingerprint]);
  });

  it.each(['TLSv1.2', 'TLSv1.3'] as const)('resume the sessions of each other (%s)', async (maxVersion) => {
    const { port } = await startReady();
    const first = connect({ host: '127.0.0.1', port, ca, maxVersion });
    first.resume();
    const [session] = (await once(first, 'session')) as [Buffer];
    // The other process has fewer connections.
    const second = await secured(port, { maxVersion, session });
    expect(second.isSessionReused()).toBe(true);
    first.destroy();
    second.destroy();
  });

  it('do not keep the server from stopping, whatever their connections are at', async () => {
    const { server, port } = await startReady();
    const silent = [connectTcp(port, '127.0.0.1'), connectTcp(port, '127.0.0.1')];
    await Promise.all(silent.map((socket) => once(socket.resume(), 'connect')));
    const idle = [1, 2].map(() => connect({ host: '127.0.0.1', port, ca }).resume());
    // A server that stops with a message unread resets the connection; one that has sent a session has read all of them.
    await Promise.all(idle.map((socket) => once(socket, 'session')));
    const gone = [...silent, ...idle].map((socket) => once(socket, 'close'));
    server.signal('SIGTERM');
    expect(await server.ended).toEqual({ code: 0, signal: null });
    await Promise.all(gone);
    expect(server.errors).toBe('');
  });

  it('know clients by their certificates', async () => {
    const root: Key = {
      accessKeyId: 'AKIAROOTROOTROOTROOT',
      secretAccessKey: 'a-secret-of-the-root-that-is-long-enough',
    };
    const clientCa = await replaceFile(fixture.root, 'clients.pem', ca);
    const started = await start(
      [
        ...['--auth', 'enforce', '--root-access-key-id', root.accessKeyId],
        ...['--tls-client-ca', clientCa, '--tls-client-certificates', 'optional'],
        ...['--tls-client-principals', `orders=arn:aws:iam::${account}:user/orders`],
      ],
      { POSTHORN_ROOT_SECRET_ACCESS_KEY: root.secretAccessKey },
    );
    const password = Buffer.from(`${root.accessKeyId}:${root.secretAccessKey}`).toString('base64');
    await ready(started, { authorization: `Basic ${password}` });
    const { endpoint } = started;
    const httpsAgent = new Agent({ ca });
    const of = (credentials: Key) => ({ endpoint, region, credentials, requestHandler: { httpsAgent } });
    const iam = new IAMClient(of(root));
    const { QueueUrl = '' } = await new SQSClient(of(root)).send(new CreateQueueCommand({ QueueName: 'orders' }));
    await iam.send(new CreateUserCommand({ UserName: 'orders' }));
    const secure = { Condition: { Bool: { 'aws:SecureTransport': 'true' } } };
    const PolicyDocument = policy(allow('sqs:SendMessage', queueArn('orders'), secure));
    await iam.send(new PutUserPolicyCommand({ UserName: 'orders', PolicyName: 'own', PolicyDocument }));
    const { AccessKey } = await iam.send(new CreateAccessKeyCommand({ UserName: 'orders' }));
    const { AccessKeyId: accessKeyId = '', SecretAccessKey: secretAccessKey = '' } = required(AccessKey, 'a key');
    const signed = new SQSClient(of({ accessKeyId, secretAccessKey }));
    expect(await outcome(signed.send(new SendMessageCommand({ QueueUrl, MessageBody: 'signed' })))).toBe('done');
    const query = `/${account}/orders?Action=SendMessage&MessageBody=hello`;
    const waysIn = [
      (options: RequestOptions) => ask(endpoint, query, options),
      (options: RequestOptions) => callJson(endpoint, 'SendMessage', { QueueUrl, MessageBody: 'json' }, options),
    ];
    for (const send of waysIn) {
      expect(await send(showing(rightClient))).toMatchObject({
        status: 200,
        text: expect.stringContaining('MessageId'),
      });
      for (const options of [showing(strangeClient), {}]) {
        expect(await send(options)).toMatchObject({
          status: 403,
          text: expect.stringContaining('MissingAuthentication'),
        });
      }
      await expect(send(showing(wrongClient))).rejects.toThrow(/ECONNRESET|socket hang up/);
    }
    const purge = await callJson(endpoint, 'PurgeQueue', { QueueUrl }, showing(rightClient));
    expect(purge).toMatchObject({ status: 403, text: expect.stringContaining('user/orders is not authorized') });
    httpsAgent.destroy();
  });
});
