import { findTopic } from '../finding.ts';
import type { SnsOperation } from '../service.ts';
import { checkLabel, defaultPolicy, removePermission as removeFromPolicy } from '../topicPolicy.ts';

/** Takes the statements of a label out of the topic's Policy. */
export const removePermission: SnsOperation<'RemovePermission'> = async (sns, input, context) => {
  const topic = await findTopic(sns, input.TopicArn, context);
  checkLabel(input.Label);
  const { attributes } = topic.record;
  const Policy = removeFromPolicy(attributes.Policy ?? defaultPolicy(topic.record), input.Label);
  await sns.topics.update(topic, { attributes: { ...attributes, Policy } });
};
