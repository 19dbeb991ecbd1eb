/**
 * The JSON that subscribers receive. Order, spaces and line breaks are AWS's, seen in bodies that it delivered:
 *
 *     {
 *       "Type" : "Notification",
 *       "MessageId" : "...",
 *       "SequenceNumber" : "...",          of a FIFO topic
 *       "TopicArn" : "...",
 *       "Subject" : "...",                 if there is one
 *       "Message" : "...",
 *       "Timestamp" : "2012-05-02T00:54:06.655Z",
 *       "SignatureVersion" : "1",          these three not of a FIFO topic
 *       "Signature" : "...",
 *       "SigningCertURL" : "...",
 *       "UnsubscribeURL" : "...",
 *       "MessageAttributes" : {            if there are any
 *         "colour" : {"Type":"String","Value":"blue"}
 *       }
 *     }
 *
 * SQS, HTTP and email-json get this; Lambda and Firehose have forms of their own.
 */
import type { SplitText } from '#runtime';
import { required } from '#std/assert';
import type { ShownAttributes } from './attributeForms.ts';
import type { Delivery } from './delivery.ts';
import { type SignatureVersion, type SignedFields, type Signer, textToSign } from './signing.ts';

/** A message as one of a topic's subscriptions gets it, without the subscription. */
export interface TopicMessage {
  readonly topicArn: string;
  readonly messageId: string;
  readonly publishedAt: number;
  readonly subject?: string | undefined;
  /** Already chosen by MessageStructure. */
  readonly message: string;
  readonly attributes: ShownAttributes;
  readonly sequenceNumber?: string | undefined;
}

/** What an envelope holds besides the message. */
export interface EnvelopeSettings {
  /** Of Posthorn, without a slash at the end. */
  readonly publicUrl: string;
  readonly signingCertUrl: string;
  /** The topic's. */
  readonly signatureVersion: SignatureVersion;
  readonly signer: Signer;
}

type Field = readonly [name: string, value: string];

/** The envelope of a delivery, whatever its kind. */
export function envelopeOf(delivery: Delivery, settings: EnvelopeSettings): string {
  if (delivery.kind === 'notification') return notificationFor(delivery, settings, delivery.subscriptionArn);
  return confirmationEnvelope(delivery, settings);
}

/** A notification with a subscription's ARN. */
export function notificationFor(message: TopicMessage, settings: EnvelopeSettings, subscriptionArn: string): string {
  const { before, after } = splitNotification(message, settings);
  return before + subscriptionArn + after;
}

/**
 * All of a notification but the subscription's ARN, which stands between the two parts: its letters need no escape.
 * `signature`: what `notificationTextToSign` came to, if that is known already.
 */
export function splitNotification(message: TopicMessage, settings: EnvelopeSettings, signature?: string): SplitText {
  const url = JSON.stringify(unsubscribeUrl(settings.publicUrl, ''));
  return {
    before: `{\n${lines(notificationFields(message, settings, signature))}  "UnsubscribeURL" : ${url.slice(0, -1)}`,
    after: `"${attributesMember(message.attributes)}\n}`,
  };
}

/** The text whose signature `notificationFor` needs; undefined if none. For `Signer.signAhead`. */
export function notificationTextToSign(message: TopicMessage): string | undefined {
  return isFifo(message.topicArn) ? undefined : textToSign(signedFieldsOf(message));
}

export function notificationSignature(message: TopicMessage, settings: EnvelopeSettings): string {
  return settings.signer.sign(settings.signatureVersion, textToSign(signedFieldsOf(message)));
}

export function timestampOf(publishedAt: number): string {
  return new Date(publishedAt).toISOString();
}

/** Like AWS's, with the ARN as it is: colons need no escape in a query. */
export function unsubscribeUrl(publicUrl: string, subscriptionArn: string): string {
  return `${publicUrl}/?Action=Unsubscribe&SubscriptionArn=${subscriptionArn}`;
}

export function subscribeUrl(publicUrl: string, topicArn: string, token: string): string {
  return `${publicUrl}/?Action=ConfirmSubscription&TopicArn=${topicArn}&Token=${token}`;
}

/** What a confirmation says, in AWS's words. */
export function confirmationText(delivery: Pick<Delivery, 'kind' | 'topicArn' | 'subscriptionArn'>): string {
  return delivery.kind === 'confirmation'
    ? `You have chosen to subscribe to the topic ${delivery.topicArn}.\nTo confirm the subscription, visit the SubscribeURL included in this message.`
    : `You have chosen to deactivate subscription ${delivery.subscriptionArn}.\nTo cancel this operation and restore the subscription, visit the SubscribeURL included in this message.`;
}

function notificationFields(message: TopicMessage, settings: EnvelopeSettings, signature?: string): Field[] {
  const { messageId, sequenceNumber, topicArn, subject } = message;
  return [
    ['Type', 'Notification'],
    ['MessageId', messageId],
    ...given('SequenceNumber', sequenceNumber),
    ['TopicArn', topicArn],
    ...given('Subject', subject),
    ['Message', message.message],
    ['Timestamp', timestampOf(message.publishedAt)],
    // Measured: AWS signs nothing that a FIFO topic sends.
    ...(isFifo(topicArn) ? [] : signatureFields(settings, signature ?? notificationSignature(message, settings))),
  ];
}

function confirmationEnvelope(delivery: Delivery, settings: EnvelopeSettings): string {
  const token = required(delivery.token, 'the token of a confirmation');
  const signed = {
    Type: delivery.kind === 'confirmation' ? 'SubscriptionConfirmation' : 'UnsubscribeConfirmation',
    MessageId: delivery.messageId,
    Token: token,
    TopicArn: delivery.topicArn,
    Message: confirmationText(delivery),
    SubscribeURL: subscribeUrl(settings.publicUrl, delivery.topicArn, token),
    Timestamp: timestampOf(delivery.publishedAt),
  } as const satisfies SignedFields;
  const signature = settings.signer.sign(settings.signatureVersion, textToSign(signed));
  const fields: Field[] = [...Object.entries(signed), ...signatureFields(settings, signature)];
  return `{\n${lines(fields).slice(0, -',\n'.length)}\n}`;
}

function signedFieldsOf(message: TopicMessage): SignedFields {
  return {
    Type: 'Notification',
    Message: message.message,
    MessageId: message.messageId,
    Subject: message.subject,
    Timestamp: timestampOf(message.publishedAt),
    TopicArn: message.topicArn,
  };
}

function signatureFields({ signatureVersion, signingCertUrl }: EnvelopeSettings, signature: string): Field[] {
  return [
    ['SignatureVersion', signatureVersion],
    ['Signature', signature],
    ['SigningCertURL', signingCertUrl],
  ];
}

function attributesMember(attributes: ShownAttributes): string {
  const lines = Object.entries(attributes).map(
    ([name, { Type, Value }]) => `    ${JSON.stringify(name)} : ${JSON.stringify({ Type, Value })}`,
  );
  return lines.length === 0 ? '' : `,\n  "MessageAttributes" : {\n${lines.join(',\n')}\n  }`;
}

function given(name: string, value: string | undefined): Field[] {
  return value === undefined ? [] : [[name, value]];
}

function lines(fields: readonly Field[]): string {
  let text = '';
  for (const [name, value] of fields) text += `  "${name}" : ${JSON.stringify(value)},\n`;
  return text;
}

function isFifo(topicArn: string): boolean {
  return topicArn.endsWith('.fifo');
}
