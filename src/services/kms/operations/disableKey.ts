import { changeKey } from '../changing.ts';
import { checkNotPendingDeletion } from '../finding.ts';
import type { KmsOperation } from '../service.ts';

export const disableKey: KmsOperation<'DisableKey'> = async (kms, input, context) => {
  await changeKey(kms, { reference: input.KeyId, operation: 'DisableKey' }, context, (key) => {
    checkNotPendingDeletion(key);
    return key.state === 'Disabled' ? undefined : { key: { ...key, state: 'Disabled' } };
  });
};
