import type { CallContext } from '#aws/contract';
import { checkSubscriptionArn, fromLink, isSigned } from '../arn.ts';
import { deleteDeliveryQueue, sendConfirmation, withToken } from '../confirmation.ts';
import { notAuthorized } from '../errors.ts';
import type { SubscriptionRecord } from '../records.ts';
import type { SnsOperation } from '../service.ts';

/** Protocols whose endpoints are told that it is over, if it was not their owner who said so. */
const toldProtocols = ['http', 'https', 'email', 'email-json'];

/** One that does not exist is a success. */
export const unsubscribe: SnsOperation<'Unsubscribe'> = async (sns, input, context) => {
  const { topic: path, subscriptionId } = checkSubscriptionArn(
    input.SubscriptionArn,
    fromLink(context, input.SubscriptionArn),
  );
  const topic = await sns.topics.find(path);
  const subscription = topic?.subscriptions.get(subscriptionId);
  if (topic === undefined || subscription === undefined) return;
  const { record } = subscription;
  checkCaller(record, context);
  const isTold = record.status === 'confirmed' && !isOwner(record, context) && toldProtocols.includes(record.protocol);
  const { token: _, ...rest } = record;
  const restorable = isTold ? withToken(rest, sns.partition.now()) : undefined;
  await sns.topics.removeSubscription(topic, record, restorable);
  // The last message waits in the queue of those that are not delivered any more.
  if (restorable === undefined) await deleteDeliveryQueue(sns, record);
  else await sendConfirmation(sns, topic, restorable, 'unsubscribe-confirmation', context.endpoint);
};

/** Who signs is one of the two owners; without a signature, whoever was told the ARN, unless the subscriber wanted it otherwise. */
function checkCaller(record: SubscriptionRecord, context: CallContext): void {
  if (!isSigned(context) && !record.confirmationWasAuthenticated) return;
  const isTopicOwner = isSigned(context) && context.accountId === record.topic.accountId;
  if (isTopicOwner || isOwner(record, context)) return;
  throw notAuthorized('Only the owner of the subscription or of the topic may unsubscribe, with a signature.');
}

function isOwner({ owner }: SubscriptionRecord, context: CallContext): boolean {
  return isSigned(context) && context.accountId === owner;
}
