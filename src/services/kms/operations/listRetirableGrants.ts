import { validation } from '../errors.ts';
import { shownGrant } from '../grants.ts';
import { listPage } from '../limits.ts';
import { cutPage, readMarker } from '../paging.ts';
import { type GrantRecord, grantPath, retirableKind, retirablePrefix } from '../records.ts';
import type { KmsOperation } from '../service.ts';

/** In any account, of the keys in this region. */
export const listRetirableGrants: KmsOperation<'ListRetirableGrants'> = async (kms, input, context) => {
  const { Limit: limit = listPage.grants, Marker: marker } = input;
  const after = readMarker(marker);
  const principal = input.RetiringPrincipal ?? input.RetiringServicePrincipal;
  if (principal === undefined) throw validation("Required input parameter 'RetiringPrincipal' not specified");
  const prefix = retirablePrefix(context.region, principal);
  const behind = after === undefined ? undefined : prefix + after;
  const found = await kms.partition.entities.list<GrantRecord>(retirableKind, prefix, limit + 1, behind);
  const { page, end } = cutPage(found, limit, ({ value }) => grantPath(value));
  return { Grants: page.map(({ value }) => shownGrant(value)), ...end };
};
