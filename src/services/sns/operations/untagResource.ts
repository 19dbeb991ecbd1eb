import { findTagged } from '../finding.ts';
import type { SnsOperation } from '../service.ts';

export const untagResource: SnsOperation<'UntagResource'> = async (sns, input, context) => {
  const topic = await findTagged(sns, input.ResourceArn, context);
  const removed = new Set(input.TagKeys);
  const left = Object.entries(topic.record.tags).filter(([key]) => !removed.has(key));
  await sns.topics.update(topic, { tags: Object.fromEntries(left) });
  return {};
};
