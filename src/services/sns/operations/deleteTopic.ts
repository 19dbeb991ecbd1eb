import { checkTopicArn } from '../arn.ts';
import { deleteDeliveryQueue } from '../confirmation.ts';
import { invalidState } from '../errors.ts';
import { logPath } from '../records.ts';
import type { SnsOperation } from '../service.ts';

/** With its subscriptions, and whatever waits to be delivered to them. One that does not exist is a success, too. */
export const deleteTopic: SnsOperation<'DeleteTopic'> = async (sns, input, context) => {
  const topic = await sns.topics.find(checkTopicArn(input.TopicArn, context));
  if (topic === undefined) return;
  if (topic.record.attributes.ArchivePolicy !== undefined) {
    throw invalidState('Invalid state: Cannot delete a topic with an ArchivePolicy');
  }
  const subscriptions = await sns.topics.remove(topic);
  for (const record of subscriptions) await deleteDeliveryQueue(sns, record);
  if (!topic.isFifo) return;
  const { accountId, region, name } = logPath(topic.record);
  const log = await sns.partition.queue(accountId, region, name);
  await log?.deleteQueue();
};
