import { dryRun } from '../errors.ts';
import { findKeyItself } from '../finding.ts';
import { removeGrant } from '../removeGrant.ts';
import type { KmsOperation } from '../service.ts';

export const revokeGrant: KmsOperation<'RevokeGrant'> = async (kms, input, context) => {
  const key = await findKeyItself(kms, input.KeyId, context);
  const isDryRun = input.DryRun === true;
  await removeGrant(kms, { key, grantId: input.GrantId }, isDryRun);
  if (isDryRun) throw dryRun();
};
