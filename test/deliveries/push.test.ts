import { createPublicKey, generateKeyPairSync, type KeyPairKeyObjectResult, verify } from 'node:crypto';
import { createSecureServer, createServer, type IncomingHttpHeaders, type ServerHttp2Stream } from 'node:http2';
import type { TLSSocket } from 'node:tls';
import { expect, it } from 'vitest';
import { Partition } from '../../src/runtime/index.ts';
import { makeSigningIdentity } from '../../src/services/sns/certificate.ts';
import type { Delivery, Outcome, PushTarget } from '../../src/services/sns/delivery.ts';
import { createSenders, Outbox, type SendersOptions } from '../../src/services/sns/senders/index.ts';
import type { SnsSettings } from '../../src/services/sns/settings.ts';
import { MemoryStore } from '../../src/storage/memory.ts';
import { afterTest, contextOf, deliveryOf, httpEnd, listen } from './ends.ts';

const endpoint = 'arn:aws:sns:us-east-1:000000000000:endpoint/GCM/app/1';
const google = pemPair(generateKeyPairSync('rsa', { modulusLength: 2048 }));
const apple = pemPair(generateKeyPairSync('ec', { namedCurve: 'P-256' }));

function pemPair({ privateKey, publicKey }: KeyPairKeyObjectResult): { privateKey: string; publicKey: string } {
  return {
    privateKey: String(privateKey.export({ type: 'pkcs8', format: 'pem' })),
    publicKey: String(publicKey.export({ type: 'spki', format: 'pem' })),
  };
}

async function pusher(settings: SnsSettings, more: Partial<SendersOptions> = {}) {
  const partition = await Partition.open(new MemoryStore());
  const senders = createSenders({ settings, outbox: new Outbox(partition), ...more });
  afterTest(() => partition.close());
  afterTest(() => senders.close());
  return (platform: PushTarget, change: Partial<Delivery> = {}): Promise<Outcome | undefined> => {
    const delivery = deliveryOf({ protocol: 'application', endpoint, ...change });
    return Promise.resolve(senders.of('application')?.(delivery, contextOf(delivery, { platform })));
  };
}

function attribute(Value: string) {
  return { Type: 'String', Value };
}

/** The parts of a signed token, once its signature has been checked. */
function readJwt(token: string, publicKey: string): { header: unknown; claims: Record<string, unknown> } {
  const [header = '', claims = '', signature = ''] = token.split('.');
  const key = createPublicKey(publicKey);
  const options = key.asymmetricKeyType === 'ec' ? { key, dsaEncoding: 'ieee-p1363' as const } : key;
  const signed = Buffer.from(`${header}.${claims}`);
  expect(verify('sha256', signed, options, Buffer.from(signature, 'base64url'))).toBe(true);
  const parse = (part: string) => JSON.parse(Buffer.from(part, 'base64url').toString());
  return { header: parse(header), claims: parse(claims) };
}

/** Google's token endpoint and FCM in one: takes the access tokens that it has given out and not withdrawn. */
async function fcmEnd(answer: (body: string) => { status: number; body: object } = () => ({ status: 200, body: {} })) {
  const bought: Record<string, unknown>[] = [];
  const accepted = new Set<string>();
  const end = await httpEnd((response, { path, headers, body }) => {
    const reply = (status: number, value: object) => {
      response.writeHead(status, { 'Content-Type': 'application/json' }).end(JSON.stringify(value));
    };
    if (path === '/token') {
      const form = new URLSearchParams(body);
      expect(form.get('grant_type')).toBe('urn:ietf:params:oauth:grant-type:jwt-bearer');
      const { header, claims } = readJwt(form.get('assertion') ?? '', google.publicKey);
      expect(header).toEqual({ alg: 'RS256', typ: 'JWT', kid: 'key-1' });
      bought.push(claims);
      accepted.add(`token-${bought.length}`);
      reply(200, { access_token: `token-${bought.length}`, expires_in: 3600, token_type: 'Bearer' });
    } else if (!accepted.has(headers.authorization?.replace('Bearer ', '') ?? '')) {
      reply(401, { error: { status: 'UNAUTHENTICATED', message: 'no such token' } });
    } else {
      const { status, body: value } = answer(body);
      reply(status, value);
    }
  });
  const account = {
    type: 'service_account',
    project_id: 'my-project',
    client_email: 'push@my-project.test',
    private_key: google.privateKey,
    private_key_id: 'key-1',
    token_uri: `${end.url}/token`,
  };
  const target: PushTarget = {
    name: 'GCM',
    token: 'device-1',
    attributes: { PlatformCredential: JSON.stringify(account) },
  };
  const messages = () =>
    end.received.filter(({ path }) => path !== '/token').map(({ body }) => JSON.parse(body).message);
  return { ...end, bought, accepted, target, messages };
}

