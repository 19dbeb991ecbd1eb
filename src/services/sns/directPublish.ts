/** Messages to one phone number or one endpoint, without a topic. */
import { randomUUID } from 'node:crypto';
import type { CallContext } from '#aws/contract';
import type { QueuePath } from '#runtime';
import { randomUuidBytes } from '#std/uuid';
import { showAttributes } from './attributeForms.ts';
import type { Delivery } from './delivery.ts';
import { openDirectQueue, pushQueuePath, smsQueuePath } from './directQueues.ts';
import { endpointDisabled, invalidParameter, platformApplicationDisabled } from './errors.ts';
import { messageBytes } from './limits.ts';
import { parseMessageStructure, textFor } from './messageStructure.ts';
import { isPhoneNumber, normalNumber, type SmsScope } from './phoneNumbers.ts';
import { isEnabled } from './platformApplications.ts';
import { checkEndpointArn } from './platformArn.ts';
import { readEndpoint } from './platformEndpoints.ts';
import { checkContent, type PublishRequest } from './publication.ts';
import type { Sns } from './service.ts';

export type DirectTarget = { readonly PhoneNumber: string } | { readonly TargetArn: string };

/** Checks all of the request, and stores the message for delivery. */
export async function publishDirect(
  sns: Sns,
  target: DirectTarget,
  request: PublishRequest,
  context: CallContext,
): Promise<{ readonly MessageId: string }> {
  if (checkContent(request) > messageBytes) throw invalidParameter('Message too long');
  const messageId =
    'PhoneNumber' in target
      ? await publishToPhone(sns, target.PhoneNumber, request, context)
      : await publishToEndpoint(sns, target.TargetArn, request, context);
  return { MessageId: messageId };
}

/** True of what `publishDirect` takes as a TargetArn: all other ARNs are topics'. */
export function isEndpointArn(arn: string): boolean {
  return arn.split(':')[5]?.startsWith('endpoint/') ?? false;
}

/** AWS takes what goes to a number that has opted out, and tells of it in the status log. */
async function publishToPhone(sns: Sns, phoneNumber: string, request: PublishRequest, context: CallContext) {
  if (!isPhoneNumber(phoneNumber)) {
    throw invalidParameter(`PhoneNumber Reason: ${phoneNumber} is not valid to publish to`);
  }
  const { Message, MessageStructure, MessageAttributes } = request;
  const message = MessageStructure === 'json' ? textFor(parseMessageStructure(Message), 'sms') : Message;
  return sendSms(sns, context, normalNumber(phoneNumber), {
    message: message ?? '',
    attributes: showAttributes(MessageAttributes),
  });
}

/** Gives the message's id. */
export async function sendSms(
  sns: Pick<Sns, 'partition' | 'deliveries'>,
  scope: SmsScope,
  endpoint: string,
  what: Pick<Delivery, 'message'> & Partial<Delivery>,
): Promise<string> {
  return enqueue(sns, smsQueuePath(scope), { protocol: 'sms', endpoint, ...what });
}

async function publishToEndpoint(sns: Sns, arn: string, request: PublishRequest, context: CallContext) {
  const path = checkEndpointArn(arn, context, 'TargetArn');
  const found = path && (await readEndpoint(sns, path));
  if (found === undefined) {
    throw invalidParameter('TargetArn Reason: No endpoint found for the target arn specified');
  }
  const { application, endpoint } = found;
  // Recorded at AWS: that it is disabled is told before what is wrong with the text.
  if (!isEnabled(application)) throw platformApplicationDisabled();
  if (!isEnabled(endpoint)) throw endpointDisabled();
  return enqueue(sns, pushQueuePath(application), {
    ...{ protocol: 'application', endpoint: arn, message: pushText(request, application.platform) },
    ...(request.Subject !== undefined && { subject: request.Subject }),
    attributes: showAttributes(request.MessageAttributes),
    publicUrl: context.endpoint,
  });
}

function pushText({ Message, MessageStructure }: PublishRequest, platform: string): string {
  if (MessageStructure !== 'json') return Message;
  const text = textFor(parseMessageStructure(Message, 'endpoint'), platform);
  if (text !== undefined) return text;
  throw invalidParameter(`JSON must contain an entry for 'default' or '${platform}'.`);
}

async function enqueue(
  sns: Pick<Sns, 'partition' | 'deliveries'>,
  path: QueuePath,
  what: Pick<Delivery, 'protocol' | 'endpoint' | 'message'> & Partial<Delivery>,
): Promise<string> {
  const queue = await openDirectQueue(sns, path);
  const messageId = randomUUID();
  const delivery: Delivery = {
    ...{ kind: 'notification', topicArn: '', subscriptionArn: '', raw: true, attributes: {} },
    ...{ messageId, publishedAt: sns.partition.now() },
    ...what,
  };
  await queue.send([{ messageId: randomUuidBytes(), payload: Buffer.from(JSON.stringify(delivery)) }]);
  return messageId;
}
