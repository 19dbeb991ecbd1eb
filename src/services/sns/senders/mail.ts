/** The e-mails of a topic: the message, and links that work when someone clicks on them. */
import type { Delivery, SendContext } from '../delivery.ts';
import { subscribeUrl, unsubscribeUrl } from '../envelope.ts';

export interface Mail {
  readonly to: string;
  readonly subject: string;
  readonly text: string;
  /** Mail programs show it as a button (RFC 2369). */
  readonly unsubscribeUrl?: string;
}

/** AWS's subjects, which people filter their mail by. */
const subjects: Readonly<Record<Delivery['kind'], string>> = {
  notification: 'AWS Notification Message',
  confirmation: 'AWS Notification - Subscription Confirmation',
  'unsubscribe-confirmation': 'AWS Notification - Unsubscribe Confirmation',
};

export function composeMail(delivery: Delivery, context: Pick<SendContext, 'envelope' | 'publicUrl'>): Mail {
  const { kind, protocol, endpoint: to, subscriptionArn } = delivery;
  const isNotification = kind === 'notification';
  const subject = (isNotification && delivery.subject) || subjects[kind];
  const text = protocol === 'email-json' ? context.envelope() : textOf(delivery, context.publicUrl);
  const leave = isNotification ? { unsubscribeUrl: unsubscribeUrl(context.publicUrl, subscriptionArn) } : {};
  return { to, subject, text: `${text}\n`, ...leave };
}

function textOf(delivery: Delivery, publicUrl: string): string {
  const { kind, message, topicArn, subscriptionArn, token = '' } = delivery;
  const confirm = subscribeUrl(publicUrl, topicArn, token);
  switch (kind) {
    case 'notification':
      return [
        message,
        '',
        '--',
        'To get no more messages of this topic, open this link:',
        unsubscribeUrl(publicUrl, subscriptionArn),
      ].join('\n');
    case 'confirmation':
      return [
        'Someone asked for the messages of this topic to be sent to you:',
        topicArn,
        '',
        'If you want them, confirm it by opening this link. If not, do nothing.',
        confirm,
      ].join('\n');
    case 'unsubscribe-confirmation':
      return [
        'You will get no more messages of this topic:',
        topicArn,
        '',
        'If that was a mistake, subscribe again by opening this link:',
        confirm,
      ].join('\n');
    default:
      return kind satisfies never;
  }
}