it('pushes to FCM with an access token that the service account bought', async () => {
  const fcm = await fcmEnd(() => ({ status: 200, body: { name: 'projects/my-project/messages/1' } }));
  const push = await pusher({ fcmUrl: fcm.url });
  const outcome = await push(fcm.target, { message: 'hello' });
  expect(outcome).toMatchObject({ kind: 'delivered', statusCode: 200 });
  expect(fcm.received.at(-1)).toMatchObject({ method: 'POST', path: '/v1/projects/my-project/messages:send' });
  expect(fcm.messages()).toEqual([{ token: 'device-1', data: { default: 'hello' } }]);
  expect(fcm.bought).toHaveLength(1);
  const [claims] = fcm.bought;
  expect(claims).toMatchObject({
    iss: 'push@my-project.test',
    aud: `${fcm.url}/token`,
    scope: 'https://www.googleapis.com/auth/firebase.messaging',
  });
  expect(Number(claims?.exp) - Number(claims?.iat)).toBe(3600);
});

it('buys one access token for many pushes, and a new one when it ends or is withdrawn', async () => {
  let now = 1_800_000_000_000;
  const fcm = await fcmEnd();
  const push = await pusher({ fcmUrl: fcm.url }, { now: () => now });
  const outcomes = await Promise.all([1, 2, 3, 4].map(() => push(fcm.target)));
  expect(outcomes.every((outcome) => outcome?.kind === 'delivered')).toBe(true);
  expect(fcm.bought).toHaveLength(1);
  now += 3_600_000;
  await push(fcm.target);
  expect(fcm.bought).toHaveLength(2);
  fcm.accepted.clear();
  expect(await push(fcm.target)).toMatchObject({ kind: 'delivered' });
  expect(fcm.bought).toHaveLength(3);
});

it.each([
  ['data', { data: { a: 'x', n: 1, o: { p: true } } }, { data: { a: 'x', n: '1', o: '{"p":true}' } }],
  [
    'the former shape',
    {
      notification: { title: 'T', body: 'B', sound: 's', android_channel_id: 'c' },
      time_to_live: 60,
      collapse_key: 'k',
      priority: 'high',
    },
    {
      notification: { title: 'T', body: 'B' },
      android: { collapse_key: 'k', ttl: '60s', priority: 'HIGH', notification: { sound: 's', channel_id: 'c' } },
    },
  ],
  [
    'the shape of v1',
    { fcmV1Message: { message: { topic: 'all', notification: { title: 'T' }, apns: { headers: {} } } } },
    { notification: { title: 'T' }, apns: { headers: {} } },
  ],
])('translates %s', async (_what, message, expected) => {
  const fcm = await fcmEnd();
  const push = await pusher({ fcmUrl: fcm.url });
  await push(fcm.target, { message: JSON.stringify(message) });
  expect(fcm.messages()).toEqual([{ ...expected, token: 'device-1' }]);
});

it('gives FCM the time to live that the message has', async () => {
  const fcm = await fcmEnd();
  const push = await pusher({ fcmUrl: fcm.url });
  await push(fcm.target, { attributes: { 'AWS.SNS.MOBILE.GCM.TTL': attribute('90') } });
  expect(fcm.messages()).toEqual([{ data: { default: 'the message' }, android: { ttl: '90s' }, token: 'device-1' }]);
});

