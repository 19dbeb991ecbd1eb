import { findTagged } from '../finding.ts';
import type { SnsOperation } from '../service.ts';
import { shownTags } from '../tags.ts';

export const listTagsForResource: SnsOperation<'ListTagsForResource'> = async (sns, input, context) => {
  const topic = await findTagged(sns, input.ResourceArn, context);
  return { Tags: shownTags(topic.record.tags) };
};
