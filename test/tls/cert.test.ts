/** `posthorn cert`, and a server with what it makes, used by a real client. */
import { execFile } from 'node:child_process';
import { X509Certificate } from 'node:crypto';
import { mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { CreateQueueCommand, ReceiveMessageCommand, SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { runCommandLine } from '../../src/cli/commandLine.ts';
import { type PosthornOptions, type PosthornServer, startPosthorn } from '../../src/server.ts';
import { fakeIo } from '../cli/fakeIo.ts';

let home = '';
beforeAll(async () => {
  home = await mkdtemp(join(tmpdir(), 'posthorn-cert-'));
});
afterAll(() => rm(home, { recursive: true }));

async function run(...argv: string[]) {
  const { io, state } = fakeIo();
  const exitCode = await runCommandLine({
    ...{ argv: ['cert', ...argv], env: {}, io: { ...io, wallClock: () => Date.now() } },
    readFile: async () => '',
    readVersion: () => '',
    loadServer: () => Promise.reject(new Error('cert needs no server')),
  });
  return { exitCode, printed: state.printed, errors: state.errors };
}

const read = (folder: string, name: string) => readFile(join(folder, name), 'utf8');
const certificateIn = async (folder: string, name: string) => new X509Certificate(await read(folder, name));

describe('posthorn cert', () => {
  it('makes an authority and a server that it vouches for', async () => {
    const folder = join(home, 'new', 'certs');
    const { exitCode, printed } = await run(
      'queues.example.com',
      '192.0.2.7',
      '2001:db8::7',
      '--out',
      folder,
      '--days',
      '30',
    );
    expect(exitCode).toBe(0);
    expect((await readdir(folder)).sort()).toEqual(['ca-key.pem', 'ca.pem', 'server-key.pem', 'server.pem']);
    const ca = await certificateIn(folder, 'ca.pem');
    const server = await certificateIn(folder, 'server.pem');
    expect(server.checkIssued(ca)).toBe(true);
    expect(server.verify(ca.publicKey)).toBe(true);
    expect([ca.ca, server.ca]).toEqual([true, false]);
    for (const host of ['queues.example.com', 'localhost']) expect(server.checkHost(host)).toBe(host);
    for (const ip of ['192.0.2.7', '127.0.0.1', '::1', '2001:db8::7']) expect(server.checkIP(ip)).toBe(ip);
    expect(server.checkHost('example.com')).toBeUndefined();
    expect(server.checkIP('192.0.2.8')).toBeUndefined();
    const days = (Date.parse(server.validTo) - Date.now()) / (24 * 60 * 60 * 1000);
    expect(Math.round(days)).toBe(30);
    expect(printed).toContain(`--tls-cert ${join(folder, 'server.pem')} --tls-key ${join(folder, 'server-key.pem')}`);
    expect(printed).toContain(`NODE_EXTRA_CA_CERTS=${join(folder, 'ca.pem')}`);
    expect(printed).toContain(`AWS_CA_BUNDLE=${join(folder, 'ca.pem')}`);
  });

  it('keeps keys from others', async () => {
    const folder = join(home, 'modes');
    await run('--out', folder, '--client', 'orders');
    const modes = await Promise.all(
      ['.', 'ca-key.pem', 'server-key.pem', 'client-orders-key.pem', 'ca.pem'].map(async (name) => {
        return ((await stat(join(folder, name))).mode & 0o777).toString(8);
      }),
    );
    expect(modes).toEqual(['700', '600', '600', '600', '644']);
  });

  it('never overwrites', async () => {
    const folder = join(home, 'once');
    await run('--out', folder);
    const before = await read(folder, 'ca.pem');
    const again = await run('--out', folder);
    expect(again.exitCode).toBe(2);
    expect(again.errors).toContain(`${join(folder, 'ca.pem')} is there already, and is not overwritten.`);
    expect(await read(folder, 'ca.pem')).toBe(before);
    const partly = await mkdtemp(join(home, 'partly-'));
    await writeFile(join(partly, 'server-key.pem'), 'mine');
    expect((await run('--out', partly)).exitCode).toBe(2);
    expect(await readdir(partly)).toEqual(['server-key.pem']);
  });

  it.each([
    [['not/a/host'], '"not/a/host" is no host name'],
    [['--days', '0'], '--days is "0", but must be a whole number'],
    [['--client', '../x'], '--client is "../x", but must be'],
    [['--client', '..'], '--client is "..", but must be'],
    [['--hots', 'x'], '--hots is not a flag of posthorn cert'],
  ])('refuses %s', async (argv, text) => {
    const folder = join(home, 'refused');
    const { exitCode, errors } = await run('--out', folder, ...argv);
    expect({ exitCode, errors }).toEqual({ exitCode: 2, errors: expect.stringContaining(text) });
    await expect(stat(folder)).rejects.toThrow(/ENOENT/);
  });

  it('explains itself', async () => {
    const { exitCode, printed } = await run('--help');
    expect(exitCode).toBe(0);
    expect(printed).toContain('Usage: posthorn cert [host ...] [flags]');
  });
});

describe('a server with these certificates', () => {
  const credentials = { accessKeyId: '123456789012', secretAccessKey: 'secret' };

  async function withServer(options: PosthornOptions, use: (server: PosthornServer) => Promise<void>): Promise<void> {
    const server = await startPosthorn({ ...{ port: 0, memory: true }, ...options });
    try {
      await use(server);
    } finally {
      await server.close();
    }
  }

  async function certificates(...argv: string[]) {
    const folder = await mkdtemp(join(home, 'server-'));
    expect((await run('--out', folder, ...argv)).exitCode).toBe(0);
    const tls = { tlsCert: join(folder, 'server.pem'), tlsKey: join(folder, 'server-key.pem') };
    return { folder, tls, ca: await read(folder, 'ca.pem') };
  }

  /** The endpoint of the client and not that of the queue's URL, which the Host header makes. */
  function sqs(endpoint: string, httpsAgent: object): SQSClient {
    const region = 'eu-west-1';
    return new SQSClient({
      ...{
        endpoint,
        region,
        credentials,
        maxAttempts: 1,
        requestHandler: { httpsAgent },
      },
    });
  }

  it('serves an SDK that trusts the authority, and no other', async () => {
    const { tls, ca } = await certificates();
    await withServer(tls, async ({ endpoint, port }) => {
      expect(endpoint).toBe(`https://127.0.0.1:${port}`);
      const client = sqs(`https://localhost:${port}`, { ca });
      const { QueueUrl } = await client.send(new CreateQueueCommand({ QueueName: 'q' }));
      await client.send(new SendMessageCommand({ QueueUrl, MessageBody: 'sealed' }));
      const { Messages } = await client.send(new ReceiveMessageCommand({ QueueUrl }));
      expect(Messages?.map(({ Body }) => Body)).toEqual(['sealed']);
      const strange = sqs(endpoint, {});
      await expect(strange.send(new CreateQueueCommand({ QueueName: 'q' }))).rejects.toThrow(/certificate/);
      client.destroy();
      strange.destroy();
    });
  });

  it('serves a program that was told as the command says', async () => {
    const { folder, tls } = await certificates();
    await withServer(tls, async ({ endpoint }) => {
      const program = `fetch('${endpoint}/_posthorn/health').then((answer) => console.log(answer.status))`;
      const env = { ...process.env, NODE_EXTRA_CA_CERTS: join(folder, 'ca.pem') };
      const { stdout } = await promisify(execFile)(process.execPath, ['-e', program], { env });
      expect(stdout.trim()).toBe('200');
    });
  });

  it('asks clients for theirs', async () => {
    const { folder, tls, ca } = await certificates('--client', 'orders');
    await withServer({ ...tls, tlsClientCa: join(folder, 'ca.pem') }, async ({ endpoint }) => {
      const cert = await read(folder, 'client-orders.pem');
      const key = await read(folder, 'client-orders-key.pem');
      const known = sqs(endpoint, { ca, cert, key });
      expect((await known.send(new CreateQueueCommand({ QueueName: 'q' }))).QueueUrl).toMatch(/\/q$/);
      const unknown = sqs(endpoint, { ca });
      await expect(unknown.send(new CreateQueueCommand({ QueueName: 'q' }))).rejects.toThrow();
      known.destroy();
      unknown.destroy();
    });
  });

  it('does not start with half of them, or wrong ones', async () => {
    const { folder, tls } = await certificates();
    const start = (options: PosthornOptions) => startPosthorn({ ...{ port: 0, memory: true }, ...options });
    await expect(start({ tlsCert: tls.tlsCert })).rejects.toMatchObject({ exitCode: 2 });
    const wrongKey = { ...tls, tlsKey: join(folder, 'ca-key.pem') };
    await expect(start(wrongKey)).rejects.toMatchObject({ exitCode: 2, message: expect.stringContaining('mismatch') });
  });
});
