import { randomBytes } from 'node:crypto';
import { unsupported, validation } from '../errors.ts';
import type { KmsOperation } from '../service.ts';

export const generateRandom: KmsOperation<'GenerateRandom'> = async (_kms, input) => {
  if (input.NumberOfBytes === undefined) throw validation('NumberOfBytes is required.');
  if (input.CustomKeyStoreId !== undefined) throw unsupported('Custom key stores are not supported.');
  if (input.Recipient !== undefined) throw unsupported('Attested recipients are not supported.');
  return { Plaintext: randomBytes(input.NumberOfBytes) };
};
