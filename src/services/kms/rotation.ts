import { changeKeyAt, type KeyChange } from './changing.ts';
import { makeMaterial } from './keySpecs.ts';
import { materialChange } from './keys.ts';
import type { KeyPath, KeyRecord, MaterialRecord } from './records.ts';
import type { Kms } from './service.ts';

const dayMs = 86_400_000;

export function nextRotation(from: number, periodDays: number): number {
  return from + periodDays * dayMs;
}

/** New material from now on. What is older still decrypts what it has encrypted. */
export async function withNewMaterial(
  kms: Kms,
  key: KeyRecord,
  rotation: NonNullable<MaterialRecord['rotation']>,
): Promise<NonNullable<KeyChange>> {
  const version = key.materialVersion + 1;
  const createdAt = kms.partition.now();
  const material = kms.keys.seal(key.keyId, await makeMaterial(key.keySpec), { version, createdAt, rotation });
  return {
    key: { ...key, materialVersion: version, materialId: material.materialId },
    also: [materialChange(key.keyId, material)],
  };
}

/** The automatic rotation, if it is due still. */
export async function rotateIfDue(kms: Kms, path: KeyPath): Promise<void> {
  await changeKeyAt(kms, path, async (key) => {
    const now = kms.partition.now();
    const { rotation, state } = key;
    if (rotation === undefined || state !== 'Enabled' || rotation.nextAt > now) return undefined;
    const { key: rotated, also = [] } = await withNewMaterial(kms, key, 'AUTOMATIC');
    // After a long time without a server, the dates that were missed are not made up for.
    const planned = nextRotation(rotation.nextAt, rotation.periodDays);
    const nextAt = planned > now ? planned : nextRotation(now, rotation.periodDays);
    return { key: { ...rotated, rotation: { ...rotation, nextAt } }, also };
  });
}
