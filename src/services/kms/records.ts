/** What KMS stores: entities, by kind and path. */
import type { EntityChange } from '#runtime';
import type { KeySpecName, KeyUsage } from './keySpecs.ts';

export interface KeyPath {
  readonly accountId: string;
  readonly region: string;
  /** A UUID. */
  readonly keyId: string;
}

export type KeyState = 'Enabled' | 'Disabled' | 'PendingDeletion';

/** Kind `kms-key`, path `<account>/<region>/<key id>`. Nothing in it is secret. */
export interface KeyRecord extends KeyPath {
  readonly createdAt: number;
  readonly description: string;
  readonly keySpec: KeySpecName;
  readonly keyUsage: KeyUsage;
  readonly manager: 'CUSTOMER' | 'AWS';
  readonly state: KeyState;
  /** While deletion is pending. */
  readonly deletionAt?: number;
  /** The key policy as it was given. */
  readonly policy: string;
  readonly tags: Readonly<Record<string, string>>;
  /** The material that encrypts; those before it still decrypt. */
  readonly materialVersion: number;
  readonly materialId: string;
  readonly rotation?: Rotation;
  readonly onDemandRotations: number;
  readonly grantCount: number;
  /** Base64 of the SubjectPublicKeyInfo, of asymmetric keys. */
  readonly publicKey?: string;
}

export interface Rotation {
  readonly periodDays: number;
  readonly nextAt: number;
}

/** Kind `kms-material`, path `<key id>/<version>`. */
export interface MaterialRecord {
  readonly version: number;
  /** 64 hexadecimal digits. */
  readonly materialId: string;
  readonly createdAt: number;
  /** Absent on the first one. */
  readonly rotation?: 'AUTOMATIC' | 'ON_DEMAND';
  /** Base64 of what the vault has sealed: 32 bytes, an HMAC's key, or a private key in PKCS #8. */
  readonly sealed: string;
}

/** Kind `kms-alias`, path `<account>/<region>/<name>`; the same under `kms-alias-of`, path `<path of the key>/<name>`. */
export interface AliasRecord extends KeyPath {
  /** Begins with `alias/`. */
  readonly aliasName: string;
  readonly createdAt: number;
  readonly updatedAt: number;
}

/** Kind `kms-grant`, path `<path of the key>/<grant id>`. */
export interface GrantRecord {
  readonly key: KeyPath;
  /** 64 hexadecimal digits. */
  readonly grantId: string;
  readonly name: string;
  readonly createdAt: number;
  readonly granteePrincipal?: string;
  readonly granteeServicePrincipal?: string;
  readonly retiringPrincipal?: string;
  readonly retiringServicePrincipal?: string;
  /** An ARN: whose call made it. */
  readonly issuingAccount: string;
  readonly operations: readonly string[];
  readonly constraints?: GrantConstraintRecord;
}

export interface GrantConstraintRecord {
  readonly encryptionContextSubset?: Readonly<Record<string, string>>;
  readonly encryptionContextEquals?: Readonly<Record<string, string>>;
  readonly sourceArn?: string;
}

export const keyKind = 'kms-key';
export const materialKind = 'kms-material';
export const aliasKind = 'kms-alias';
export const aliasOfKind = 'kms-alias-of';
export const grantKind = 'kms-grant';
/** Path `<path of the key>/<name>`, value the grant's id: a creation that is repeated finds what it made. */
export const grantNameKind = 'kms-grant-name';
/** Path `<region> <retiring principal> <path of the grant>`. */
export const retirableKind = 'kms-retirable';
/** Path `<path of the key> <grantee> <grant id>`: every call asks for the grants of whoever makes it. */
export const granteeKind = 'kms-grantee';
/** Path `<time, 15 digits>/<what>/<path of the key>`: what has to happen to which key. */
export const dueKind = 'kms-due';

export function keyPath({ accountId, region, keyId }: KeyPath): string {
  return `${accountId}/${region}/${keyId}`;
}

