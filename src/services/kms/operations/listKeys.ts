import { keyArn } from '../arn.ts';
import { listPage } from '../limits.ts';
import { cutPage, readMarker } from '../paging.ts';
import { type KeyRecord, keyKind } from '../records.ts';
import type { KmsOperation } from '../service.ts';

export const listKeys: KmsOperation<'ListKeys'> = async (kms, input, context) => {
  const { Limit: limit = listPage.keys, Marker: marker } = input;
  const prefix = `${context.accountId}/${context.region}/`;
  const after = readMarker(marker);
  const behind = after === undefined ? undefined : prefix + after;
  const found = await kms.partition.entities.list<KeyRecord>(keyKind, prefix, limit + 1, behind);
  const { page, end } = cutPage(found, limit, ({ value }) => value.keyId);
  return { Keys: page.map(({ value }) => ({ KeyId: value.keyId, KeyArn: keyArn(value) })), ...end };
};
