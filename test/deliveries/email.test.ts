import { createServer } from 'node:net';
import { expect, it } from 'vitest';
import { Partition } from '../../src/runtime/index.ts';
import type { Delivery, Outcome } from '../../src/services/sns/delivery.ts';
import { createSenders, Outbox, type SendersOptions } from '../../src/services/sns/senders/index.ts';
import type { SnsSettings } from '../../src/services/sns/settings.ts';
import { MemoryStore } from '../../src/storage/memory.ts';
import { afterTest, contextOf, deliveryOf, envelopeText, listen } from './ends.ts';
import { smtpEnd } from './smtpEnd.ts';

async function mailer(settings: SnsSettings, more: Partial<SendersOptions> = {}) {
  const partition = await Partition.open(new MemoryStore());
  const outbox = new Outbox(partition);
  const senders = createSenders({ settings, outbox, ...more });
  afterTest(() => partition.close());
  afterTest(() => senders.close());
  const send = (
    change: Partial<Delivery> = {},
    signal = new AbortController().signal,
  ): Promise<Outcome | undefined> => {
    const delivery = deliveryOf({ protocol: 'email', endpoint: 'ada@example.com', ...change });
    return Promise.resolve(senders.of(delivery.protocol)?.(delivery, contextOf(delivery, { signal })));
  };
  return { send, outbox };
}

const leaveLink = `http://sns.test:4566/?Action=Unsubscribe&SubscriptionArn=${deliveryOf().subscriptionArn}`;
const confirmLink = `http://sns.test:4566/?Action=ConfirmSubscription&TopicArn=${deliveryOf().topicArn}&Token=t0ken`;

it('mails a message with its subject and a link to unsubscribe', async () => {
  const smtp = await smtpEnd();
  const { send } = await mailer({ smtpUrl: smtp.url, emailFrom: 'News <news@example.com>' });
  const outcome = await send({ subject: 'A subject', message: 'Grüße,\n\nEOF' });
  expect(outcome).toMatchObject({ kind: 'delivered', providerResponse: expect.stringMatching(/^250 /) });
  expect(smtp.mails).toHaveLength(1);
  const [mail] = smtp.mails;
  expect(mail).toMatchObject({ from: 'news@example.com', to: ['ada@example.com'] });
  expect(mail?.headers).toMatchObject({
    from: 'News <news@example.com>',
    to: 'ada@example.com',
    subject: 'A subject',
    'list-unsubscribe': `<${leaveLink}>`,
    'x-amz-sns-message-id': deliveryOf().messageId,
  });
  expect(mail?.text).toMatch(/^Grüße,\n\nEOF\n\n--\n/);
  expect(mail?.text.split('\n')).toContain(leaveLink);
});

it('mails confirmations with their link', async () => {
  const smtp = await smtpEnd();
  const { send } = await mailer({ smtpUrl: smtp.url });
  await send({ kind: 'confirmation', token: 't0ken', message: '' });
  await send({ kind: 'unsubscribe-confirmation', token: 't0ken', message: '' });
  await send({ message: 'm' });
  expect(smtp.mails.map(({ headers }) => headers.subject)).toEqual([
    ...['AWS Notification - Subscription Confirmation', 'AWS Notification - Unsubscribe Confirmation'],
    'AWS Notification Message',
  ]);
  for (const mail of smtp.mails.slice(0, 2)) {
    expect(mail.text.split('\n')).toContain(confirmLink);
    expect(mail.headers).not.toHaveProperty('list-unsubscribe');
  }
});

it('mails the envelope alone as email-json', async () => {
  const smtp = await smtpEnd();
  const { send } = await mailer({ smtpUrl: smtp.url });
  await send({ protocol: 'email-json', subject: 'A subject' });
  expect(smtp.mails[0]?.text.trim()).toBe(envelopeText);
  expect(smtp.mails[0]?.headers.subject).toBe('A subject');
});

it.each([
  'a@example.com, b@example.com',
  'a@example.com\r\nBcc: b@example.com',
  'A <a@example.com>',
  '"a, b"@example.com',
  'a',
  '',
])('mails to one address, and not to %j', async (given) => {
  const smtp = await smtpEnd();
  const { send } = await mailer({ smtpUrl: smtp.url });
  expect(await send({ endpoint: given })).toMatchObject({ kind: 'failed', permanent: true });
  expect(smtp.mails).toEqual([]);
});

