import type { Transporter } from 'nodemailer';
import type { Delivery, Outcome, Sender } from '../delivery.ts';
import { loggedCharacters, mailConnections, mailMs } from './limits.ts';
import { composeMail, type Mail } from './mail.ts';
import type { Outbox } from './outbox.ts';
import { forNow, permanently } from './outcome.ts';

export interface EmailOptions {
  /** Without a relay, mails go to the outbox. */
  readonly smtpUrl?: string | undefined;
  readonly from?: string | undefined;
  readonly timeoutMs?: number | undefined;
  readonly outbox: Outbox;
}

/** Nodemailer would take `a@x.test, b@x.test` for two, and what stands in angle brackets for the address. */
const oneAddress = /^[^\s,;:<>()[\]"\\@]+@[^\s,;:<>()"\\@]+$/;

const defaultFrom = 'AWS Notifications <no-reply@sns.localhost>';

/** What nodemailer tells of a failure. */
interface SmtpError extends Error {
  readonly code?: string;
  readonly responseCode?: number;
  readonly response?: string;
}

/** The sender of `email` and `email-json`. */
export class EmailSender {
  readonly #options: EmailOptions;
  readonly #from: string;
  #transport: Promise<Transporter> | undefined;

  constructor(options: EmailOptions) {
    this.#options = options;
    this.#from = options.from ?? defaultFrom;
  }

  readonly send: Sender = async (delivery, context) => {
    if (!oneAddress.test(delivery.endpoint)) return permanently('The endpoint is not one e-mail address.');
    const mail = composeMail(delivery, context);
    const { smtpUrl, outbox } = this.#options;
    if (smtpUrl !== undefined) return this.#relay(mail, smtpUrl, delivery, context.signal);
    const { protocol, kind, messageId, topicArn, subscriptionArn } = delivery;
    const { to, subject, text } = mail;
    await outbox.keep({
      ...{ protocol, kind, to, messageId, topicArn, subscriptionArn, subject, text },
      details: { from: this.#from },
    });
    return { kind: 'delivered', providerResponse: 'Kept in the outbox: there is no SMTP relay.' };
  };

  async close(): Promise<void> {
    const transport = await this.#transport?.catch(() => undefined);
    transport?.close();
  }

  async #relay(mail: Mail, smtpUrl: string, delivery: Delivery, signal: AbortSignal): Promise<Outcome> {
    const startedAt = performance.now();
    this.#transport ??= openTransport(smtpUrl, this.#options.timeoutMs ?? mailMs);
    const transport = await this.#transport;
    const sending = transport.sendMail({
      envelope: { from: addressIn(this.#from), to: [mail.to] },
      from: this.#from,
      to: { name: '', address: mail.to },
      subject: mail.subject,
      text: mail.text,
      headers: { 'X-Amz-Sns-Message-Id': delivery.messageId, 'Auto-Submitted': 'auto-generated' },
      ...(mail.unsubscribeUrl !== undefined && { list: { unsubscribe: mail.unsubscribeUrl } }),
    });
    const sent = sending.then(({ response }): Outcome => {
      const dwellTimeMs = Math.round(performance.now() - startedAt);
      return { kind: 'delivered', dwellTimeMs, providerResponse: String(response).slice(0, loggedCharacters) };
    }, failureOf);
    return Promise.race([sent, whenStopped(signal, sent)]);
  }
}

/** Loaded when it is needed: most servers never send a mail. */
async function openTransport(url: string, timeoutMs: number): Promise<Transporter> {
  const { createTransport } = await import('nodemailer');
  return createTransport({
    ...{ url, pool: true, maxConnections: mailConnections },
    ...{ connectionTimeout: timeoutMs, greetingTimeout: timeoutMs, socketTimeout: timeoutMs, dnsTimeout: timeoutMs },
    // A message is text, never the name of a file to attach.
    ...{ disableFileAccess: true, disableUrlAccess: true },
  });
}

/** A mailbox or a message that is refused stays refused; a relay that is away or busy, or doesn't know us, may come round. */
function failureOf(error: SmtpError): Outcome {
  const { code, responseCode, response, message } = error;
  const isAboutMail = code === 'EENVELOPE' || code === 'EMESSAGE';
  const permanent = isAboutMail && (responseCode === undefined || responseCode >= 500);
  const reason = (response ?? message).slice(0, loggedCharacters);
  return { kind: 'failed', permanent, reason, ...(responseCode !== undefined && { statusCode: responseCode }) };
}

/** The dialogue goes on to its own end; nobody waits for it. */
function whenStopped(signal: AbortSignal, sent: Promise<unknown>): Promise<Outcome> {
  return new Promise((resolve) => {
    const stop = () => resolve(forNow('The server is stopping.'));
    if (signal.aborted) stop();
    signal.addEventListener('abort', stop, { once: true });
    sent.finally(() => signal.removeEventListener('abort', stop));
  });
}

/** `Name <a@b.test>` or the address alone. */
function addressIn(from: string): string {
  return /<([^<>]+)>\s*$/.exec(from)?.[1] ?? from;
}