it.each([
  [
    404,
    'UNREGISTERED',
    { details: [{ errorCode: 'UNREGISTERED' }], status: 'NOT_FOUND' },
    { permanent: true, disableEndpoint: true },
  ],
  [
    400,
    'INVALID_ARGUMENT',
    { status: 'INVALID_ARGUMENT', message: 'The registration token is not a valid FCM registration token' },
    { permanent: true, disableEndpoint: true },
  ],
  [400, 'Invalid JSON payload', { status: 'INVALID_ARGUMENT', message: 'Invalid JSON payload' }, { permanent: true }],
  [
    403,
    'SENDER_ID_MISMATCH',
    { status: 'PERMISSION_DENIED', details: [{ errorCode: 'SENDER_ID_MISMATCH' }] },
    { permanent: true },
  ],
  [
    429,
    'QUOTA_EXCEEDED',
    { status: 'RESOURCE_EXHAUSTED', details: [{ errorCode: 'QUOTA_EXCEEDED' }] },
    { permanent: false },
  ],
  [503, 'UNAVAILABLE', { status: 'UNAVAILABLE' }, { permanent: false }],
])('FCM answers %i %s', async (status, named, error, expected) => {
  const fcm = await fcmEnd(() => ({ status, body: { error } }));
  const push = await pusher({ fcmUrl: fcm.url });
  const outcome = await push(fcm.target);
  expect(outcome).toMatchObject({ kind: 'failed', statusCode: status, ...expected });
  expect(outcome).toHaveProperty('reason', expect.stringContaining(named));
  expect(outcome !== undefined && 'disableEndpoint' in outcome).toBe('disableEndpoint' in expected);
});

it.each(['', 'an-api-key', '{"project_id":"p","client_email":"e","private_key":"no key"}'])(
  'fails for good with the credential %j',
  async (PlatformCredential) => {
    const fcm = await fcmEnd();
    const push = await pusher({ fcmUrl: fcm.url });
    const outcome = await push({ ...fcm.target, attributes: { PlatformCredential } });
    expect(outcome).toMatchObject({ kind: 'failed', permanent: true });
    expect(fcm.received).toEqual([]);
  },
);

it('in production asks no server inside for an access token', async () => {
  const fcm = await fcmEnd();
  const push = await pusher({ fcmUrl: fcm.url, production: true });
  expect(await push(fcm.target)).toMatchObject({ kind: 'failed', permanent: true });
  expect(fcm.received).toEqual([]);
  const allowed = await pusher({ fcmUrl: fcm.url, production: true, allowedHosts: ['127.0.0.1'] });
  expect(await allowed(fcm.target)).toMatchObject({ kind: 'delivered' });
});

interface Push {
  readonly headers: IncomingHttpHeaders;
  readonly body: unknown;
  readonly certificate: string | undefined;
  readonly session: unknown;
}

type ApnsAnswer = (push: Push, count: number) => { status: number; reason?: string } | undefined;

/** Reads a push and answers it; without an answer it is left alone. */
function serveApns(pushes: Push[], answer: ApnsAnswer) {
  return async (stream: ServerHttp2Stream, headers: IncomingHttpHeaders) => {
    stream.on('error', () => undefined);
    let text = '';
    for await (const chunk of stream) text += chunk;
    const socket = stream.session?.socket as TLSSocket | undefined;
    const certificate = socket?.encrypted ? String(socket.getPeerCertificate().subject?.CN) : undefined;
    const push = { headers, body: JSON.parse(text), certificate, session: stream.session };
    pushes.push(push);
    const reply = answer(push, pushes.length);
    if (reply === undefined) return;
    stream.respond({ ':status': reply.status, 'apns-id': headers['apns-id'] });
    stream.end(reply.reason === undefined ? undefined : JSON.stringify({ reason: reply.reason }));
  };
}

async function apnsEnd(answer: ApnsAnswer = () => ({ status: 200 })) {
  const pushes: Push[] = [];
  const server = createServer();
  const sessions = new Set<{ destroy(): void }>();
  server.on('session', (session) => sessions.add(session));
  server.on('stream', serveApns(pushes, answer));
  const port = await listen(server);
  const close = () => {
    for (const session of sessions) session.destroy();
    sessions.clear();
  };
  afterTest(() => server.close());
  afterTest(close);
  return { url: `http://127.0.0.1:${port}`, pushes, close, sessions };
}

