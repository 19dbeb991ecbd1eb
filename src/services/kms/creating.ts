import { randomUUID } from 'node:crypto';
import type { KeyMetadata } from '#aws/generated/kms';
import type { EntityChange } from '#runtime';
import { keyArn } from './arn.ts';
import { algorithmsOf, makeMaterial } from './keySpecs.ts';
import { materialChange } from './keys.ts';
import { type KeyRecord, keyChanges } from './records.ts';
import type { Kms } from './service.ts';

export type NewKey = Pick<KeyRecord, 'accountId' | 'region' | 'description' | 'keySpec' | 'keyUsage' | 'tags'> &
  Partial<Pick<KeyRecord, 'rotation'>> & {
    readonly manager?: KeyRecord['manager'];
    /** The policy may name the key. */
    readonly policyFor: (arn: string) => string;
  };

/** A key with its first material, and the writes that make it. */
export async function makeKey(kms: Kms, wanted: NewKey): Promise<{ key: KeyRecord; changes: EntityChange[] }> {
  const { policyFor, manager = 'CUSTOMER', ...about } = wanted;
  const path = { accountId: wanted.accountId, region: wanted.region, keyId: randomUUID() };
  // Before anything is made: the policy may be refused.
  const policy = policyFor(keyArn(path));
  const made = await makeMaterial(wanted.keySpec);
  const createdAt = kms.partition.now();
  const material = kms.keys.seal(path.keyId, made, { version: 1, createdAt });
  const key: KeyRecord = {
    ...{ ...about, ...path, createdAt, manager, policy, state: 'Enabled', onDemandRotations: 0, grantCount: 0 },
    ...{ materialVersion: 1, materialId: material.materialId },
    ...(made.publicKey !== undefined && { publicKey: made.publicKey.toString('base64') }),
  };
  return { key, changes: [...keyChanges(undefined, key), materialChange(path.keyId, material)] };
}

/** What DescribeKey tells. */
export function metadataOf(key: KeyRecord): KeyMetadata {
  const { keyId, keySpec, keyUsage, state } = key;
  const algorithms = [...algorithmsOf(keySpec, keyUsage)];
  return {
    AWSAccountId: key.accountId,
    KeyId: keyId,
    Arn: keyArn(key),
    CreationDate: key.createdAt,
    Enabled: state === 'Enabled',
    Description: key.description,
    KeyUsage: keyUsage,
    KeyState: state,
    ...(key.deletionAt !== undefined && { DeletionDate: key.deletionAt }),
    Origin: 'AWS_KMS',
    KeyManager: key.manager,
    CustomerMasterKeySpec: keySpec,
    KeySpec: keySpec,
    ...(keyUsage === 'ENCRYPT_DECRYPT' && { EncryptionAlgorithms: algorithms }),
    ...(keyUsage === 'SIGN_VERIFY' && { SigningAlgorithms: algorithms }),
    ...(keyUsage === 'GENERATE_VERIFY_MAC' && { MacAlgorithms: algorithms }),
    MultiRegion: false,
    ...(keySpec === 'SYMMETRIC_DEFAULT' && { CurrentKeyMaterialId: key.materialId }),
  };
}
