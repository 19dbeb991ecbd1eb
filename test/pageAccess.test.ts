/** Posthorn's own pages where signatures are enforced: who gets in, and how. */
import { mkdtemp, rm } from 'node:fs/promises';
import { request as httpRequest } from 'node:http';
import { request as httpsRequest, type RequestOptions } from 'node:https';
import { networkInterfaces, tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  CreateAccessKeyCommand,
  CreateUserCommand,
  IAMClient,
  PutUserPolicyCommand,
  UpdateAccessKeyCommand,
} from '@aws-sdk/client-iam';
import { GetFederationTokenCommand, STSClient } from '@aws-sdk/client-sts';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { sign } from '../src/cli/sign.ts';
import { type PosthornServer, startPosthorn } from '../src/server.ts';
import { authority, serverCredentials, writeServerFiles } from './tls/authority.ts';

interface Key {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken?: string;
}

let server: PosthornServer;
let root: Key;
let iam: IAMClient;

beforeAll(async () => {
  // On all addresses, so that requests can come from another than a loopback one.
  const queues = [{ name: 'orders' }];
  server = await startPosthorn({
    ...{ port: 0, host: '0.0.0.0', memory: true, auth: 'enforce', queues },
    accounts: ['111122223333'],
  });
  if (server.rootKey === undefined) throw new Error('a first start makes the key of the root');
  root = server.rootKey;
  iam = new IAMClient({ endpoint: at(''), region: 'us-east-1', credentials: root });
});
afterAll(async () => {
  iam.destroy();
  await server.close();
});

function at(path: string): string {
  return `http://127.0.0.1:${server.port}${path}`;
}

const basic = ({ accessKeyId, secretAccessKey }: Key) => ({
  authorization: `Basic ${Buffer.from(`${accessKeyId}:${secretAccessKey}`).toString('base64')}`,
});

interface Asked {
  readonly method?: string;
  readonly headers?: Record<string, string>;
  readonly body?: string;
}

async function page(path: string, { method = 'GET', headers = {}, body }: Asked = {}) {
  const answer = await fetch(at(path), { method, headers, ...(body !== undefined && { body }) });
  const text = await answer.text();
  return { status: answer.status, challenge: answer.headers.get('www-authenticate'), text };
}

function signed(path: string, key: Key, { method = 'GET', body = '' }: Asked = {}, service = 'posthorn') {
  const scope = { region: 'us-east-1', service, now: Date.now() };
  return sign({ method, url: new URL(at(path)), headers: {}, body }, { sessionToken: undefined, ...key }, scope);
}

async function newUser(UserName: string, ...Action: string[]): Promise<Key> {
  await iam.send(new CreateUserCommand({ UserName }));
  if (Action.length > 0) {
    const Statement = { Effect: 'Allow', Action, Resource: '*' };
    const PolicyDocument = JSON.stringify({ Version: '2012-10-17', Statement });
    await iam.send(new PutUserPolicyCommand({ UserName, PolicyName: 'Pages', PolicyDocument }));
  }
  const { AccessKey } = await iam.send(new CreateAccessKeyCommand({ UserName }));
  return { accessKeyId: AccessKey?.AccessKeyId ?? '', secretAccessKey: AccessKey?.SecretAccessKey ?? '' };
}

const fault = JSON.stringify({ operation: 'SendMessage', queue: 'nobody', delayMs: 1, times: 1 });

describe('without credentials', () => {
  it.each([
    ['/metrics'],
    ['/_posthorn/queues'],
    ['/_posthorn/faults'],
    ['/_posthorn/outbox'],
    ['/_posthorn/queues/000000000000/orders/messages'],
    ['/_posthorn/access/explain?principal=anonymous&action=sqs:SendMessage'],
    ['/_posthorn/elsewhere'],
    ['/_posthorn/health/'],
    ['/_posthorn/%68ealth'],
  ])('%s asks for them', async (path) => {
    const { status, challenge, text } = await page(path);
    expect([status, challenge]).toEqual([401, 'Basic realm="Posthorn: access key id and secret", charset="UTF-8"']);
    expect(JSON.parse(text)).toEqual({ error: expect.any(String), code: 'MissingAuthenticationTokenException' });
  });

  it('writes nothing', async () => {
    expect((await page('/_posthorn/faults', { method: 'POST', body: fault })).status).toBe(401);
    expect(
      (await page('/_posthorn/sms/opt-outs', { method: 'POST', body: '{"phoneNumber":"+15550100"}' })).status,
    ).toBe(401);
    expect((await page('/_posthorn/faults', { headers: basic(root) })).text).toBe('{"faults":[]}\n');
  });

  it('tells whether the server is ready', async () => {
    expect(await page('/_posthorn/health')).toMatchObject({ status: 200, text: '{"ready":true}\n' });
    expect((await page('/_posthorn/health?x=1', { method: 'HEAD' })).status).toBe(200);
  });

  it('serves what messages link to', async () => {
    expect((await page('/SimpleNotificationService-0000.pem')).status).toBe(404);
    const links = ['ConfirmSubscription&TopicArn=arn:aws:sns:us-east-1:000000000000:t&Token=x'];
    for (const link of links) {
      const { text } = await page(`/?Action=${link}`);
      expect(text).not.toContain('MissingAuthenticationToken');
    }
  });
});