const iphone: PushTarget = {
  name: 'APNS',
  token: 'ab12',
  attributes: {
    PlatformPrincipal: 'KEY1234567',
    PlatformCredential: apple.privateKey,
    ApplePlatformTeamID: 'TEAM123456',
    ApplePlatformBundleID: 'com.example.app',
  },
};

it('pushes to APNs with a signed token over one connection', async () => {
  const apns = await apnsEnd();
  const push = await pusher({ apnsUrl: apns.url });
  for (let count = 0; count < 3; count += 1)
    expect(await push(iphone)).toMatchObject({ kind: 'delivered', statusCode: 200 });
  const [first] = apns.pushes;
  expect(first?.headers).toMatchObject({
    ':method': 'POST',
    ':path': '/3/device/ab12',
    'apns-topic': 'com.example.app',
    'apns-push-type': 'alert',
    'apns-priority': '10',
    'apns-id': deliveryOf().messageId,
  });
  expect(first?.headers).not.toHaveProperty('apns-expiration');
  expect(first?.body).toEqual({ aps: { alert: 'the message' } });
  const { header, claims } = readJwt(first?.headers.authorization?.replace('bearer ', '') ?? '', apple.publicKey);
  expect(header).toMatchObject({ alg: 'ES256', kid: 'KEY1234567' });
  expect(claims).toMatchObject({ iss: 'TEAM123456' });
  expect(new Set(apns.pushes.map(({ session }) => session)).size).toBe(1);
  expect(new Set(apns.pushes.map(({ headers }) => headers.authorization)).size).toBe(1);
});

it('signs a new token before the hour is over, and no sooner', async () => {
  let now = 1_800_000_000_000;
  const apns = await apnsEnd();
  const push = await pusher({ apnsUrl: apns.url }, { now: () => now });
  for (const minutes of [0, 49, 2, 5]) {
    now += minutes * 60_000;
    await push(iphone);
  }
  const issued = apns.pushes.map(
    ({ headers }) => readJwt(String(headers.authorization).slice(7), apple.publicKey).claims.iat,
  );
  expect(issued).toEqual([1_800_000_000, 1_800_000_000, 1_800_003_060, 1_800_003_060]);
});

it('sends what the attributes of the message say', async () => {
  const now = 1_800_000_000_000;
  const apns = await apnsEnd();
  const push = await pusher({ apnsUrl: apns.url, apnsSandboxUrl: apns.url }, { now: () => now });
  const payload = { aps: { alert: { title: 'T' } }, custom: [1] };
  const attributes = {
    'AWS.SNS.MOBILE.APNS.TTL': attribute('60'),
    'AWS.SNS.MOBILE.APNS.TOPIC': attribute('com.example.other'),
    'AWS.SNS.MOBILE.APNS.PUSH_TYPE': attribute('liveactivity'),
    'AWS.SNS.MOBILE.APNS.PRIORITY': attribute('5'),
    'AWS.SNS.MOBILE.APNS.COLLAPSE_ID': attribute('c1'),
  };
  await push(iphone, { message: JSON.stringify(payload), attributes });
  expect(apns.pushes[0]?.body).toEqual(payload);
  expect(apns.pushes[0]?.headers).toMatchObject({
    'apns-expiration': '1800000060',
    'apns-topic': 'com.example.other',
    'apns-push-type': 'liveactivity',
    'apns-priority': '5',
    'apns-collapse-id': 'c1',
  });
  const unseen = JSON.stringify({ aps: { 'content-available': 1 } });
  const sandboxed = { ...iphone, name: 'APNS_SANDBOX' };
  await push(sandboxed, { message: unseen, attributes: { 'AWS.SNS.MOBILE.APNS_SANDBOX.TTL': attribute('0') } });
  expect(apns.pushes[1]?.headers).toMatchObject({
    'apns-push-type': 'background',
    'apns-priority': '5',
    'apns-expiration': '0',
  });
});

