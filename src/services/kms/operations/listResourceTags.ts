import { findKeyItself } from '../finding.ts';
import { listPage } from '../limits.ts';
import { cutPage, readMarker } from '../paging.ts';
import type { KmsOperation } from '../service.ts';

export const listResourceTags: KmsOperation<'ListResourceTags'> = async (kms, input, context) => {
  const { KeyId: reference, Limit: limit = listPage.tags, Marker: marker } = input;
  const after = readMarker(marker) ?? '';
  const key = await findKeyItself(kms, reference, context);
  const all = Object.entries(key.tags).sort(([a], [b]) => (a < b ? -1 : 1));
  const found = all.filter(([name]) => name > after);
  const { page, end } = cutPage(found, limit, ([name]) => name);
  return { Tags: page.map(([TagKey, TagValue]) => ({ TagKey, TagValue })), ...end };
};