it('lets no subject become a header', async () => {
  const smtp = await smtpEnd();
  const { send } = await mailer({ smtpUrl: smtp.url });
  expect(await send({ subject: 'x\r\nBcc: b@example.com' })).toMatchObject({ kind: 'delivered' });
  expect(smtp.mails[0]?.to).toEqual(['ada@example.com']);
  expect(smtp.mails[0]?.headers).not.toHaveProperty('bcc');
});

it.each([
  ['a mailbox that is not there', 'onRcptTo', 550, true],
  ['a mailbox that is full for now', 'onRcptTo', 452, false],
  ['a sender that may not send', 'onMailFrom', 553, true],
  ['a connection too many', 'onConnect', 421, false],
] as const)('judges the refusal of %s', async (_what, hook, responseCode, permanent) => {
  const refuse = (...given: unknown[]) => {
    const callback = given.at(-1) as (error: Error) => void;
    callback(Object.assign(new Error('no'), { responseCode }));
  };
  const smtp = await smtpEnd({ [hook]: refuse });
  const { send } = await mailer({ smtpUrl: smtp.url });
  expect(await send()).toMatchObject({ kind: 'failed', permanent, statusCode: responseCode });
  expect(smtp.mails).toEqual([]);
});

it('logs in with the name and the password of the URL', async () => {
  const logins: (string | undefined)[] = [];
  const smtp = await smtpEnd({
    authOptional: false,
    allowInsecureAuth: true,
    onAuth: ({ username, password }, _session, callback) => {
      logins.push(`${username}:${password}`);
      if (password === 's@cret') callback(null, { user: username });
      else callback(new Error('Invalid login'));
    },
  });
  const known = await mailer({ smtpUrl: smtp.url.replace('//', '//ada:s%40cret@') });
  expect(await known.send()).toMatchObject({ kind: 'delivered' });
  // The operator can put it right; the mail is not to blame.
  const unknown = await mailer({ smtpUrl: smtp.url.replace('//', '//ada:wrong@') });
  expect(await unknown.send()).toMatchObject({ kind: 'failed', permanent: false, statusCode: 535 });
  expect(logins).toEqual(['ada:s@cret', 'ada:wrong']);
});

it('tries again later when the relay is away or says nothing', async () => {
  const away = await mailer({ smtpUrl: 'smtp://127.0.0.1:1' });
  expect(await away.send()).toMatchObject({ kind: 'failed', permanent: false });
  const silent = createServer();
  const port = await listen(silent);
  afterTest(() => silent.close());
  const { send } = await mailer({ smtpUrl: `smtp://127.0.0.1:${port}` }, { timeoutMs: 100 });
  expect(await send()).toMatchObject({ kind: 'failed', permanent: false });
});

it('stops at once when the server does', async () => {
  const controller = new AbortController();
  const silent = createServer((socket) => {
    socket.on('error', () => undefined);
    controller.abort();
  });
  const port = await listen(silent);
  afterTest(() => silent.close());
  const { send } = await mailer({ smtpUrl: `smtp://127.0.0.1:${port}` });
  const stopped = { kind: 'failed', permanent: false, reason: 'The server is stopping.' };
  expect(await send({}, controller.signal)).toEqual(stopped);
});

it('keeps mails in the outbox when there is no relay', async () => {
  const { send, outbox } = await mailer({});
  expect(await send({ subject: 'S' })).toMatchObject({ kind: 'delivered' });
  expect(await send({ kind: 'confirmation', token: 't0ken', protocol: 'email-json' })).toMatchObject({
    kind: 'delivered',
  });
  const { entries } = await outbox.list({ limit: 10 });
  expect(entries).toMatchObject([
    { protocol: 'email-json', kind: 'confirmation', text: `${envelopeText}\n` },
    { protocol: 'email', kind: 'notification', to: 'ada@example.com', subject: 'S', topicArn: deliveryOf().topicArn },
  ]);
  expect(entries[1]?.text).toContain(leaveLink);
});
