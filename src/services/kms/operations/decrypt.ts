import { keyArn } from '../arn.ts';
import { checkEncryption, type Decryption, decryptWith, findDecryptingKey, symmetricAlgorithm } from '../encryption.ts';
import { dryRun, unsupported, validation } from '../errors.ts';
import { findKey } from '../finding.ts';
import { checkGrantTokens } from '../grants.ts';
import type { Kms, KmsContext, KmsOperation } from '../service.ts';

type DecryptInput = Parameters<typeof decrypt>[1];

export const decrypt: KmsOperation<'Decrypt'> = async (kms, input, context) => {
  const { CiphertextBlob: ciphertext, EncryptionAlgorithm: algorithm = symmetricAlgorithm } = input;
  checkGrantTokens(kms, input.GrantTokens);
  if (input.Recipient !== undefined) throw unsupported('Attested recipients are not supported.');
  if (input.DryRun === true && input.DryRunModifiers?.includes('IGNORE_CIPHERTEXT')) {
    return tryPermission(kms, input, context);
  }
  if (ciphertext === undefined) throw missingCiphertext();
  const decryption: Decryption = {
    ...{ operation: 'Decrypt', algorithm, ciphertext, context: input.EncryptionContext, reference: input.KeyId },
  };
  const found = await findDecryptingKey(kms, decryption, context);
  const { key, plain, materialId } = await decryptWith(kms, found, decryption);
  if (input.DryRun === true) throw dryRun();
  return {
    KeyId: keyArn(key),
    Plaintext: plain,
    EncryptionAlgorithm: algorithm,
    ...(materialId !== undefined && { KeyMaterialId: materialId }),
  };
};

/** Whether the key could be used, without anything to decrypt. */
async function tryPermission(kms: Kms, input: DecryptInput, context: KmsContext): Promise<never> {
  const { KeyId: reference, EncryptionAlgorithm: algorithm = symmetricAlgorithm } = input;
  if (reference === undefined) throw validation('You must specify a KeyId when the ciphertext is ignored.');
  const key = await findKey(kms, reference, context);
  checkEncryption(key, { operation: 'Decrypt', algorithm, context: input.EncryptionContext });
  throw dryRun();
}

export const missingCiphertext = () =>
  validation(
    "1 validation error detected: Value null at 'ciphertextBlob' failed to satisfy constraint: Member must not be null",
  );
