import { aliasArn } from '../arn.ts';
import { findKey } from '../finding.ts';
import { listPage } from '../limits.ts';
import { cutPage, readMarker } from '../paging.ts';
import { type AliasRecord, aliasKind, aliasOfKind, keyPath } from '../records.ts';
import type { KmsOperation } from '../service.ts';

/** All of the account and the region, or those of one key. */
export const listAliases: KmsOperation<'ListAliases'> = async (kms, input, context) => {
  const { KeyId: reference, Limit: limit = listPage.aliases, Marker: marker } = input;
  const after = readMarker(marker);
  const key = reference === undefined ? undefined : await findKey(kms, reference, context);
  const prefix = key === undefined ? `${context.accountId}/${context.region}/` : `${keyPath(key)}/`;
  const kind = key === undefined ? aliasKind : aliasOfKind;
  const behind = after === undefined ? undefined : prefix + after;
  const found = await kms.partition.entities.list<AliasRecord>(kind, prefix, limit + 1, behind);
  const { page, end } = cutPage(found, limit, ({ value }) => value.aliasName);
  const aliases = page.map(({ value }) => ({
    AliasName: value.aliasName,
    AliasArn: aliasArn(value, value.aliasName),
    TargetKeyId: value.keyId,
    CreationDate: value.createdAt,
    LastUpdatedDate: value.updatedAt,
  }));
  return { Aliases: aliases, ...end };
};
