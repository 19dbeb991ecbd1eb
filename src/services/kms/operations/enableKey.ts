import { changeKey } from '../changing.ts';
import { checkNotPendingDeletion } from '../finding.ts';
import type { KmsOperation } from '../service.ts';

/** A rotation that was missed meanwhile is made up for at once. */
export const enableKey: KmsOperation<'EnableKey'> = async (kms, input, context) => {
  await changeKey(kms, { reference: input.KeyId, operation: 'EnableKey' }, context, (key) => {
    checkNotPendingDeletion(key);
    return key.state === 'Enabled' ? undefined : { key: { ...key, state: 'Enabled' } };
  });
};
