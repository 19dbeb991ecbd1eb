import { keyArn } from '../arn.ts';
import { changeKey } from '../changing.ts';
import { invalidState } from '../errors.ts';
import type { KmsOperation } from '../service.ts';

/** What was saved is disabled. */
export const cancelKeyDeletion: KmsOperation<'CancelKeyDeletion'> = async (kms, input, context) => {
  const key = await changeKey(kms, { reference: input.KeyId, operation: 'CancelKeyDeletion' }, context, (found) => {
    if (found.state !== 'PendingDeletion') throw invalidState(`${keyArn(found)} is not pending deletion.`);
    const { deletionAt: _, ...kept } = found;
    return { key: { ...kept, state: 'Disabled' } };
  });
  return { KeyId: keyArn(key) };
};
