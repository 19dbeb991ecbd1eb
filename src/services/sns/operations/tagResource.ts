import { findTagged } from '../finding.ts';
import type { SnsOperation } from '../service.ts';
import { addTags, readTags } from '../tags.ts';

export const tagResource: SnsOperation<'TagResource'> = async (sns, input, context) => {
  const topic = await findTagged(sns, input.ResourceArn, context);
  await sns.topics.update(topic, { tags: addTags(topic.record.tags, readTags(input.Tags)) });
  return {};
};
