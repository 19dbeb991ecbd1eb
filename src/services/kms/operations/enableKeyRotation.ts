import { changeKey } from '../changing.ts';
import { unsupported } from '../errors.ts';
import { checkEnabled } from '../finding.ts';
import { usualRotationPeriodDays } from '../limits.ts';
import { nextRotation } from '../rotation.ts';
import type { KmsOperation } from '../service.ts';

/** Also gives a key another period, which begins now. */
export const enableKeyRotation: KmsOperation<'EnableKeyRotation'> = async (kms, input, context) => {
  const { KeyId: reference, RotationPeriodInDays: given } = input;
  await changeKey(kms, { reference, operation: 'EnableKeyRotation' }, context, (key) => {
    checkEnabled(key);
    if (key.keySpec !== 'SYMMETRIC_DEFAULT') throw unsupported();
    const periodDays = given ?? key.rotation?.periodDays ?? usualRotationPeriodDays;
    if (periodDays === key.rotation?.periodDays) return undefined;
    return { key: { ...key, rotation: { periodDays, nextAt: nextRotation(kms.partition.now(), periodDays) } } };
  });
};
