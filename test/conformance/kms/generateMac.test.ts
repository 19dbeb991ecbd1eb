import { GenerateMacCommand, type KeySpec, type MacAlgorithmSpec, VerifyMacCommand } from '@aws-sdk/client-kms';
import { describe, expect, it } from 'vitest';
import { base64 } from './jsonCall.ts';
import { refusesAbsentKeys, refusesDisabledKeys, refusesDoomedKeys } from './keyRefusals.ts';
import { doomedKey, dryRun, kms, plaintext as Message, macKey, newKey, refused, wrongUsage } from './target.ts';

describe('GenerateMac', () => {
  it.each<[KeySpec, MacAlgorithmSpec, number]>([
    ['HMAC_224', 'HMAC_SHA_224', 28],
    ['HMAC_256', 'HMAC_SHA_256', 32],
    ['HMAC_384', 'HMAC_SHA_384', 48],
    ['HMAC_512', 'HMAC_SHA_512', 64],
  ])('makes a MAC by %s that is valid [aws: generate and verify mac]', async (KeySpec, MacAlgorithm, length) => {
    const { KeyId, Arn } = await newKey({ KeySpec, KeyUsage: 'GENERATE_VERIFY_MAC' });
    const { Mac, ...answer } = await kms().send(new GenerateMacCommand({ KeyId, Message, MacAlgorithm }));
    expect(answer).toMatchObject({ KeyId: Arn, MacAlgorithm });
    expect(Mac).toHaveLength(length);
    const verified = await kms().send(new VerifyMacCommand({ KeyId, Message, Mac, MacAlgorithm }));
    expect(verified).toMatchObject({ KeyId: Arn, MacAlgorithm, MacValid: true });
  });

  it('refuses algorithms of other specs [aws: invalid generate mac]', async () => {
    const { KeyId } = await newKey({ KeySpec: 'HMAC_224', KeyUsage: 'GENERATE_VERIFY_MAC' });
    const message = 'Algorithm HMAC_SHA_256 is incompatible with key spec HMAC_224.';
    const input = { KeyId, Message: base64(Message), MacAlgorithm: 'HMAC_SHA_256' };
    await refused('GenerateMac', input, { code: 'InvalidKeyUsageException', message });
  });

  it('refuses keys that are for something else [aws: error messaging for invalid keys]', async () => {
    const key = await newKey();
    const input = { KeyId: key.KeyId, Message: base64(Message), MacAlgorithm: 'HMAC_SHA_256' };
    await refused('GenerateMac', input, wrongUsage(key, 'GenerateMac'));
  });

  it('refuses dry runs [model: GenerateMacRequest.DryRun]', async () => {
    const { KeyId } = await macKey();
    const input = { KeyId, Message: base64(Message), MacAlgorithm: 'HMAC_SHA_256', DryRun: true };
    await refused('GenerateMac', input, dryRun);
  });

  // The state comes before the algorithm.
  const inputFor = (KeyId: string) => ({ KeyId, Message: base64(Message), MacAlgorithm: 'HMAC_SHA_512' });
  refusesAbsentKeys('GenerateMac', inputFor);
  refusesDisabledKeys('GenerateMac', inputFor, macKey);
  refusesDoomedKeys('GenerateMac', inputFor, () => doomedKey({ KeySpec: 'HMAC_256', KeyUsage: 'GENERATE_VERIFY_MAC' }));
});
