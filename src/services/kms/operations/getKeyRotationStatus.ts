import { keyArn } from '../arn.ts';
import { findKeyItself } from '../finding.ts';
import type { KmsOperation } from '../service.ts';

/** An on-demand rotation is never under way: it is over when it is answered. */
export const getKeyRotationStatus: KmsOperation<'GetKeyRotationStatus'> = async (kms, input, context) => {
  const key = await findKeyItself(kms, input.KeyId, context);
  const { rotation } = key;
  // While deletion is pending, nothing rotates.
  if (rotation === undefined || key.state === 'PendingDeletion')
    return { KeyId: keyArn(key), KeyRotationEnabled: false };
  return {
    KeyId: keyArn(key),
    KeyRotationEnabled: true,
    RotationPeriodInDays: rotation.periodDays,
    NextRotationDate: rotation.nextAt,
  };
};
