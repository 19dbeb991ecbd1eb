/** The listener over TLS, with clients that do what they should and others that do not. */
import { X509Certificate } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { request } from 'node:https';
import { connect as connectTcp } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type ConnectionOptions, connect, type TLSSocket } from 'node:tls';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { type ClientCertificate, type Listener, type ListenerOptions, startListener, tlsFacts } from '#aws';
import type { CallContext } from '#aws/contract';
import { sqs } from '#aws/generated/sqs';
import {
  authority,
  expiredCredentials,
  otherAuthority,
  replaceFile,
  rightClient,
  serverCredentials,
  writeServerFiles,
  wrongClient,
} from './authority.ts';
import { refusedInPlain } from './refusedInPlain.ts';

let folder = '';
let listener: Listener | undefined;
const log = { error: vi.fn() };
const clients: (ClientCertificate | undefined)[] = [];

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'posthorn-tls-'));
  clients.length = 0;
  log.error.mockClear();
});
afterEach(async () => {
  await listener?.close();
  listener = undefined;
  await rm(folder, { recursive: true });
});

async function start(tls: Partial<ListenerOptions['tls']> = {}, more: Partial<ListenerOptions> = {}) {
  const files = await writeServerFiles(folder, serverCredentials());
  const operations = { DeleteQueue: (_: never, context: CallContext) => ({ context }) };
  listener = await startListener({
    ...{ host: '127.0.0.1', port: 0, services: [{ contract: sqs, operations }], log },
    tls: { ...files, ...tls },
    admin: ({ socket }) => {
      clients.push(tlsFacts(socket)?.certificate);
      return false;
    },
    ...more,
  });
  return listener;
}

async function clientCa(): Promise<{ clientCa: string }> {
  return { clientCa: await replaceFile(folder, 'client-ca.pem', authority.certificate) };
}

/** Resolves to the status of an answer; rejects where there is none. */
function get(options: ConnectionOptions = {}): Promise<number | undefined> {
  return new Promise((resolve, reject) => {
    const target = { host: '127.0.0.1', port: listener?.address.port, path: '/?Action=DeleteQueue&QueueUrl=q' };
    const sent = request({ ...target, ca: authority.certificate, agent: false, ...options }, (answer) => {
      answer.resume().on('end', () => resolve(answer.statusCode));
    });
    sent.on('error', reject).end();
  });
}

const showing = ({ certificate, privateKey }: typeof rightClient) => ({ cert: certificate, key: privateKey });

/** The fingerprint of the certificate that a new connection is shown. */
async function servedFingerprint(): Promise<string> {
  const socket = connect({ host: '127.0.0.1', port: listener?.address.port, ca: authority.certificate });
  await once(socket, 'secureConnect');
  const { fingerprint256 } = socket.getPeerCertificate();
  socket.destroy();
  return fingerprint256;
}

const fingerprintOf = (pem: string) => new X509Certificate(pem).fingerprint256;

