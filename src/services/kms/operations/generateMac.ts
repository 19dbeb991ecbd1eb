import { keyArn } from '../arn.ts';
import { dryRun } from '../errors.ts';
import { checkUsable, findKey } from '../finding.ts';
import { checkGrantTokens } from '../grants.ts';
import type { KmsOperation } from '../service.ts';
import { makeMac } from '../signatures.ts';

export const generateMac: KmsOperation<'GenerateMac'> = async (kms, input, context) => {
  const { Message: message, MacAlgorithm: algorithm } = input;
  checkGrantTokens(kms, input.GrantTokens);
  const key = await findKey(kms, input.KeyId, context);
  checkUsable(key, 'GenerateMac', 'GENERATE_VERIFY_MAC', algorithm);
  if (input.DryRun === true) throw dryRun();
  const mac = makeMac(await kms.keys.openCurrent(key), algorithm, message);
  return { Mac: mac, MacAlgorithm: algorithm, KeyId: keyArn(key) };
};