describe('a password', () => {
  it('of the root opens every page', async () => {
    const headers = basic(root);
    expect((await page('/metrics', { headers })).text).toContain('posthorn_requests_total');
    const inSmallLetters = { authorization: headers.authorization.replace('Basic', 'basic') };
    expect((await page('/metrics', { headers: inSmallLetters })).status).toBe(200);
    expect((await page('/_posthorn/queues', { headers })).text).toContain('"name":"orders"');
    const made = await page('/_posthorn/faults', { method: 'POST', headers, body: fault });
    expect(made.status).toBe(201);
    expect((await page('/_posthorn/faults', { method: 'DELETE', headers })).text).toBe('{"removed":1}\n');
  });

  it.each([
    ['a wrong secret', () => basic({ ...root, secretAccessKey: `${root.secretAccessKey}x` })],
    ['no secret', () => basic({ ...root, secretAccessKey: '' })],
    ['an unknown key', () => basic({ ...root, accessKeyId: 'AKIAUNKNOWNUNKNOWN' })],
    ['nonsense', () => ({ authorization: 'Basic !!!' })],
  ])('with %s is asked for again', async (_, headersOf) => {
    const { status, challenge, text } = await page('/metrics', { headers: headersOf() });
    expect([status, challenge?.slice(0, 5)]).toEqual([401, 'Basic']);
    expect(JSON.parse(text)).toEqual({
      error: 'There is no such access key, or its secret is another.',
      code: 'UnrecognizedClientException',
    });
  });

  it('of a user opens what its policies allow', async () => {
    const reader = basic(await newUser('reader', 'posthorn:Read'));
    expect((await page('/metrics', { headers: reader })).status).toBe(200);
    const refused = await page('/_posthorn/faults', { method: 'POST', headers: reader, body: fault });
    expect([refused.status, refused.challenge]).toEqual([403, null]);
    expect(JSON.parse(refused.text)).toEqual({
      error:
        'User: arn:aws:iam::000000000000:user/reader is not authorized to perform: posthorn:Write on resource: * because no identity-based policy allows the posthorn:Write action',
      code: 'AccessDeniedException',
    });
    expect((await page('/metrics', { headers: basic(await newUser('stranger')) })).status).toBe(403);
  });

  it('of another account opens nothing: the pages show the queues of all', async () => {
    const [other] = server.otherRootKeys ?? [];
    if (other === undefined) throw new Error('the account has a key of its own');
    expect((await page('/_posthorn/queues', { headers: basic(other) })).status).toBe(403);
    const path = '/_posthorn/queues?account=111122223333';
    expect((await page(path, { headers: signed(path, other) })).status).toBe(403);
  });

  it('ends with its key', async () => {
    const key = await newUser('leaver', 'posthorn:*');
    expect((await page('/metrics', { headers: basic(key) })).status).toBe(200);
    const { accessKeyId: AccessKeyId } = key;
    await iam.send(new UpdateAccessKeyCommand({ UserName: 'leaver', AccessKeyId, Status: 'Inactive' }));
    expect((await page('/metrics', { headers: basic(key) })).status).toBe(401);
  });

  it('is not sent along by the page of another site', async () => {
    const asked = { method: 'POST', body: fault };
    for (const origin of ['https://evil.example', 'null', `http://localhost:${server.port}`]) {
      const { status } = await page('/_posthorn/faults', { ...asked, headers: { ...basic(root), origin } });
      expect([origin, status]).toEqual([origin, 403]);
    }
    const own = await page('/_posthorn/faults', { ...asked, headers: { ...basic(root), origin: at('') } });
    expect(own.status).toBe(201);
    await page('/_posthorn/faults', { method: 'DELETE', headers: basic(root) });
  });

  it('is taken from this machine, or over TLS, only', async () => {
    const address = addressOnNetwork();
    // A machine without a network has nobody to be protected from.
    if (address === undefined) return;
    const here = { host: address, port: server.port };
    expect(await from(here, {})).toEqual({ status: 401, challenge: 'AWS4-HMAC-SHA256' });
    expect(await from(here, basic(root))).toEqual({ status: 403, challenge: undefined });
    const url = new URL(`http://${address}:${server.port}/metrics`);
    const scope = { region: 'us-east-1', service: 'posthorn', now: Date.now() };
    const headers = sign({ method: 'GET', url, headers: {}, body: '' }, { sessionToken: undefined, ...root }, scope);
    expect(await from(here, headers)).toEqual({ status: 200, challenge: undefined });
  });

  it('is taken over TLS from anywhere', async () => {
    const address = addressOnNetwork();
    if (address === undefined) return;
    const folder = await mkdtemp(join(tmpdir(), 'posthorn-pages-'));
    const { cert: tlsCert, key: tlsKey } = await writeServerFiles(folder, serverCredentials());
    const secure = await startPosthorn({
      ...{ port: 0, host: '0.0.0.0', memory: true, auth: 'enforce' },
      tlsCert,
      tlsKey,
    });
    try {
      // The certificate is for localhost, whichever address that is.
      const there = { host: address, port: secure.port, servername: 'localhost', ca: authority.certificate };
      expect(await from(there, {})).toMatchObject({ status: 401, challenge: expect.stringMatching(/^Basic /) });
      expect(await from(there, basic(secure.rootKey ?? root))).toEqual({ status: 200, challenge: undefined });
    } finally {
      await secure.close();
      await rm(folder, { recursive: true, force: true });
    }
  });
});

