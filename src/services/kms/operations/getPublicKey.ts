import { keyArn } from '../arn.ts';
import { publicKeyOf } from '../encryption.ts';
import { unsupported } from '../errors.ts';
import { checkNotPendingDeletion, findKey } from '../finding.ts';
import { checkGrantTokens } from '../grants.ts';
import { algorithmsOf, isAsymmetric } from '../keySpecs.ts';
import type { KmsOperation } from '../service.ts';

/** A disabled key tells its public half, too. */
export const getPublicKey: KmsOperation<'GetPublicKey'> = async (kms, input, context) => {
  checkGrantTokens(kms, input.GrantTokens);
  const key = await findKey(kms, input.KeyId, context);
  const { keySpec, keyUsage } = key;
  checkNotPendingDeletion(key);
  if (!isAsymmetric(keySpec)) throw unsupported();
  const algorithms = [...algorithmsOf(keySpec, keyUsage)];
  return {
    KeyId: keyArn(key),
    PublicKey: publicKeyOf(key),
    CustomerMasterKeySpec: keySpec,
    KeySpec: keySpec,
    KeyUsage: keyUsage,
    ...(keyUsage === 'ENCRYPT_DECRYPT' && { EncryptionAlgorithms: algorithms }),
    ...(keyUsage === 'SIGN_VERIFY' && { SigningAlgorithms: algorithms }),
  };
};
