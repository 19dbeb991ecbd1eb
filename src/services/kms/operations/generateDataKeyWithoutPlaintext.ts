import { keyArn } from '../arn.ts';
import { makeDataKey } from '../dataKeys.ts';
import type { KmsOperation } from '../service.ts';

export const generateDataKeyWithoutPlaintext: KmsOperation<'GenerateDataKeyWithoutPlaintext'> = async (
  kms,
  input,
  context,
) => {
  const { key, encrypted } = await makeDataKey(kms, input, 'GenerateDataKeyWithoutPlaintext', context);
  return { CiphertextBlob: encrypted, KeyId: keyArn(key), KeyMaterialId: key.materialId };
};
