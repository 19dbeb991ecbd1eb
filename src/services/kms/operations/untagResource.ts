import { changeKey } from '../changing.ts';
import { checkNotPendingDeletion } from '../finding.ts';
import type { KmsOperation } from '../service.ts';
import { checkTagKey } from '../tags.ts';

/** Removing a tag that isn't there is a success. */
export const untagResource: KmsOperation<'UntagResource'> = async (kms, input, context) => {
  await changeKey(kms, { reference: input.KeyId, operation: 'UntagResource' }, context, (key) => {
    checkNotPendingDeletion(key);
    for (const tagKey of input.TagKeys) checkTagKey(tagKey);
    const tags = Object.fromEntries(Object.entries(key.tags).filter(([name]) => !input.TagKeys.includes(name)));
    return { key: { ...key, tags } };
  });
};
