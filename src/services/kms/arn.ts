import type { KeyPath } from './records.ts';

export interface Scope {
  readonly accountId: string;
  readonly region: string;
}

export function keyArn({ accountId, region, keyId }: KeyPath): string {
  return `arn:aws:kms:${region}:${accountId}:key/${keyId}`;
}

/** `aliasName` begins with `alias/`. */
export function aliasArn({ accountId, region }: Scope, aliasName: string): string {
  return `arn:aws:kms:${region}:${accountId}:${aliasName}`;
}

export function rootArn(accountId: string): string {
  return `arn:aws:iam::${accountId}:root`;
}

/** What a client names a key by. */
export type KeyReference =
  | ({ readonly kind: 'key'; readonly keyId: string; readonly isArn: boolean } & Scope)
  | ({ readonly kind: 'alias'; readonly aliasName: string } & Scope)
  | { readonly kind: 'malformed' };

const arnPattern = /^arn:aws[a-z-]*:kms:([a-z0-9-]+):(\d{12}):(?:key\/(.+)|(alias\/.+))$/;

/** Ids and names are of the scope of the call. */
export function parseKeyReference(text: string, scope: Scope): KeyReference {
  const { accountId, region } = scope;
  if (text.startsWith('alias/')) return { kind: 'alias', aliasName: text, accountId, region };
  if (!text.startsWith('arn:')) return { kind: 'key', keyId: text, isArn: false, accountId, region };
  const [, arnRegion, arnAccount, keyId, aliasName] = arnPattern.exec(text) ?? [];
  if (arnRegion === undefined || arnAccount === undefined) return { kind: 'malformed' };
  const where = { region: arnRegion, accountId: arnAccount };
  if (aliasName !== undefined) return { kind: 'alias', aliasName, ...where };
  return keyId === undefined ? { kind: 'malformed' } : { kind: 'key', keyId, isArn: true, ...where };
}

const keyIdPattern = /^(?:[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}|mrk-[0-9a-f]{32})$/i;

export function isKeyId(text: string): boolean {
  return keyIdPattern.test(text);
}
