import { keyArn } from '../arn.ts';
import { checkEncryption, checkPlaintext, encrypt as encryptUnder, symmetricAlgorithm } from '../encryption.ts';
import { dryRun } from '../errors.ts';
import { findKey } from '../finding.ts';
import { checkGrantTokens } from '../grants.ts';
import type { KmsOperation } from '../service.ts';

export const encrypt: KmsOperation<'Encrypt'> = async (kms, input, context) => {
  const { Plaintext: plain, EncryptionAlgorithm: algorithm = symmetricAlgorithm } = input;
  checkGrantTokens(kms, input.GrantTokens);
  const key = await findKey(kms, input.KeyId, context);
  const encryption = { operation: 'Encrypt', algorithm, context: input.EncryptionContext };
  checkEncryption(key, encryption);
  checkPlaintext(key, algorithm, plain);
  if (input.DryRun === true) throw dryRun();
  const ciphertext = await encryptUnder(kms, key, encryption, plain);
  return { CiphertextBlob: ciphertext, KeyId: keyArn(key), EncryptionAlgorithm: algorithm };
};
