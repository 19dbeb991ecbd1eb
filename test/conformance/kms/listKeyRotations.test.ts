import { paginateListKeyRotations, RotateKeyOnDemandCommand, type RotationsListEntry } from '@aws-sdk/client-kms';
import { describe, expect, it } from 'vitest';
import { callKms } from './jsonCall.ts';
import { refusesAbsentKeys, refusesAliases } from './keyRefusals.ts';
import { kms, macKey, newKey, refused, unsupported } from './target.ts';

async function listed(KeyId: string, IncludeKeyMaterial?: 'ALL_KEY_MATERIAL' | 'ROTATIONS_ONLY') {
  const all: RotationsListEntry[] = [];
  for await (const page of paginateListKeyRotations({ client: kms(), pageSize: 2 }, { KeyId, IncludeKeyMaterial })) {
    all.push(...(page.Rotations ?? []));
  }
  return all;
}

describe('ListKeyRotations', () => {
  it('lists rotations, page by page, and the first material if asked [model: ListKeyRotationsRequest.IncludeKeyMaterial]', async () => {
    const { KeyId, Arn, CurrentKeyMaterialId } = await newKey();
    expect(await listed(KeyId)).toEqual([]);
    for (let rotation = 0; rotation < 3; rotation++) await kms().send(new RotateKeyOnDemandCommand({ KeyId }));
    const rotations = await listed(KeyId, 'ROTATIONS_ONLY');
    expect(rotations).toEqual(await listed(KeyId));
    expect(rotations).toHaveLength(3);
    for (const rotation of rotations) {
      expect(rotation).toMatchObject({ KeyId: Arn, RotationType: 'ON_DEMAND', RotationDate: expect.any(Date) });
    }
    expect(rotations.map(({ KeyMaterialState }) => KeyMaterialState)).toEqual([
      'NON_CURRENT',
      'NON_CURRENT',
      'CURRENT',
    ]);
    const [first, ...others] = await listed(KeyId, 'ALL_KEY_MATERIAL');
    expect(first).toEqual({ KeyId: Arn, KeyMaterialId: CurrentKeyMaterialId, KeyMaterialState: 'NON_CURRENT' });
    expect(others).toEqual(rotations);
  });

  it('refuses keys that do not rotate [model: ListKeyRotations]', async () => {
    await refused('ListKeyRotations', { KeyId: (await macKey()).KeyId }, unsupported());
  });

  it('refuses a marker that is none [model: InvalidMarkerException]', async () => {
    const { KeyId } = await newKey();
    for (const Marker of ['!!', Buffer.from('x').toString('base64url')]) {
      expect((await callKms('ListKeyRotations', { KeyId, Marker })).code).toBe('InvalidMarkerException');
    }
  });

  refusesAbsentKeys('ListKeyRotations', (KeyId) => ({ KeyId }));
  refusesAliases('ListKeyRotations', (KeyId) => ({ KeyId }));
});
