import { keyArn } from '../arn.ts';
import { makeDataKeyPair } from '../dataKeys.ts';
import type { KmsOperation } from '../service.ts';

export const generateDataKeyPair: KmsOperation<'GenerateDataKeyPair'> = async (kms, input, context) => {
  const { key, plain, encrypted, publicKey } = await makeDataKeyPair(kms, input, 'GenerateDataKeyPair', context);
  return {
    PrivateKeyCiphertextBlob: encrypted,
    PrivateKeyPlaintext: plain,
    PublicKey: publicKey,
    KeyId: keyArn(key),
    KeyPairSpec: input.KeyPairSpec,
    KeyMaterialId: key.materialId,
  };
};
