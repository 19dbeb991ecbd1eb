import { keyArn } from '../arn.ts';
import {
  checkEncryption,
  checkPlaintext,
  type Decryption,
  decryptWith,
  encrypt,
  findDecryptingKey,
  symmetricAlgorithm,
} from '../encryption.ts';
import { dryRun, validation } from '../errors.ts';
import { findKey } from '../finding.ts';
import { checkGrantTokens } from '../grants.ts';
import type { KmsOperation } from '../service.ts';
import { missingCiphertext } from './decrypt.ts';

const operation = 'ReEncrypt';

/** The plaintext does not leave the server. */
export const reEncrypt: KmsOperation<'ReEncrypt'> = async (kms, input, context) => {
  const { CiphertextBlob: ciphertext, DryRunModifiers: modifiers } = input;
  checkGrantTokens(kms, input.GrantTokens);
  const ignoresCiphertext = input.DryRun === true && modifiers?.includes('IGNORE_CIPHERTEXT') === true;
  if (ciphertext === undefined && !ignoresCiphertext) throw missingCiphertext();
  const decryption: Decryption = {
    operation,
    algorithm: input.SourceEncryptionAlgorithm ?? symmetricAlgorithm,
    ciphertext: ciphertext ?? new Uint8Array(),
    context: input.SourceEncryptionContext,
    reference: input.SourceKeyId,
  };
  const encryption = {
    operation,
    algorithm: input.DestinationEncryptionAlgorithm ?? symmetricAlgorithm,
    context: input.DestinationEncryptionContext,
  };
  if (ignoresCiphertext) {
    if (input.SourceKeyId === undefined) {
      throw validation('You must specify a SourceKeyId when the ciphertext is ignored.');
    }
    checkEncryption(await findKey(kms, input.SourceKeyId, context), decryption);
    checkEncryption(await findKey(kms, input.DestinationKeyId, context), encryption);
    throw dryRun();
  }
  const source = await findDecryptingKey(kms, decryption, context);
  const destination = await findKey(kms, input.DestinationKeyId, context);
  checkEncryption(destination, encryption);
  const { plain, materialId } = await decryptWith(kms, source, decryption);
  checkPlaintext(destination, encryption.algorithm, plain);
  if (input.DryRun === true) throw dryRun();
  const isSymmetric = encryption.algorithm === symmetricAlgorithm;
  return {
    CiphertextBlob: await encrypt(kms, destination, encryption, plain),
    SourceKeyId: keyArn(source),
    KeyId: keyArn(destination),
    SourceEncryptionAlgorithm: decryption.algorithm,
    DestinationEncryptionAlgorithm: encryption.algorithm,
    ...(materialId !== undefined && { SourceKeyMaterialId: materialId }),
    ...(isSymmetric && { DestinationKeyMaterialId: destination.materialId }),
  };
};
