import { EnableKeyRotationCommand, GetKeyRotationStatusCommand } from '@aws-sdk/client-kms';
import { describe, expect, it } from 'vitest';
import { refusesAbsentKeys, refusesAliases, refusesDisabledKeys, refusesDoomedKeys } from './keyRefusals.ts';
import { absentKey, doomedKey, kms, macKey, newKey, refused, rsaKey, unsupported, violated } from './target.ts';

const day = 86_400_000;

describe('EnableKeyRotation', () => {
  it.each([
    [undefined, 365],
    [90, 90],
    [2560, 2560],
  ])('with a period of %s sets the date [model: EnableKeyRotation]', async (RotationPeriodInDays, days) => {
    const { KeyId } = await newKey();
    await kms().send(new EnableKeyRotationCommand({ KeyId, RotationPeriodInDays }));
    const status = await kms().send(new GetKeyRotationStatusCommand({ KeyId }));
    expect(status).toMatchObject({ KeyRotationEnabled: true, RotationPeriodInDays: days });
    const away = (status.NextRotationDate?.getTime() ?? 0) - Date.now();
    expect(Math.round(away / day)).toBe(days);
  });

  it('changes the period of one that rotates, and keeps it otherwise [model: EnableKeyRotationRequest.RotationPeriodInDays]', async () => {
    const { KeyId } = await newKey();
    const periodAfter = async (RotationPeriodInDays?: number) => {
      await kms().send(new EnableKeyRotationCommand({ KeyId, RotationPeriodInDays }));
      return (await kms().send(new GetKeyRotationStatusCommand({ KeyId }))).RotationPeriodInDays;
    };
    expect([await periodAfter(100), await periodAfter(200), await periodAfter()]).toEqual([100, 200, 200]);
  });

  it('refuses keys that do not rotate [aws: rotation rejects a key spec that does not rotate without a message]', async () => {
    for (const { KeyId } of [await macKey(), await rsaKey('ENCRYPT_DECRYPT')]) {
      await refused('EnableKeyRotation', { KeyId }, unsupported());
    }
  });

  it.each([
    [89, 'greater than or equal to 90'],
    [2561, 'less than or equal to 2560'],
  ])(
    'refuses %d days [aws: enable key rotation validates the rotation period]',
    async (RotationPeriodInDays, bound) => {
      const refusal = violated(`'${RotationPeriodInDays}'`, 'rotationPeriodInDays', `Member must have value ${bound}`);
      await refused('EnableKeyRotation', { KeyId: absentKey, RotationPeriodInDays }, refusal);
    },
  );

  refusesAbsentKeys('EnableKeyRotation', (KeyId) => ({ KeyId }));
  refusesAliases('EnableKeyRotation', (KeyId) => ({ KeyId }));
  // The state comes before the spec.
  refusesDisabledKeys('EnableKeyRotation', (KeyId) => ({ KeyId }), macKey);
  refusesDoomedKeys(
    'EnableKeyRotation',
    (KeyId) => ({ KeyId }),
    () => doomedKey({ KeySpec: 'HMAC_256', KeyUsage: 'GENERATE_VERIFY_MAC' }),
  );
});