function addressOnNetwork(): string | undefined {
  const all = Object.values(networkInterfaces()).flat();
  return all.find((each) => each?.family === 'IPv4' && !each.internal)?.address;
}

/** What is said to a client that reaches a server by another address than a loopback one; with `ca` over TLS. */
function from(there: RequestOptions, headers: Record<string, string>) {
  return new Promise((resolve, reject) => {
    const request = there.ca === undefined ? httpRequest : httpsRequest;
    const asked = request({ ...there, path: '/metrics', headers }, (answer) => {
      answer.resume();
      resolve({ status: answer.statusCode, challenge: answer.headers['www-authenticate'] });
    });
    asked.on('error', reject).end();
  });
}

describe('a signature', () => {
  it('opens the pages, and covers the body', async () => {
    expect(
      (await page('/_posthorn/queues?prefix=o', { headers: signed('/_posthorn/queues?prefix=o', root) })).text,
    ).toContain('orders');
    const asked = { method: 'POST', body: fault };
    const headers = signed('/_posthorn/faults', root, asked);
    expect((await page('/_posthorn/faults', { ...asked, headers })).status).toBe(201);
    const changed = await page('/_posthorn/faults', { ...asked, body: fault.replace('1', '2'), headers });
    expect([changed.status, JSON.parse(changed.text).code]).toEqual([403, 'InvalidSignatureException']);
    const moved = await page('/_posthorn/queues?prefix=p', { headers: signed('/_posthorn/queues?prefix=o', root) });
    expect(moved.status).toBe(403);
  });

  it('is for the service posthorn', async () => {
    const { status, challenge } = await page('/metrics', { headers: signed('/metrics', root, {}, 'sqs') });
    expect([status, challenge]).toEqual([403, null]);
  });

  it('of a session opens them; its password does not', async () => {
    const sts = new STSClient({ endpoint: at(''), region: 'us-east-1', credentials: root });
    const Statement = { Effect: 'Allow', Action: 'posthorn:Read', Resource: '*' };
    const Policy = JSON.stringify({ Version: '2012-10-17', Statement });
    const { Credentials } = await sts.send(new GetFederationTokenCommand({ Name: 'visitor', Policy }));
    sts.destroy();
    const key: Key = {
      accessKeyId: Credentials?.AccessKeyId ?? '',
      secretAccessKey: Credentials?.SecretAccessKey ?? '',
      sessionToken: Credentials?.SessionToken ?? '',
    };
    expect((await page('/metrics', { headers: signed('/metrics', key) })).status).toBe(200);
    expect((await page('/metrics', { headers: basic(key) })).status).toBe(401);
    const { sessionToken: _, ...half } = key;
    expect((await page('/metrics', { headers: signed('/metrics', half) })).status).toBe(403);
  });

  it('takes no body that no page takes', async () => {
    const asked = { method: 'POST', body: 'x'.repeat(70_000) };
    const { status } = await page('/_posthorn/faults', { ...asked, headers: signed('/_posthorn/faults', root, asked) });
    expect(status).toBe(413);
  });
});
