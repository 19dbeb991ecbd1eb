/**
 * Access key ids and unique ids, in AWS's form: four letters that name the kind, then base32. An access key id holds the
 * account that it belongs to, as AWS's do:
 *
 *     AKIA and 80 bits: 1 (always set), 40 (the account's number), 39 (random)
 */
import { randomBytes } from 'node:crypto';

const base32 = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';
const alwaysSet = 1n << 79n;
const accountShift = 39n;

export type KeyKind = 'AKIA' | 'ASIA';
export type EntityKind = 'AIDA' | 'AROA' | 'AGPA' | 'ANPA';

export function newAccessKeyId(kind: KeyKind, accountId: string): string {
  const random = randomBits(5) & ((1n << accountShift) - 1n);
  return kind + encode(alwaysSet | (BigInt(accountId) << accountShift) | random, 16);
}

/** 40 characters, as long as AWS's. */
export function newSecretAccessKey(): string {
  return randomBytes(30).toString('base64');
}

/** `AIDA` and 17 characters. */
export function newEntityId(kind: EntityKind): string {
  return kind + encode(randomBits(11), 17);
}

/** The account that an access key id of the form above names; undefined for other forms. */
export function accountIdOfKey(accessKeyId: string): string | undefined {
  if (!/^A[KS]IA[A-Z2-7]{16}$/.test(accessKeyId)) return undefined;
  let bits = 0n;
  for (const letter of accessKeyId.slice(4)) bits = (bits << 5n) | BigInt(base32.indexOf(letter));
  if ((bits & alwaysSet) === 0n) return undefined;
  const account = ((bits & (alwaysSet - 1n)) >> accountShift).toString().padStart(12, '0');
  return account.length === 12 ? account : undefined;
}

function randomBits(bytes: number): bigint {
  return BigInt(`0x${randomBytes(bytes).toString('hex')}`);
}

function encode(value: bigint, length: number): string {
  let text = '';
  for (let index = length - 1; index >= 0; index--) text += base32[Number((value >> BigInt(5 * index)) & 31n)];
  return text;
}
