import { GenerateMacCommand } from '@aws-sdk/client-kms';
import { describe, it } from 'vitest';
import { base64 } from './jsonCall.ts';
import { refusesAbsentKeys, refusesDisabledKeys } from './keyRefusals.ts';
import { dryRun, kms, macKey, newKey, plaintext, refused, wrongUsage } from './target.ts';

const MacAlgorithm = 'HMAC_SHA_256';
const Message = base64(plaintext);
const invalidMac = { code: 'KMSInvalidMacException', message: '' };

describe('VerifyMac refuses', () => {
  it.each([
    ['another message', { Message: base64('another') }],
    ['a shorter MAC', { Mac: base64(Buffer.alloc(31)) }],
    ['another MAC', { Mac: base64(Buffer.alloc(32)) }],
  ])('%s [aws: invalid verify mac]', async (_, change) => {
    const { KeyId } = await macKey();
    const { Mac = new Uint8Array() } = await kms().send(
      new GenerateMacCommand({ KeyId, Message: plaintext, MacAlgorithm }),
    );
    await refused('VerifyMac', { KeyId, Message, Mac: base64(Mac), MacAlgorithm, ...change }, invalidMac);
  });

  it('algorithms of other specs [aws: invalid verify mac]', async () => {
    const { KeyId } = await macKey();
    const input = { KeyId, Message, Mac: 'AAAA', MacAlgorithm: 'HMAC_SHA_512' };
    const message = 'Algorithm HMAC_SHA_512 is incompatible with key spec HMAC_256.';
    await refused('VerifyMac', input, { code: 'InvalidKeyUsageException', message });
  });

  it('keys that are for something else [aws: error messaging for invalid keys]', async () => {
    const key = await newKey();
    await refused('VerifyMac', { KeyId: key.KeyId, Message, Mac: 'AAAA', MacAlgorithm }, wrongUsage(key, 'VerifyMac'));
  });

  it('dry runs, when the MAC is valid [model: VerifyMacRequest.DryRun]', async () => {
    const { KeyId } = await macKey();
    const made = await kms().send(new GenerateMacCommand({ KeyId, Message: plaintext, MacAlgorithm }));
    const input = { KeyId, Message, Mac: base64(made.Mac ?? []), MacAlgorithm, DryRun: true };
    await refused('VerifyMac', input, dryRun);
    await refused('VerifyMac', { ...input, Mac: 'AAAA' }, invalidMac);
  });

  const inputFor = (KeyId: string) => ({ KeyId, Message, Mac: 'AAAA', MacAlgorithm });
  refusesAbsentKeys('VerifyMac', inputFor);
  refusesDisabledKeys('VerifyMac', inputFor, macKey);
});
