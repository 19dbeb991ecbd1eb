import { changeKey } from '../changing.ts';
import { checkNotPendingDeletion } from '../finding.ts';
import type { KmsOperation } from '../service.ts';

export const updateKeyDescription: KmsOperation<'UpdateKeyDescription'> = async (kms, input, context) => {
  await changeKey(kms, { reference: input.KeyId, operation: 'UpdateKeyDescription' }, context, (key) => {
    checkNotPendingDeletion(key);
    return { key: { ...key, description: input.Description } };
  });
};
