import {
  type EnvelopeSettings,
  notificationSignature,
  type TopicMessage,
  timestampOf,
  unsubscribeUrl,
} from './envelope.ts';

/** What a Lambda function is called with. Other than an envelope it always has a subject and attributes, and says Url. */
export function lambdaEvent(message: TopicMessage, subscriptionArn: string, settings: EnvelopeSettings): string {
  const Sns = {
    Type: 'Notification',
    MessageId: message.messageId,
    TopicArn: message.topicArn,
    Subject: message.subject ?? null,
    Message: message.message,
    Timestamp: timestampOf(message.publishedAt),
    // Measured: AWS says 1 here even where the topic's version is 2, and the signature is SHA256withRSA.
    SignatureVersion: '1',
    Signature: notificationSignature(message, settings),
    SigningCertUrl: settings.signingCertUrl,
    UnsubscribeUrl: unsubscribeUrl(settings.publicUrl, subscriptionArn),
    MessageAttributes: message.attributes,
  };
  const record = { EventSource: 'aws:sns', EventVersion: '1.0', EventSubscriptionArn: subscriptionArn, Sns };
  return JSON.stringify({ Records: [record] });
}
