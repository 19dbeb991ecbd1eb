/** Encrypting and decrypting under keys, for operations and for other services. */
import { keyArn, type Scope } from './arn.ts';
import { decryptSymmetric, encryptSymmetric, readHead } from './ciphertext.ts';
import type { EncryptionContext } from './encryptionContext.ts';
import { incorrectKey, invalidCiphertext, keyNotFound, validation } from './errors.ts';
import { checkUsable, findKey } from './finding.ts';
import type { KeyRecord } from './records.ts';
import { decryptRsa, encryptRsa, rsaPlaintextLimit } from './rsaEncryption.ts';
import type { Kms } from './service.ts';

export const symmetricAlgorithm = 'SYMMETRIC_DEFAULT';

export interface Encryption {
  readonly operation: string;
  readonly algorithm: string;
  readonly context?: EncryptionContext | undefined;
}

/** Everything that can be wrong before there are bytes. */
export function checkEncryption(key: KeyRecord, { operation, algorithm, context }: Encryption): void {
  checkUsable(key, operation, 'ENCRYPT_DECRYPT', algorithm);
  if (algorithm !== symmetricAlgorithm && context !== undefined && Object.keys(context).length > 0) {
    throw validation('Encryption context is not supported for asymmetric encryption algorithms.');
  }
}

/** What the algorithm can encrypt is checked here, too. */
export function checkPlaintext(key: KeyRecord, algorithm: string, plain: Uint8Array): void {
  if (algorithm === symmetricAlgorithm) return;
  const limit = rsaPlaintextLimit(algorithm, Number(key.keySpec.slice(-4)));
  if (plain.length <= limit) return;
  throw validation(
    `Algorithm ${algorithm} and key spec ${key.keySpec} cannot encrypt data larger than ${limit} bytes.`,
  );
}

/** The key has been checked. */
export async function encrypt(
  kms: Pick<Kms, 'keys'>,
  key: KeyRecord,
  { algorithm, context }: Encryption,
  plain: Uint8Array,
): Promise<Buffer> {
  if (algorithm !== symmetricAlgorithm) return encryptRsa(publicKeyOf(key), algorithm, plain);
  return encryptSymmetric(await kms.keys.openCurrent(key), key, plain, context);
}

export interface Decryption extends Encryption {
  readonly ciphertext: Uint8Array;
  /** Which key it has to be; a symmetric ciphertext says by itself which one it is. */
  readonly reference?: string | undefined;
}

export interface Decrypted {
  readonly key: KeyRecord;
  readonly plain: Buffer;
  /** Of symmetric keys: that of the material which has encrypted it. */
  readonly materialId?: string;
}

/** The key that will decrypt it, checked. */
export async function findDecryptingKey(
  kms: Pick<Kms, 'keys'>,
  decryption: Decryption,
  scope: Scope,
): Promise<KeyRecord> {
  const { algorithm, ciphertext, reference, operation } = decryption;
  if (algorithm !== symmetricAlgorithm) {
    if (reference === undefined) throw validation('You must specify a KeyId for asymmetric encryption algorithms.');
    const key = await findKey(kms, reference, scope);
    checkEncryption(key, decryption);
    return key;
  }
  const head = readHead(ciphertext);
  // An unknown ciphertext comes before a key that is none of its business.
  const named = reference === undefined ? undefined : await findKey(kms, reference, scope);
  // Ciphertexts don't cross regions.
  if (head === undefined || head.region !== scope.region) throw invalidCiphertext();
  if (named !== undefined && named.keyId !== head.keyId) throw incorrectKey();
  const key = named ?? (await kms.keys.find(head));
  // The head may be what somebody has made up; in one's own account it may be a key that is gone.
  if (key === undefined) throw head.accountId === scope.accountId ? keyNotFound(keyArn(head)) : invalidCiphertext();
  checkUsable(key, operation, 'ENCRYPT_DECRYPT', algorithm);
  return key;
}

/** With a key from `findDecryptingKey`. */
export async function decryptWith(kms: Pick<Kms, 'keys'>, key: KeyRecord, decryption: Decryption): Promise<Decrypted> {
  const { algorithm, ciphertext, context } = decryption;
  if (algorithm !== symmetricAlgorithm) {
    const opened = decryptRsa(await kms.keys.openCurrent(key), algorithm, ciphertext);
    if (opened === undefined) throw invalidCiphertext();
    return { key, plain: opened };
  }
  const version = readHead(ciphertext)?.materialVersion ?? 0;
  const material = await kms.keys.open(key.keyId, version);
  const plain = material && decryptSymmetric(material.secret, ciphertext, context);
  if (material === undefined || plain === undefined) throw invalidCiphertext();
  return { key, plain, materialId: material.materialId };
}

export function publicKeyOf({ publicKey, keyId }: KeyRecord): Buffer {
  if (publicKey === undefined) throw new Error(`assertion failed: the key ${keyId} has a public one`);
  return Buffer.from(publicKey, 'base64');
}
