import { keyArn } from '../arn.ts';
import { dryRun } from '../errors.ts';
import { checkUsable, findKey } from '../finding.ts';
import { checkGrantTokens } from '../grants.ts';
import type { KmsOperation } from '../service.ts';
import { makeSignature } from '../signatures.ts';
import { readSigned } from '../signing.ts';

export const sign: KmsOperation<'Sign'> = async (kms, input, context) => {
  checkGrantTokens(kms, input.GrantTokens);
  const key = await findKey(kms, input.KeyId, context);
  checkUsable(key, 'Sign', 'SIGN_VERIFY', input.SigningAlgorithm);
  const signed = readSigned(input);
  if (input.DryRun === true) throw dryRun();
  const signature = await makeSignature(await kms.keys.openCurrent(key), signed);
  return { KeyId: keyArn(key), Signature: signature, SigningAlgorithm: signed.algorithm };
};
