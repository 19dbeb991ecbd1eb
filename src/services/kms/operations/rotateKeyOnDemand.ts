import { keyArn } from '../arn.ts';
import { changeKey } from '../changing.ts';
import { limitExceeded, unsupported } from '../errors.ts';
import { checkEnabled } from '../finding.ts';
import { onDemandRotations } from '../limits.ts';
import { withNewMaterial } from '../rotation.ts';
import type { KmsOperation } from '../service.ts';

/** The dates of automatic rotations stay as they are. */
export const rotateKeyOnDemand: KmsOperation<'RotateKeyOnDemand'> = async (kms, input, context) => {
  const { KeyId: reference } = input;
  const key = await changeKey(kms, { reference, operation: 'RotateKeyOnDemand' }, context, async (found) => {
    checkEnabled(found);
    if (found.keySpec !== 'SYMMETRIC_DEFAULT') throw unsupported();
    if (found.onDemandRotations >= onDemandRotations) {
      throw limitExceeded(
        `The on-demand rotations limit has been reached for the given keyId. No more on-demand rotations can be performed for this key: ${keyArn(found)}`,
      );
    }
    const { key: rotated, also = [] } = await withNewMaterial(kms, found, 'ON_DEMAND');
    return { key: { ...rotated, onDemandRotations: found.onDemandRotations + 1 }, also };
  });
  return { KeyId: keyArn(key) };
};