it.each([
  [410, 'Unregistered', { permanent: true, disableEndpoint: true }],
  [410, 'ExpiredToken', { permanent: true, disableEndpoint: true }],
  [400, 'BadDeviceToken', { permanent: true, disableEndpoint: true }],
  [400, 'DeviceTokenNotForTopic', { permanent: true }],
  [400, 'PayloadEmpty', { permanent: true }],
  [403, 'InvalidProviderToken', { permanent: true }],
  [413, 'PayloadTooLarge', { permanent: true }],
  [429, 'TooManyRequests', { permanent: false }],
  [500, 'InternalServerError', { permanent: false }],
  [503, 'Shutdown', { permanent: false }],
])('APNs answers %i %s', async (status, reason, expected) => {
  const apns = await apnsEnd(() => ({ status, reason }));
  const push = await pusher({ apnsUrl: apns.url });
  const outcome = await push(iphone);
  expect(outcome).toEqual({
    ...{ kind: 'failed', statusCode: status, reason: `APNs answered with status ${status}: ${reason}` },
    ...expected,
  });
  expect(apns.pushes).toHaveLength(1);
});

it('signs a new token at once if Apple finds the old one expired', async () => {
  let now = 1_800_000_000_000;
  const apns = await apnsEnd((_push, count) => {
    now += 1_000;
    return count === 2 ? { status: 403, reason: 'ExpiredProviderToken' } : { status: 200 };
  });
  const push = await pusher({ apnsUrl: apns.url }, { now: () => now });
  await push(iphone);
  expect(await push(iphone)).toMatchObject({ kind: 'delivered' });
  expect(new Set(apns.pushes.map(({ headers }) => headers.authorization)).size).toBe(2);
  expect(apns.pushes).toHaveLength(3);
});

it('gives up an APNs that hangs or is away, and connects again', async () => {
  const apns = await apnsEnd((_push, count) => (count === 1 ? undefined : { status: 200 }));
  const push = await pusher({ apnsUrl: apns.url }, { timeoutMs: 150 });
  const hung = { kind: 'failed', permanent: false, reason: 'There was no complete answer within 150 ms.' };
  expect(await push(iphone)).toEqual(hung);
  expect(await push(iphone)).toMatchObject({ kind: 'delivered' });
  // The connection is lost while it is idle; Node tells of it before the next push or with it.
  apns.close();
  const next = await push(iphone);
  const after = next?.kind === 'delivered' ? next : await push(iphone);
  expect(after).toMatchObject({ kind: 'delivered' });
  const away = await pusher({ apnsUrl: 'http://127.0.0.1:1' });
  expect(await away(iphone)).toMatchObject({ kind: 'failed', permanent: false });
});

it('pushes to APNs with a certificate', async () => {
  const [end, client] = await Promise.all(
    ['localhost', 'the client'].map((name) => makeSigningIdentity(new Date(), name)),
  );
  if (end === undefined || client === undefined) throw new Error('no certificates');
  const pushes: Push[] = [];
  const server = createSecureServer({
    ...{ key: end.privateKey, cert: end.certificate },
    ...{ requestCert: true, rejectUnauthorized: true, ca: [client.certificate] },
  });
  server.on(
    'stream',
    serveApns(pushes, () => ({ status: 200 })),
  );
  const port = await listen(server);
  afterTest(() => server.close());
  const push = await pusher({ apnsUrl: `https://localhost:${port}` }, { ca: end.certificate });
  const attributes = {
    PlatformPrincipal: client.certificate,
    PlatformCredential: client.privateKey,
    ApplePlatformBundleID: 'com.example.app',
  };
  expect(await push({ ...iphone, attributes })).toMatchObject({ kind: 'delivered' });
  expect(pushes[0]).toMatchObject({ certificate: 'the client', headers: { 'apns-topic': 'com.example.app' } });
  expect(pushes[0]?.headers).not.toHaveProperty('authorization');
});

it.each([
  {},
  { PlatformPrincipal: 'K', PlatformCredential: 'no key', ApplePlatformTeamID: 'T' },
  { PlatformPrincipal: 'K', PlatformCredential: google.privateKey, ApplePlatformTeamID: 'T' },
  { PlatformPrincipal: '-----BEGIN CERTIFICATE-----\nno\n-----END CERTIFICATE-----', PlatformCredential: 'no key' },
])('fails for good without usable credentials', async (attributes: Record<string, string>) => {
  const apns = await apnsEnd();
  const push = await pusher({ apnsUrl: apns.url });
  expect(await push({ ...iphone, attributes })).toMatchObject({ kind: 'failed', permanent: true });
});

