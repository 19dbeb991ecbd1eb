/**
 * What a symmetric key encrypts names the key itself:
 *
 *     version(1) = 1 | key id(16) | account(6) | version of the material(4) | length of the region(1) | region | sealed
 *
 * The head is not secret. The material of another key, or another version, does not open what is sealed, and the whole head is
 * a part of what is authenticated.
 */
import { createSealer, SealBroken } from '#runtime';
import { canonicalContext, type EncryptionContext } from './encryptionContext.ts';
import type { KeyPath } from './records.ts';

const version = 1;
const fixedBytes = 28;

export interface CiphertextHead extends KeyPath {
  readonly materialVersion: number;
}

export function encryptSymmetric(
  material: Uint8Array,
  head: CiphertextHead,
  plain: Uint8Array,
  context?: EncryptionContext,
): Buffer {
  const { keyId, accountId, materialVersion, region } = head;
  const bytes = Buffer.alloc(fixedBytes + region.length);
  bytes[0] = version;
  bytes.write(keyId.replaceAll('-', ''), 1, 'hex');
  bytes.writeUIntBE(Number(accountId), 17, 6);
  bytes.writeUInt32BE(materialVersion, 23);
  bytes[27] = region.length;
  bytes.write(region, fixedBytes, 'latin1');
  return Buffer.concat([bytes, createSealer(material).seal(plain, authenticated(head, context))]);
}

/** Undefined if these bytes were not made here. */
export function readHead(ciphertext: Uint8Array): CiphertextHead | undefined {
  const bytes = Buffer.from(ciphertext.buffer, ciphertext.byteOffset, ciphertext.length);
  if (bytes[0] !== version || bytes.length < fixedBytes || bytes.length <= endOfHead(bytes)) return undefined;
  const hex = bytes.toString('hex', 1, 17);
  const keyId = [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join('-');
  const accountId = String(bytes.readUIntBE(17, 6)).padStart(12, '0');
  const region = bytes.toString('latin1', fixedBytes, endOfHead(bytes));
  return { keyId, accountId, region, materialVersion: bytes.readUInt32BE(23) };
}

/** Undefined if it was changed, or made with another context. */
export function decryptSymmetric(
  material: Uint8Array,
  ciphertext: Uint8Array,
  context?: EncryptionContext,
): Buffer | undefined {
  const head = readHead(ciphertext);
  if (head === undefined) return undefined;
  try {
    return createSealer(material).open(ciphertext.subarray(endOfHead(ciphertext)), authenticated(head, context));
  } catch (error) {
    if (error instanceof SealBroken) return undefined;
    throw error;
  }
}

function endOfHead(ciphertext: Uint8Array): number {
  return fixedBytes + (ciphertext[27] ?? 0);
}

function authenticated(head: CiphertextHead, context?: EncryptionContext): string {
  const { keyId, accountId, region, materialVersion } = head;
  return `${accountId} ${region} ${keyId} ${materialVersion} ${canonicalContext(context)}`;
}
