/**
 * SMS are posted to a gateway of the operator's choice, a small program or a provider's webhook, as JSON with AWS's names:
 *
 *     { "MessageId": "...", "PhoneNumber": "+15550100", "Message": "...", "SMSType": "Promotional" | "Transactional",
 *       "SenderID"?: "...", "MaxPrice"?: "0.50", "OriginationNumber"?: "...", "EntityId"?: "...", "TemplateId"?: "...",
 *       "TopicArn"?: "...", "SubscriptionArn"?: "..." }
 *
 * A 2xx takes the message over. A 429, a 5xx and silence are tried again, anything else is final.
 */
import type { Delivery, SendContext, Sender } from '../delivery.ts';
import type { HttpClient } from './httpClient.ts';
import type { Outbox } from './outbox.ts';
import { outcomeOf } from './outcome.ts';

export interface SmsOptions {
  /** Without a gateway, SMS go to the outbox. */
  readonly gatewayUrl?: string | undefined;
  readonly client: HttpClient;
  readonly outbox: Outbox;
}

/** The message attribute behind each member. */
const fromAttributes = {
  SenderID: 'AWS.SNS.SMS.SenderID',
  MaxPrice: 'AWS.SNS.SMS.MaxPrice',
  OriginationNumber: 'AWS.MM.SMS.OriginationNumber',
  EntityId: 'AWS.MM.SMS.EntityId',
  TemplateId: 'AWS.MM.SMS.TemplateId',
} as const;

export interface GatewayMessage extends Partial<Record<keyof typeof fromAttributes, string>> {
  readonly MessageId: string;
  readonly PhoneNumber: string;
  readonly Message: string;
  readonly SMSType: string;
  readonly TopicArn?: string;
  readonly SubscriptionArn?: string;
}

export function createSmsSender({ gatewayUrl, client, outbox }: SmsOptions): Sender {
  return async (delivery, context) => {
    const message = composeSms(delivery, context);
    if (gatewayUrl !== undefined) {
      const headers = { 'content-type': 'application/json' };
      const post = { url: new URL(gatewayUrl), headers, body: JSON.stringify(message), signal: context.signal };
      return outcomeOf(await client.post(post));
    }
    const { protocol, kind, messageId, topicArn, subscriptionArn } = delivery;
    const {
      MessageId: _id,
      PhoneNumber: to,
      Message: text,
      TopicArn: _topic,
      SubscriptionArn: _own,
      ...details
    } = message;
    await outbox.keep({ protocol, kind, to, messageId, topicArn, subscriptionArn, text, details });
    return { kind: 'delivered', providerResponse: 'Kept in the outbox: there is no SMS gateway.' };
  };
}

/** The attributes of the message win over those that the account has set for all. */
export function composeSms(
  delivery: Delivery,
  { smsAttributes = {} }: Pick<SendContext, 'smsAttributes'>,
): GatewayMessage {
  const { attributes, messageId, endpoint, message, topicArn, subscriptionArn } = delivery;
  const given = Object.entries(fromAttributes).flatMap(([member, name]) => {
    const value = attributes[name]?.Value ?? (member === 'SenderID' ? smsAttributes.DefaultSenderID : undefined);
    return value === undefined || value === '' ? [] : [[member, value] as const];
  });
  return {
    ...{ MessageId: messageId, PhoneNumber: endpoint, Message: message },
    SMSType: attributes['AWS.SNS.SMS.SMSType']?.Value ?? smsAttributes.DefaultSMSType ?? 'Promotional',
    ...Object.fromEntries(given),
    ...(topicArn !== '' && { TopicArn: topicArn }),
    ...(subscriptionArn !== '' && { SubscriptionArn: subscriptionArn }),
  };
}