async function admEnd(answer: () => { status: number; reason?: string } = () => ({ status: 200 })) {
  let bought = 0;
  const end = await httpEnd((response, { path, body, headers }) => {
    if (path === '/auth/O2/token') {
      expect(Object.fromEntries(new URLSearchParams(body))).toEqual({
        ...{ grant_type: 'client_credentials', scope: 'messaging:push', client_id: 'id', client_secret: 'secret' },
      });
      bought += 1;
      response.end(JSON.stringify({ access_token: `adm-${bought}`, expires_in: 3600 }));
      return;
    }
    expect(headers.authorization).toBe(`Bearer adm-${bought}`);
    const { status, ...rest } = answer();
    response.writeHead(status).end(JSON.stringify(rest));
  });
  return { ...end, sent: () => end.received.filter(({ path }) => path !== '/auth/O2/token') };
}

const kindle: PushTarget = {
  name: 'ADM',
  token: 'amzn1.adm/1',
  attributes: { PlatformPrincipal: 'id', PlatformCredential: 'secret' },
};

it('pushes to ADM', async () => {
  const adm = await admEnd();
  const push = await pusher({ admUrl: adm.url });
  const message = JSON.stringify({ data: { a: 'x', n: 2 }, consolidationKey: 'k' });
  const attributes = { 'AWS.SNS.MOBILE.ADM.TTL': attribute('30') };
  expect(await push(kindle, { message, attributes })).toMatchObject({ kind: 'delivered' });
  expect(await push(kindle)).toMatchObject({ kind: 'delivered' });
  const [first, second] = adm.sent();
  expect(first).toMatchObject({ method: 'POST', path: '/messaging/registrations/amzn1.adm%2F1/messages' });
  expect(first?.headers).toMatchObject({
    'content-type': 'application/json',
    'x-amzn-type-version': 'com.amazon.device.messaging.ADMMessage@1.0',
    'x-amzn-accept-type': 'com.amazon.device.messaging.ADMSendResult@1.0',
  });
  expect(JSON.parse(first?.body ?? '')).toEqual({ data: { a: 'x', n: '2' }, consolidationKey: 'k', expiresAfter: 30 });
  expect(JSON.parse(second?.body ?? '')).toEqual({ data: { default: 'the message' } });
});

it.each([
  [400, 'Unregistered', { permanent: true, disableEndpoint: true }],
  [400, 'InvalidRegistrationId', { permanent: true, disableEndpoint: true }],
  [400, 'InvalidData', { permanent: true }],
  [413, 'MessageTooLarge', { permanent: true }],
  [429, 'MaxRateExceeded', { permanent: false }],
  [503, 'Unavailable', { permanent: false }],
])('ADM answers %i %s', async (status, reason, expected) => {
  const adm = await admEnd(() => ({ status, reason }));
  const push = await pusher({ admUrl: adm.url });
  expect(await push(kindle)).toEqual({
    ...{ kind: 'failed', statusCode: status, reason: `ADM answered with status ${status}: ${reason}` },
    ...expected,
  });
});

it('buys a new token of ADM once if the one it has is refused', async () => {
  let refusals = 1;
  const adm = await admEnd(() => {
    refusals -= 1;
    return refusals >= 0 ? { status: 401, reason: 'AccessTokenExpired' } : { status: 200 };
  });
  const push = await pusher({ admUrl: adm.url });
  expect(await push(kindle)).toMatchObject({ kind: 'delivered' });
  refusals = 9;
  expect(await push(kindle)).toMatchObject({ kind: 'failed', permanent: true, statusCode: 401 });
  expect(refusals).toBe(7);
});

it.each([
  [401, 'invalid_client', true],
  [503, 'busy', false],
  [204, '', true],
])('passes on why there is no access token: %i %s', async (status, error, permanent) => {
  const end = await httpEnd((response) => response.writeHead(status).end(JSON.stringify({ error })));
  const push = await pusher({ admUrl: end.url });
  const outcome = await push(kindle);
  expect(outcome).toMatchObject({ kind: 'failed', permanent, statusCode: status });
  expect(outcome).toHaveProperty('reason', expect.stringContaining(`refused with status ${status}`));
});
