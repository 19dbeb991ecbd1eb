/** From what a client names a key by to the key, and whether it can be used. */
import { aliasArn, isKeyId, keyArn, parseKeyReference, rootArn, type Scope } from './arn.ts';
import {
  aliasNotFound,
  aliasNotSupported,
  disabled,
  incompatibleAlgorithm,
  invalidKeyUsage,
  keyNotFound,
  notFound,
  notManageable,
  pendingDeletion,
} from './errors.ts';
import { algorithmsOf, type KeyUsage } from './keySpecs.ts';
import type { KeyPath, KeyRecord } from './records.ts';
import type { Kms, KmsContext } from './service.ts';

/** The key of an id, an ARN, an alias or an alias's ARN, in whatever state. */
export async function findKey(kms: Pick<Kms, 'keys'>, reference: string, scope: Scope): Promise<KeyRecord> {
  const path = await resolveKey(kms, reference, scope);
  const key = await kms.keys.find(path);
  if (key === undefined) throw keyNotFound(keyArn(path));
  return key;
}

/** For operations that take no aliases; these are refused before they are looked up. */
export async function findKeyItself(kms: Pick<Kms, 'keys'>, reference: string, scope: Scope): Promise<KeyRecord> {
  return findKey(kms, withoutAlias(reference, scope), scope);
}

export function withoutAlias(reference: string, scope: Scope): string {
  if (parseKeyReference(reference, scope).kind === 'alias') throw aliasNotSupported();
  return reference;
}

/** Where the key would be; an alias has to exist. */
export async function resolveKey(kms: Pick<Kms, 'keys'>, reference: string, scope: Scope): Promise<KeyPath> {
  const parsed = parseKeyReference(reference, scope);
  if (parsed.kind === 'malformed') throw notFound(`Invalid arn ${reference}`);
  if (parsed.region !== scope.region) throw notFound(`Invalid arn ${parsed.region}`);
  if (parsed.kind === 'alias') {
    const alias = await kms.keys.findAlias(parsed, parsed.aliasName);
    if (alias === undefined) throw aliasNotFound(aliasArn(parsed, parsed.aliasName));
    return alias;
  }
  const { keyId, isArn } = parsed;
  if (!isKeyId(keyId)) throw notFound(isArn ? `Invalid keyId ${keyId}` : `Invalid keyId '${keyId}'`);
  return parsed;
}

/** For one of the cryptographic operations. KMS looks at the usage first, then at the state, then at the algorithm. */
export function checkUsable(key: KeyRecord, operation: string, usage: KeyUsage, algorithm?: string): void {
  checkUsage(key, operation, usage);
  checkEnabled(key);
  if (algorithm !== undefined && !algorithmsOf(key.keySpec, usage).includes(algorithm)) {
    throw incompatibleAlgorithm(algorithm, key.keySpec);
  }
}

export function checkUsage(key: KeyRecord, operation: string, usage: KeyUsage): void {
  if (key.keyUsage === usage) return;
  throw invalidKeyUsage(`${keyArn(key)} key usage is ${key.keyUsage} which is not valid for ${operation}.`);
}

export function checkEnabled(key: KeyRecord): void {
  checkNotPendingDeletion(key);
  if (key.state === 'Disabled') throw disabled(keyArn(key));
}

export function checkNotPendingDeletion(key: KeyRecord): void {
  if (key.state === 'PendingDeletion') throw pendingDeletion(keyArn(key));
}

/** The policies of AWS managed keys let nobody change them. */
export function checkManageable(key: KeyRecord, operation: string, context: KmsContext): void {
  if (key.manager === 'CUSTOMER') return;
  throw notManageable(operation, keyArn(key), context.caller?.principal.arn ?? rootArn(context.accountId));
}
