import { type TopicMessage, timestampOf, unsubscribeUrl } from './envelope.ts';

/** What a delivery stream gets unless it gets the message raw: an envelope on one line, and not signed. */
export function firehoseRecord(message: TopicMessage, subscriptionArn: string, publicUrl: string): string {
  return JSON.stringify({
    Type: 'Notification',
    MessageId: message.messageId,
    TopicArn: message.topicArn,
    // JSON leaves out what is undefined.
    Subject: message.subject,
    Message: message.message,
    Timestamp: timestampOf(message.publishedAt),
    UnsubscribeURL: unsubscribeUrl(publicUrl, subscriptionArn),
    MessageAttributes: Object.keys(message.attributes).length > 0 ? message.attributes : undefined,
  });
}
