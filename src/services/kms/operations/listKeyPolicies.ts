import { findKeyItself } from '../finding.ts';
import type { KmsOperation } from '../service.ts';

/** A key has one policy, so there is nothing to page through. */
export const listKeyPolicies: KmsOperation<'ListKeyPolicies'> = async (kms, input, context) => {
  await findKeyItself(kms, input.KeyId, context);
  return { PolicyNames: ['default'], Truncated: false };
};
