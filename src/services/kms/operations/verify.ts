import { keyArn } from '../arn.ts';
import { publicKeyOf } from '../encryption.ts';
import { dryRun, invalidSignature } from '../errors.ts';
import { checkUsable, findKey } from '../finding.ts';
import { checkGrantTokens } from '../grants.ts';
import type { KmsOperation } from '../service.ts';
import { checkSignature } from '../signatures.ts';
import { readSigned } from '../signing.ts';

export const verify: KmsOperation<'Verify'> = async (kms, input, context) => {
  checkGrantTokens(kms, input.GrantTokens);
  const key = await findKey(kms, input.KeyId, context);
  checkUsable(key, 'Verify', 'SIGN_VERIFY', input.SigningAlgorithm);
  const signed = readSigned(input);
  const isValid = await checkSignature(publicKeyOf(key), signed, input.Signature);
  if (!isValid) throw invalidSignature();
  if (input.DryRun === true) throw dryRun();
  return { KeyId: keyArn(key), SignatureValid: true, SigningAlgorithm: signed.algorithm };
};
