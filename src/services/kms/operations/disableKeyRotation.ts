import { changeKey } from '../changing.ts';
import { checkEnabled } from '../finding.ts';
import type { KmsOperation } from '../service.ts';

/** A success for keys that never rotate, too. */
export const disableKeyRotation: KmsOperation<'DisableKeyRotation'> = async (kms, input, context) => {
  await changeKey(kms, { reference: input.KeyId, operation: 'DisableKeyRotation' }, context, (key) => {
    checkEnabled(key);
    const { rotation, ...without } = key;
    return rotation === undefined ? undefined : { key: without };
  });
};
