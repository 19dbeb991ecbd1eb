import { notFound } from '../errors.ts';
import { findKeyItself } from '../finding.ts';
import type { KmsOperation } from '../service.ts';

export const getKeyPolicy: KmsOperation<'GetKeyPolicy'> = async (kms, input, context) => {
  const { KeyId: reference, PolicyName: name = 'default' } = input;
  const key = await findKeyItself(kms, reference, context);
  if (name !== 'default') throw notFound('No such policy exists');
  return { Policy: key.policy, PolicyName: name };
};
