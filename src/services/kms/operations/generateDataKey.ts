import { keyArn } from '../arn.ts';
import { makeDataKey } from '../dataKeys.ts';
import type { KmsOperation } from '../service.ts';

export const generateDataKey: KmsOperation<'GenerateDataKey'> = async (kms, input, context) => {
  const { key, plain, encrypted } = await makeDataKey(kms, input, 'GenerateDataKey', context);
  return { CiphertextBlob: encrypted, Plaintext: plain, KeyId: keyArn(key), KeyMaterialId: key.materialId };
};
