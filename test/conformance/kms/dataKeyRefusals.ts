/** What the four operations that generate data keys have in common. */
import { it } from 'vitest';
import type { Input } from './jsonCall.ts';
import { refusesAbsentAliases, refusesAbsentKeys, refusesDisabledKeys, refusesDoomedKeys } from './keyRefusals.ts';
import { absentKey, arnOf, curveKey, dryRun, keyNotFound, newKey, refused, rsaKey, wrongUsage } from './target.ts';

export function refusesDataKeys(operation: string, more: Input): void {
  const inputFor = (KeyId: string) => ({ KeyId, ...more });
  refusesAbsentKeys(operation, inputFor);
  refusesAbsentAliases(operation, inputFor);
  refusesDisabledKeys(operation, inputFor);
  refusesDisabledKeys(operation, inputFor, () => rsaKey('ENCRYPT_DECRYPT'));
  refusesDoomedKeys(operation, inputFor);

  it('refuses asymmetric keys [aws: generate data key rejects an asymmetric key]', async () => {
    const { KeyId } = await rsaKey('ENCRYPT_DECRYPT');
    const message = 'You cannot generate a data key with an asymmetric CMK';
    await refused(operation, inputFor(KeyId), { code: 'InvalidKeyUsageException', message });
  });

  it('refuses keys that are for something else [aws: generate data key names its operation in the key usage error]', async () => {
    const key = await curveKey();
    await refused(operation, inputFor(key.KeyId), wrongUsage(key, operation));
  });

  it('refuses dry runs, when everything else is right [model: DryRun]', async () => {
    const { KeyId } = await newKey();
    await refused(operation, { ...inputFor(KeyId), DryRun: true }, dryRun);
    await refused(operation, { ...inputFor(absentKey), DryRun: true }, keyNotFound(arnOf(absentKey)));
  });
}

/** For those with a KeySpec or a NumberOfBytes. */
export function refusesOddLengths(operation: string): void {
  it.each([
    ['neither', {}],
    ['both', { KeySpec: 'AES_256', NumberOfBytes: 32 }],
  ])(
    'refuses %s of spec and length, before the key is looked at [aws: generate data key needs either key spec or number of bytes]',
    async (_, input) => {
      const message = 'Please specify either number of bytes or key spec.';
      await refused(operation, { KeyId: absentKey, ...input }, { code: 'ValidationException', message });
    },
  );

  it.each([
    [0, 'greater than or equal to 1'],
    [1025, 'less than or equal to 1024'],
  ])(
    'refuses %d bytes [aws: generate data key validates its input before looking up the key]',
    async (NumberOfBytes, bound) => {
      const message = `1 validation error detected: Value '${NumberOfBytes}' at 'numberOfBytes' failed to satisfy constraint: Member must have value ${bound}`;
      await refused(operation, { KeyId: absentKey, NumberOfBytes }, { code: 'ValidationException', message });
    },
  );
}
