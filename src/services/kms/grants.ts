/** Grants: who may use a key besides those whom its policy names. */
import type { GrantListEntry } from '#aws/generated/kms';
import { SealBroken } from '#runtime';
import { keyArn } from './arn.ts';
import { canonicalContext } from './encryptionContext.ts';
import { invalidGrantToken } from './errors.ts';
import { type GrantRecord, grantKind, grantPath, type KeyPath, keyPath } from './records.ts';
import type { Kms } from './service.ts';

const tokenContext = 'kms grant token';

/** Another one at each call; only this server can make one. */
export function grantToken({ vault }: Pick<Kms, 'vault'>, { key, grantId }: GrantRecord): string {
  const { accountId, region, keyId } = key;
  return vault.seal(Buffer.from(JSON.stringify([accountId, region, keyId, grantId])), tokenContext).toString('base64');
}

/** The grant that a token stands for; it may be gone. */
export function readGrantToken({ vault }: Pick<Kms, 'vault'>, token: string): { key: KeyPath; grantId: string } {
  try {
    const opened = vault.open(Buffer.from(token, 'base64'), tokenContext);
    const [accountId = '', region = '', keyId = '', grantId = ''] = JSON.parse(opened.toString()) as string[];
    return { key: { accountId, region, keyId }, grantId };
  } catch (error) {
    if (error instanceof SealBroken) throw invalidGrantToken();
    throw error;
  }
}

/** A grant works as soon as it is answered, so its token adds nothing; but one that is none is refused. */
export function checkGrantTokens(kms: Pick<Kms, 'vault'>, tokens: readonly string[] = []): void {
  for (const token of tokens) readGrantToken(kms, token);
}

export function findGrant(kms: Pick<Kms, 'partition'>, grant: { key: KeyPath; grantId: string }) {
  return kms.partition.entities.get<GrantRecord>(grantKind, grantPath(grant));
}

export async function listGrantsOf(kms: Pick<Kms, 'partition'>, key: KeyPath, limit: number, after?: string) {
  const prefix = `${keyPath(key)}/`;
  const behind = after === undefined ? undefined : prefix + after;
  const found = await kms.partition.entities.list<GrantRecord>(grantKind, prefix, limit, behind);
  return found.map(({ value }) => value);
}

/** As ListGrants shows it. */
export function shownGrant(grant: GrantRecord): GrantListEntry {
  const { constraints } = grant;
  return {
    KeyId: keyArn(grant.key),
    GrantId: grant.grantId,
    Name: grant.name,
    CreationDate: grant.createdAt,
    ...(grant.granteePrincipal !== undefined && { GranteePrincipal: grant.granteePrincipal }),
    ...(grant.granteeServicePrincipal !== undefined && { GranteeServicePrincipal: grant.granteeServicePrincipal }),
    ...(grant.retiringPrincipal !== undefined && { RetiringPrincipal: grant.retiringPrincipal }),
    ...(grant.retiringServicePrincipal !== undefined && { RetiringServicePrincipal: grant.retiringServicePrincipal }),
    IssuingAccount: grant.issuingAccount,
    Operations: grant.operations,
    ...(constraints !== undefined && {
      Constraints: {
        EncryptionContextSubset: constraints.encryptionContextSubset,
        EncryptionContextEquals: constraints.encryptionContextEquals,
        SourceArn: constraints.sourceArn,
      },
    }),
  };
}

/** What a call is about, as far as grants ask. */
export interface GrantedCall {
  /** Of a grant: `ReEncryptFrom`. */
  readonly operation: string;
  /** The ARNs that the caller goes by. */
  readonly principals: readonly string[];
  readonly encryptionContext?: Readonly<Record<string, string>> | undefined;
  readonly sourceArn?: string | undefined;
}

/** Operations that carry no encryption context are not bound by one. */
const withContext = new Set([
  'Decrypt',
  'Encrypt',
  'GenerateDataKey',
  'GenerateDataKeyWithoutPlaintext',
  'GenerateDataKeyPair',
  'GenerateDataKeyPairWithoutPlaintext',
  'ReEncryptFrom',
  'ReEncryptTo',
]);

export function takesContext(operation: string): boolean {
  return withContext.has(operation);
}

export function grantAllows(grant: GrantRecord, call: GrantedCall): boolean {
  const grantee = grant.granteePrincipal ?? grant.granteeServicePrincipal ?? '';
  if (!grant.operations.includes(call.operation) || !call.principals.includes(grantee)) return false;
  const { encryptionContextEquals, encryptionContextSubset, sourceArn } = grant.constraints ?? {};
  if (sourceArn !== undefined && sourceArn !== call.sourceArn) return false;
  if (!takesContext(call.operation)) return true;
  const given = call.encryptionContext ?? {};
  if (encryptionContextEquals !== undefined)
    return canonicalContext(encryptionContextEquals) === canonicalContext(given);
  return Object.entries(encryptionContextSubset ?? {}).every(([name, value]) => given[name] === value);
}

/** Whether a repeated creation means the grant that is there. */
export function isSameGrant(one: GrantRecord, other: GrantRecord): boolean {
  const said = ({ grantId: _, createdAt: __, operations, constraints, ...rest }: GrantRecord) => {
    const { encryptionContextEquals, encryptionContextSubset, sourceArn } = constraints ?? {};
    const contexts = [encryptionContextEquals, encryptionContextSubset].map((each) => each && canonicalContext(each));
    const about = Object.entries(rest).filter(([name]) => name !== 'key');
    return JSON.stringify([about.sort(([a], [b]) => (a < b ? -1 : 1)), [...operations].sort(), contexts, sourceArn]);
  };
  return said(one) === said(other);
}
