import { keyArn } from '../arn.ts';
import { makeDataKeyPair } from '../dataKeys.ts';
import type { KmsOperation } from '../service.ts';

export const generateDataKeyPairWithoutPlaintext: KmsOperation<'GenerateDataKeyPairWithoutPlaintext'> = async (
  kms,
  input,
  context,
) => {
  const made = await makeDataKeyPair(kms, input, 'GenerateDataKeyPairWithoutPlaintext', context);
  return {
    PrivateKeyCiphertextBlob: made.encrypted,
    PublicKey: made.publicKey,
    KeyId: keyArn(made.key),
    KeyPairSpec: input.KeyPairSpec,
    KeyMaterialId: made.key.materialId,
  };
};
