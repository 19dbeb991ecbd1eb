import { invalidGrantId } from '../errors.ts';
import { findKeyItself } from '../finding.ts';
import { findGrant, listGrantsOf, shownGrant } from '../grants.ts';
import { grantsReadAtOnce, listPage } from '../limits.ts';
import { cutPage, readMarker } from '../paging.ts';
import type { GrantRecord } from '../records.ts';
import type { KmsOperation } from '../service.ts';

export const listGrants: KmsOperation<'ListGrants'> = async (kms, input, context) => {
  const { Limit: limit = listPage.grants, Marker: marker, GrantId: grantId } = input;
  let after = readMarker(marker);
  const key = await findKeyItself(kms, input.KeyId, context);
  if (grantId !== undefined) {
    const grant = await findGrant(kms, { key, grantId });
    if (grant === undefined) throw invalidGrantId();
    return { Grants: isAsked(grant, input) ? [shownGrant(grant)] : [], Truncated: false };
  }
  const found: GrantRecord[] = [];
  while (found.length <= limit) {
    const grants = await listGrantsOf(kms, key, grantsReadAtOnce, after);
    found.push(...grants.filter((grant) => isAsked(grant, input)));
    after = grants.at(-1)?.grantId;
    if (grants.length < grantsReadAtOnce) break;
  }
  const { page, end } = cutPage(found, limit, (grant) => grant.grantId);
  return { Grants: page.map(shownGrant), ...end };
};

interface Asked {
  readonly GranteePrincipal?: string | undefined;
  readonly GranteeServicePrincipal?: string | undefined;
}

function isAsked(grant: GrantRecord, { GranteePrincipal, GranteeServicePrincipal }: Asked): boolean {
  const isGrantee = GranteePrincipal === undefined || grant.granteePrincipal === GranteePrincipal;
  const isService = GranteeServicePrincipal === undefined || grant.granteeServicePrincipal === GranteeServicePrincipal;
  return isGrantee && isService;
}
