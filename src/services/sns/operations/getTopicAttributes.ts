import { findTopic } from '../finding.ts';
import type { SnsOperation } from '../service.ts';
import { shownAttributes } from '../topicAttributes.ts';

export const getTopicAttributes: SnsOperation<'GetTopicAttributes'> = async (sns, input, context) => {
  const topic = await findTopic(sns, input.TopicArn, context);
  return { Attributes: shownAttributes(topic, sns.partition.now()) };
};
