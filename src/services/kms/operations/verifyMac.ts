import { keyArn } from '../arn.ts';
import { dryRun, invalidMac } from '../errors.ts';
import { checkUsable, findKey } from '../finding.ts';
import { checkGrantTokens } from '../grants.ts';
import type { KmsOperation } from '../service.ts';
import { checkMac } from '../signatures.ts';

export const verifyMac: KmsOperation<'VerifyMac'> = async (kms, input, context) => {
  const { Message: message, Mac: mac, MacAlgorithm: algorithm } = input;
  checkGrantTokens(kms, input.GrantTokens);
  const key = await findKey(kms, input.KeyId, context);
  checkUsable(key, 'VerifyMac', 'GENERATE_VERIFY_MAC', algorithm);
  const isValid = checkMac(await kms.keys.openCurrent(key), algorithm, message, mac);
  if (!isValid) throw invalidMac();
  if (input.DryRun === true) throw dryRun();
  return { KeyId: keyArn(key), MacValid: true, MacAlgorithm: algorithm };
};