describe('a listener with a certificate', () => {
  it('serves those who trust its authority', async () => {
    const { url } = await start();
    expect(url).toMatch(/^https:\/\/127\.0\.0\.1:\d+$/);
    expect(await get()).toBe(200);
    await expect(get({ ca: otherAuthority.certificate })).rejects.toThrow(/certificate/);
    await expect(get({ servername: 'queues.example.com' })).rejects.toThrow(/altname/);
    // A client that refuses us, and one that is cut off, are not errors of ours.
    expect(log.error).not.toHaveBeenCalled();
  });

  it('tells plain HTTP in plain text that it is wrong here', async () => {
    const { address } = await start();
    const answer = await refusedInPlain(address.port);
    expect(answer).toMatch(/^HTTP\/1\.1 400 Bad Request\r\nConnection: close\r\n/);
    expect(answer).toMatch(/<Message>This port speaks TLS only: use https\.<\/Message>/);
    expect(await get()).toBe(200);
  });

  it.each([
    ['1.2', undefined],
    ['1.3', '1.3'],
  ] as const)('speaks TLS from version %s on', async (lowest, minVersion) => {
    await start(minVersion === undefined ? {} : { minVersion });
    // OpenSSL speaks no version below 1.2 unless it is asked to forget about security.
    const before = lowest === '1.2' ? 'TLSv1.1' : 'TLSv1.2';
    const old = { minVersion: before, maxVersion: before, ciphers: 'DEFAULT@SECLEVEL=0' } as const;
    await expect(get(old)).rejects.toThrow(/protocol version/);
    expect(await get({ maxVersion: `TLSv${lowest}` })).toBe(200);
    expect(await get({ minVersion: 'TLSv1.3' })).toBe(200);
  });

  it('waits for a handshake so long and no longer', async () => {
    const { address } = await start({}, { limits: { handshakeTimeoutMs: 50 } });
    await once(connectTcp(address.port, '127.0.0.1').resume(), 'close');
    expect(await get()).toBe(200);
  });

  it('closes at once under connections that do nothing', async () => {
    const { address } = await start();
    const silent = connectTcp(address.port, '127.0.0.1');
    await once(silent, 'connect');
    const secured = connect({ host: '127.0.0.1', port: address.port, ca: authority.certificate });
    await once(secured, 'secureConnect');
    expect(await get()).toBe(200);
    const gone = [
      once(silent, 'close'),
      once(
        secured.on('error', () => undefined),
        'close',
      ),
    ];
    secured.resume();
    silent.resume();
    await listener?.close();
    await Promise.all(gone);
  });

  it.each<[string, NonNullable<ListenerOptions['elsewhere']>]>([
    ['does not take', () => false],
    [
      'gives back',
      ({ serveHere }) => {
        setImmediate(serveHere);
        return true;
      },
    ],
  ])('serves connections that another process %s', async (_, elsewhere) => {
    const { address } = await start({}, { elsewhere });
    expect(await get()).toBe(200);
    const socket = connect({ host: '127.0.0.1', port: address.port, ca: authority.certificate });
    expect(await statusOver(socket)).toContain('200 OK');
    expect(await refusedInPlain(address.port)).toMatch(/^HTTP\/1\.1 400 /);
  });

  it('closes without a handshake that would begin meanwhile', async () => {
    let serveHere = () => {};
    const given = new Promise<void>((resolve) => {
      const elsewhere: ListenerOptions['elsewhere'] = (arrival) => {
        serveHere = arrival.serveHere;
        resolve();
        return true;
      };
      start({}, { elsewhere, limits: { handshakeTimeoutMs: 120_000, closeGraceMs: 120_000 } }).then(({ address }) =>
        connectTcp(address.port, '127.0.0.1').resume(),
      );
    });
    await given;
    const closed = listener?.close();
    serveHere();
    await closed;
  });

  it('counts connections of an address, below TLS', async () => {
    const { address } = await start({}, { limits: { connectionsPerAddressMax: 1 } });
    const first = connect({ host: '127.0.0.1', port: address.port, ca: authority.certificate });
    await once(first, 'secureConnect');
    await expect(get()).rejects.toThrow(/ECONNRESET|socket/);
    first.destroy();
    await vi.waitFor(async () => expect(await get()).toBe(200));
  });
});

