import { changeKey } from '../changing.ts';
import { checkNotPendingDeletion } from '../finding.ts';
import type { KmsOperation } from '../service.ts';
import { addTags, readTags } from '../tags.ts';

export const tagResource: KmsOperation<'TagResource'> = async (kms, input, context) => {
  await changeKey(kms, { reference: input.KeyId, operation: 'TagResource' }, context, (key) => {
    checkNotPendingDeletion(key);
    return { key: { ...key, tags: addTags(key.tags, readTags(input.Tags)) } };
  });
};
