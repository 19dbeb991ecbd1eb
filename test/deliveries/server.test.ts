/** A whole server and real ends: what someone subscribes by e-mail, HTTP, SMS and push, and what comes of it. */
import { expect, it } from 'vitest';
import { type PosthornOptions, startPosthorn } from '../../src/server.ts';
import { afterTest, httpEnd } from './ends.ts';
import { smtpEnd } from './smtpEnd.ts';

async function open(options: PosthornOptions = {}) {
  const server = await startPosthorn({ port: 0, memory: true, ...options });
  afterTest(() => server.close());
  const call = async (Action: string, parameters: Record<string, string> = {}): Promise<string> => {
    const answer = await fetch(server.endpoint, {
      method: 'POST',
      body: new URLSearchParams({ Action, ...parameters }),
    });
    const text = await answer.text();
    if (!answer.ok) throw new Error(text);
    return text;
  };
  const outbox = async (query = '') => {
    const answer = await fetch(`${server.endpoint}/_posthorn/outbox${query}`);
    return ((await answer.json()) as { entries: OutboxEntry[] }).entries;
  };
  const TopicArn = element(await call('CreateTopic', { Name: 'news' }), 'TopicArn');
  return { server, call, outbox, TopicArn };
}

interface OutboxEntry {
  readonly protocol: string;
  readonly kind: string;
  readonly to: string;
  readonly text: string;
  readonly links?: readonly string[];
}

function element(xml: string, name: string): string {
  return new RegExp(`<${name}>([^<]*)</${name}>`).exec(xml)?.[1] ?? '';
}

/** As a browser does that has never heard of Posthorn. */
async function click(link: string): Promise<number> {
  const answer = await fetch(link, { headers: { accept: 'text/html' } });
  await answer.arrayBuffer();
  return answer.status;
}

function links(text: string): string[] {
  return text.match(/https?:\/\/\S+/g) ?? [];
}

it('subscribes and unsubscribes someone who only clicks on the links of mails', async () => {
  const smtp = await smtpEnd();
  const { call, TopicArn } = await open({ smtpUrl: smtp.url, emailFrom: 'news@example.com' });
  const subscribed = await call('Subscribe', { TopicArn, Protocol: 'email', Endpoint: 'ada@example.com' });
  expect(element(subscribed, 'SubscriptionArn')).toBe('pending confirmation');
  const [confirmation] = await smtp.received(1);
  expect(confirmation).toMatchObject({ from: 'news@example.com', to: ['ada@example.com'] });
  const [confirm = ''] = links(confirmation?.text ?? '');
  expect(await click(confirm)).toBe(200);
  await call('Publish', { TopicArn, Subject: 'First', Message: 'the news' });
  const mails = await smtp.received(2);
  expect(mails[1]?.headers.subject).toBe('First');
  expect(mails[1]?.text).toContain('the news');
  const leave = links(mails[1]?.text ?? '').at(-1) ?? '';
  expect(await click(leave)).toBe(200);
  expect(await call('ListSubscriptionsByTopic', { TopicArn })).not.toContain('ada@example.com');
});

it('confirms an HTTP endpoint by the URL that it gets, and delivers to it', async () => {
  const { call, TopicArn } = await open();
  const bodies: string[] = [];
  const arrived: (() => void)[] = [];
  const end = await httpEnd((response, { body }) => {
    bodies.push(body);
    response.writeHead(200).end();
    arrived.shift()?.();
  });
  const next = () =>
    new Promise<void>((resolve) => {
      arrived.push(resolve);
    });
  const asked = next();
  await call('Subscribe', { TopicArn, Protocol: 'http', Endpoint: `${end.url}/hook` });
  await asked;
  const delivered = next();
  expect(await click(JSON.parse(bodies[0] ?? '').SubscribeURL)).toBe(200);
  await call('Publish', { TopicArn, Message: 'the news' });
  await delivered;
  expect(JSON.parse(bodies[1] ?? '')).toMatchObject({ Type: 'Notification', Message: 'the news', TopicArn });
  expect(end.received[1]).toMatchObject({ method: 'POST', path: '/hook' });
  expect(end.received[1]?.headers).toMatchObject({
    'x-amz-sns-message-type': 'Notification',
    'x-amz-sns-topic-arn': TopicArn,
    'content-type': 'text/plain; charset=UTF-8',
  });
});

it('shows in the outbox what nothing is configured for', async () => {
  const { call, outbox, TopicArn } = await open();
  await call('Subscribe', { TopicArn, Protocol: 'email', Endpoint: 'ada@example.com' });
  const [confirmation] = await expect
    .poll(() => outbox('?protocol=email'))
    .toHaveLength(1)
    .then(() => outbox());
  expect(await click(confirmation?.links?.[0] ?? '')).toBe(200);
  await call('Publish', { PhoneNumber: '+15550100', Message: 'a code' });
  await call('Publish', { TopicArn, Message: 'the news' });
  await expect.poll(() => outbox()).toHaveLength(3);
  const [sms] = await outbox('?protocol=sms');
  expect(sms).toMatchObject({ to: '+15550100', text: 'a code' });
  const [mail] = await outbox('?protocol=email&limit=1');
  expect(mail).toMatchObject({ kind: 'notification', to: 'ada@example.com' });
  expect(mail?.text).toMatch(/^the news\n/);
});

it('disables an endpoint whose token is dead', async () => {
  const adm = await httpEnd((response, { path }) => {
    if (path === '/auth/O2/token') response.end('{"access_token":"t","expires_in":3600}');
    else response.writeHead(400).end('{"reason":"Unregistered"}');
  });
  const { call } = await open({ admUrl: adm.url });
  const application = element(
    await call('CreatePlatformApplication', {
      ...{ Name: 'app', Platform: 'ADM' },
      ...{ 'Attributes.entry.1.key': 'PlatformPrincipal', 'Attributes.entry.1.value': 'id' },
      ...{ 'Attributes.entry.2.key': 'PlatformCredential', 'Attributes.entry.2.value': 'secret' },
    }),
    'PlatformApplicationArn',
  );
  const EndpointArn = element(
    await call('CreatePlatformEndpoint', { PlatformApplicationArn: application, Token: 'device' }),
    'EndpointArn',
  );
  const enabled = async () => {
    const attributes = await call('GetEndpointAttributes', { EndpointArn });
    return /<key>Enabled<\/key>\s*<value>([^<]*)</.exec(attributes)?.[1];
  };
  expect(await enabled()).toBe('true');
  await call('Publish', { TargetArn: EndpointArn, Message: 'hello' });
  await expect.poll(enabled).toBe('false');
  expect(adm.received.map(({ path }) => path)).toEqual(['/auth/O2/token', '/messaging/registrations/device/messages']);
});

it('tells at the start what is wrong with a setting', async () => {
  await expect(startPosthorn({ port: 0, memory: true, smtpUrl: 'mail.example.com' })).rejects.toThrow('smtpUrl');
});