describe('files that change', () => {
  it('are served to new connections, while old ones go on', async () => {
    await start();
    const old = await servedFingerprint();
    const open = connect({ host: '127.0.0.1', port: listener?.address.port, ca: authority.certificate });
    await once(open, 'secureConnect');
    const renewed = serverCredentials();
    await writeServerFiles(folder, renewed);
    await vi.waitFor(async () => expect(await servedFingerprint()).toBe(fingerprintOf(renewed.certificate)), 10_000);
    expect(old).not.toBe(fingerprintOf(renewed.certificate));
    expect(await statusOver(open)).toContain('200 OK');
    expect(log.error).not.toHaveBeenCalled();
  });

  it('are left alone while they cannot be used, and the log says so once', async () => {
    await start();
    const old = await servedFingerprint();
    const { certificate, privateKey } = serverCredentials();
    await replaceFile(folder, 'server.pem', certificate);
    await vi.waitFor(() => expect(log.error).toHaveBeenCalledTimes(1), 10_000);
    expect(log.error.mock.calls[0]?.[0].err.message).toMatch(/server-key\.pem can't be used together: .*mismatch/);
    expect(log.error.mock.calls[0]?.[1]).toMatch(/the old certificate stays/);
    expect(await servedFingerprint()).toBe(old);
    await replaceFile(folder, 'server-key.pem', privateKey);
    await vi.waitFor(async () => expect(await servedFingerprint()).toBe(fingerprintOf(certificate)), 10_000);
    expect(log.error).toHaveBeenCalledTimes(1);
  });

  it('take believed authorities with them', async () => {
    await start(await clientCa());
    expect(await get(showing(rightClient))).toBe(200);
    await replaceFile(folder, 'client-ca.pem', otherAuthority.certificate);
    await vi.waitFor(async () => expect(await get(showing(wrongClient))).toBe(200), 10_000);
    await expect(get(showing(rightClient))).rejects.toThrow();
  });

  it('are named in the log if the certificate has expired', async () => {
    const files = await writeServerFiles(folder, expiredCredentials());
    listener = await startListener({ ...{ host: '127.0.0.1', port: 0, services: [], log }, tls: files });
    expect(log.error).toHaveBeenCalledWith(
      expect.objectContaining({ file: files.cert }),
      expect.stringMatching(/expired/),
    );
  });

  it.each([
    ['server.pem', 'not PEM', /server\.pem holds no certificate/],
    ['server.pem', '-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n', /server\.pem can't be read/],
    ['server-key.pem', 'not PEM', /server-key\.pem holds no private key/],
    ['server-key.pem', '-----BEGIN ENCRYPTED PRIVATE KEY-----\n', /has a passphrase/],
    ['server-key.pem', rightClient.privateKey, /can't be used together/],
    ['client-ca.pem', 'not PEM', /client-ca\.pem holds no certificate/],
  ])('that are wrong from the start are refused (%s, %#)', async (name, content, text) => {
    const files = await writeServerFiles(folder, serverCredentials());
    const tls = { ...files, ...(await clientCa()) };
    await replaceFile(folder, name, content);
    const starting = startListener({ ...{ host: '127.0.0.1', port: 0, services: [], log }, tls });
    await expect(starting).rejects.toMatchObject({ name: 'TlsUnusable', exitCode: 2 });
    await expect(starting).rejects.toThrow(text);
  });

  it('that are missing are refused', async () => {
    const tls = { cert: join(folder, 'no.pem'), key: join(folder, 'no-key.pem') };
    const starting = startListener({ ...{ host: '127.0.0.1', port: 0, services: [], log }, tls });
    await expect(starting).rejects.toThrow(/no\.pem can't be read: ENOENT/);
  });
});

describe('client certificates', () => {
  const known = { subject: 'orders', fingerprint256: fingerprintOf(rightClient.certificate) };

  it('are required once there is an authority for them', async () => {
    await start(await clientCa());
    await expect(get()).rejects.toThrow();
    await expect(get(showing(wrongClient))).rejects.toThrow();
    expect(clients).toEqual([]);
    expect(await get(showing(rightClient))).toBe(200);
    expect(clients).toEqual([known]);
  });

  it('can be optional, but not wrong', async () => {
    await start({ ...(await clientCa()), clientCertificates: 'optional' });
    expect(await get()).toBe(200);
    expect(await get(showing(rightClient))).toBe(200);
    await expect(get(showing(wrongClient))).rejects.toThrow();
    expect(clients).toEqual([undefined, known]);
  });

  it('are not believed where nobody asked for them', async () => {
    await start();
    expect(await get(showing(rightClient))).toBe(200);
    expect(clients).toEqual([undefined]);
  });

  it.each(['TLSv1.2', 'TLSv1.3'] as const)('are remembered by a resumed session (%s)', async (maxVersion) => {
    await start(await clientCa());
    const options = { host: '127.0.0.1', port: listener?.address.port, ca: authority.certificate, maxVersion };
    const first = connect({ ...options, ...showing(rightClient) });
    const [session] = await Promise.all([once(first, 'session').then(([ticket]) => ticket), statusOver(first)]);
    // Without the certificate: the session alone says who it is.
    const second = connect({ ...options, session });
    const resumed = once(second, 'secureConnect').then(() => second.isSessionReused());
    expect(await statusOver(second)).toContain('200 OK');
    expect(await resumed).toBe(true);
    expect(clients).toEqual([known, known]);
    // Other files end it: its owner has to show the certificate again.
    const renewed = serverCredentials();
    await writeServerFiles(folder, renewed);
    await vi.waitFor(async () => {
      const third = connect({ ...options, session, ...showing(rightClient) });
      await once(third, 'secureConnect');
      const isServed = third.getPeerCertificate().fingerprint256 === fingerprintOf(renewed.certificate);
      const isReused = third.isSessionReused();
      third.destroy();
      expect([isServed, isReused]).toEqual([true, false]);
    }, 10_000);
  });
});

/** The first line of the answer to a request on this connection, which ends with it. */
async function statusOver(socket: TLSSocket): Promise<string> {
  let answer = '';
  socket.setEncoding('utf8').on('data', (chunk) => {
    answer += chunk;
  });
  socket.write('GET /?Action=DeleteQueue&QueueUrl=q HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n');
  await once(socket, 'close');
  return answer.split('\r\n')[0] ?? '';
}
