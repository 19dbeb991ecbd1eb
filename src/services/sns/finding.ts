import type { CallContext } from '#aws/contract';
import { checkSubscriptionArn, checkTopicArn } from './arn.ts';
import { resourceNotFound, subscriptionNotFound, topicNotFound } from './errors.ts';
import type { Sns } from './service.ts';
import type { Subscription } from './subscription.ts';
import type { Topic } from './topics.ts';

/** The topic that the ARN names. */
export async function findTopic(sns: Sns, arn: string, context: CallContext, parameter?: string): Promise<Topic> {
  const found = sns.topics.find(checkTopicArn(arn, context, parameter));
  const topic = found instanceof Promise ? await found : found;
  if (topic === undefined) throw topicNotFound();
  return topic;
}

export async function findSubscription(
  sns: Sns,
  arn: string,
  context: CallContext,
): Promise<{ topic: Topic; subscription: Subscription }> {
  const { topic: path, subscriptionId } = checkSubscriptionArn(arn, context);
  const topic = await sns.topics.find(path);
  const subscription = topic?.subscriptions.get(subscriptionId);
  if (topic === undefined || subscription === undefined) throw subscriptionNotFound();
  return { topic, subscription };
}

/** For who has waited since it found the topic: it may have been deleted meanwhile. */
export function refuseIfGone(topic: Topic): void {
  if (topic.isGone) throw topicNotFound();
}

/** The topic whose tags are meant. */
export async function findTagged(sns: Sns, arn: string, context: CallContext): Promise<Topic> {
  const topic = await sns.topics.find(checkTopicArn(arn, context, 'ResourceArn'));
  if (topic === undefined) throw resourceNotFound();
  return topic;
}
