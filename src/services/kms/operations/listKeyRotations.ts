import { keyArn } from '../arn.ts';
import { invalidMarker, unsupported } from '../errors.ts';
import { findKeyItself } from '../finding.ts';
import { listPage } from '../limits.ts';
import { cutPage, readMarker } from '../paging.ts';
import type { KmsOperation } from '../service.ts';

/** Without the first material, unless all of it is asked for: it comes from no rotation. */
export const listKeyRotations: KmsOperation<'ListKeyRotations'> = async (kms, input, context) => {
  const { KeyId: reference, Limit: limit = listPage.rotations, Marker: marker } = input;
  const key = await findKeyItself(kms, reference, context);
  if (key.keySpec !== 'SYMMETRIC_DEFAULT') throw unsupported();
  const isAll = input.IncludeKeyMaterial === 'ALL_KEY_MATERIAL';
  const after = readMarker(marker) ?? (isAll ? '0' : '1');
  if (!/^\d{1,8}$/.test(after)) throw invalidMarker();
  const found = await kms.keys.materials(key.keyId, limit + 1, Number(after));
  const { page, end } = cutPage(found, limit, ({ version }) => String(version));
  const rotations = page.map(({ version, materialId, createdAt, rotation }) => ({
    KeyId: keyArn(key),
    KeyMaterialId: materialId,
    KeyMaterialState: version === key.materialVersion ? 'CURRENT' : 'NON_CURRENT',
    ...(rotation !== undefined && { RotationDate: createdAt, RotationType: rotation }),
  }));
  return { Rotations: rotations, ...end };
};