export function materialPath(keyId: string, version: number): string {
  return `${keyId}/${String(version).padStart(8, '0')}`;
}

export function grantPath({ key, grantId }: Pick<GrantRecord, 'key' | 'grantId'>): string {
  return `${keyPath(key)}/${grantId}`;
}

export function retirablePrefix(region: string, principal: string): string {
  return `${region} ${principal} `;
}

export function granteePrefix(key: KeyPath, principal: string): string {
  return `${keyPath(key)} ${principal} `;
}

export type DueWork = 'delete' | 'rotate';

export interface DueEntry {
  readonly at: number;
  readonly work: DueWork;
  readonly key: KeyPath;
}

export function duePath({ at, work, key }: DueEntry): string {
  return `${String(at).padStart(15, '0')}/${work}/${keyPath(key)}`;
}

export function parseDuePath(path: string): DueEntry {
  const [at, work, accountId = '', region = '', keyId = ''] = path.split('/');
  return { at: Number(at), work: work as DueWork, key: { accountId, region, keyId } };
}

/** What is to happen to the key as it is: a disabled one does not rotate until it is enabled again. */
function dueOf(key: KeyRecord): DueEntry[] {
  const { state, deletionAt, rotation } = key;
  if (state === 'PendingDeletion') return deletionAt === undefined ? [] : [{ at: deletionAt, work: 'delete', key }];
  return state === 'Enabled' && rotation !== undefined ? [{ at: rotation.nextAt, work: 'rotate', key }] : [];
}

/** The writes that make `after` of `before`, with what is due because of it. */
export function keyChanges(before: KeyRecord | undefined, after: KeyRecord | undefined): EntityChange[] {
  const known = before ?? after;
  if (known === undefined) return [];
  const removed = before === undefined ? [] : dueOf(before).map((due) => ({ kind: dueKind, path: duePath(due) }));
  const added =
    after === undefined ? [] : dueOf(after).map((due) => ({ kind: dueKind, path: duePath(due), value: {} }));
  return [...removed, ...added, { kind: keyKind, path: keyPath(known), value: after }];
}

export function aliasChanges(before: AliasRecord | undefined, after: AliasRecord | undefined): EntityChange[] {
  const named = ({ accountId, region, aliasName }: AliasRecord) => `${accountId}/${region}/${aliasName}`;
  const ofKey = (alias: AliasRecord) => `${keyPath(alias)}/${alias.aliasName}`;
  const removed = before === undefined ? [] : [{ kind: aliasOfKind, path: ofKey(before) }];
  const known = before ?? after;
  if (known === undefined) return [];
  const added = after === undefined ? [] : [{ kind: aliasOfKind, path: ofKey(after), value: after }];
  return [...removed, ...added, { kind: aliasKind, path: named(known), value: after }];
}

/** `isNamesake`: the name has come to stand for this grant; another of the same name may be newer. */
export function grantChanges(grant: GrantRecord, what: 'put' | 'remove', isNamesake = true): EntityChange[] {
  const { key, grantId, name, retiringPrincipal, retiringServicePrincipal } = grant;
  const isPut = what === 'put';
  const changes: EntityChange[] = [{ kind: grantKind, path: grantPath(grant), ...(isPut && { value: grant }) }];
  if (name !== '' && isNamesake) {
    changes.push({ kind: grantNameKind, path: `${keyPath(key)}/${name}`, ...(isPut && { value: grantId }) });
  }
  const grantee = grant.granteePrincipal ?? grant.granteeServicePrincipal ?? '';
  const granteePath = `${granteePrefix(key, grantee)}${grantId}`;
  changes.push({ kind: granteeKind, path: granteePath, ...(isPut && { value: grant }) });
  const retiring = retiringPrincipal ?? retiringServicePrincipal;
  if (retiring !== undefined) {
    const path = `${retirablePrefix(key.region, retiring)}${grantPath(grant)}`;
    changes.push({ kind: retirableKind, path, ...(isPut && { value: grant }) });
  }
  return changes;
}
