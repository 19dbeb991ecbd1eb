/** Keys that clients get, plain and encrypted under a symmetric KMS key. */
import { randomBytes } from 'node:crypto';
import type { Scope } from './arn.ts';
import { encrypt, symmetricAlgorithm } from './encryption.ts';
import type { EncryptionContext } from './encryptionContext.ts';
import { dryRun, invalidKeyUsage, unsupported, validation } from './errors.ts';
import { checkUsable, findKey } from './finding.ts';
import { checkGrantTokens } from './grants.ts';
import { isAsymmetric, isKeySpec, makeMaterial } from './keySpecs.ts';
import type { KeyRecord } from './records.ts';
import type { Kms } from './service.ts';

export interface DataKeyInput {
  readonly KeyId: string;
  readonly EncryptionContext?: EncryptionContext | undefined;
  readonly GrantTokens?: readonly string[] | undefined;
  readonly Recipient?: object | undefined;
  readonly DryRun?: boolean | undefined;
}

/** The KMS key that is to encrypt a data key. */
export async function findWrappingKey(
  kms: Kms,
  input: DataKeyInput,
  operation: string,
  scope: Scope,
): Promise<KeyRecord> {
  checkGrantTokens(kms, input.GrantTokens);
  if (input.Recipient !== undefined) throw unsupported('Attested recipients are not supported.');
  const key = await findKey(kms, input.KeyId, scope);
  checkUsable(key, operation, 'ENCRYPT_DECRYPT');
  if (key.keySpec !== 'SYMMETRIC_DEFAULT') {
    throw invalidKeyUsage('You cannot generate a data key with an asymmetric CMK');
  }
  return key;
}

export interface DataKey {
  readonly key: KeyRecord;
  readonly plain: Buffer;
  readonly encrypted: Buffer;
}

export async function makeDataKey(
  kms: Kms,
  input: DataKeyInput & { readonly KeySpec?: string | undefined; readonly NumberOfBytes?: number | undefined },
  operation: string,
  scope: Scope,
): Promise<DataKey> {
  const { KeySpec: spec, NumberOfBytes: bytes, EncryptionContext: context } = input;
  // Before the key is looked at.
  if ((spec === undefined) === (bytes === undefined)) {
    throw validation('Please specify either number of bytes or key spec.');
  }
  const key = await findWrappingKey(kms, input, operation, scope);
  if (input.DryRun === true) throw dryRun();
  const plain = randomBytes(bytes ?? (spec === 'AES_128' ? 16 : 32));
  const encrypted = await encrypt(kms, key, { operation, algorithm: symmetricAlgorithm, context }, plain);
  return { key, plain, encrypted };
}

export interface DataKeyPair extends DataKey {
  /** SubjectPublicKeyInfo. The private key is PKCS #8. */
  readonly publicKey: Buffer;
}

export async function makeDataKeyPair(
  kms: Kms,
  input: DataKeyInput & { readonly KeyPairSpec: string },
  operation: string,
  scope: Scope,
): Promise<DataKeyPair> {
  const { KeyPairSpec: spec, EncryptionContext: context } = input;
  const key = await findWrappingKey(kms, input, operation, scope);
  if (!isKeySpec(spec) || !isAsymmetric(spec)) throw unsupported(`The key pair spec ${spec} is not supported.`);
  if (input.DryRun === true) throw dryRun();
  const { secret: plain, publicKey } = await makeMaterial(spec);
  if (publicKey === undefined) throw new Error(`assertion failed: ${spec} makes pairs`);
  const encrypted = await encrypt(kms, key, { operation, algorithm: symmetricAlgorithm, context }, plain);
  return { key, plain, encrypted, publicKey };
}
