import { dryRun, invalidGrantToken, validation } from '../errors.ts';
import { findKeyItself } from '../finding.ts';
import { readGrantToken } from '../grants.ts';
import { removeGrant } from '../removeGrant.ts';
import type { KmsOperation } from '../service.ts';

/** Named by its token, or by its id and its key. */
export const retireGrant: KmsOperation<'RetireGrant'> = async (kms, input, context) => {
  const { GrantToken: token, KeyId: reference, GrantId: grantId } = input;
  if (token === undefined && (grantId === undefined || reference === undefined)) {
    throw validation('Grant token OR (grant ID, key ID) must be specified');
  }
  const isDryRun = input.DryRun === true;
  if (token !== undefined) {
    const named = readGrantToken(kms, token);
    if (named.key.region !== context.region) throw invalidGrantToken();
    await removeGrant(kms, named, isDryRun);
  } else {
    const key = await findKeyItself(kms, reference ?? '', context);
    await removeGrant(kms, { key, grantId: grantId ?? '' }, isDryRun);
  }
  if (isDryRun) throw dryRun();
};
