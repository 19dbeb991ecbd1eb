/** What a call asks of which keys, for whoever decides whether the caller may. */
import type { Decision, Identity, RequestContext } from '#access';
import { decide } from '#access';
import type { KmsOperations } from '#aws/generated/kms';
import { aliasArn, keyArn, parseKeyReference, type Scope } from './arn.ts';
import { readHead } from './ciphertext.ts';
import { findKey, resolveKey } from './finding.ts';
import { findGrant, type GrantedCall, grantAllows, readGrantToken } from './grants.ts';
import { aliases, grants } from './limits.ts';
import { ensureManagedKey } from './managedKeys.ts';
import { defaultPolicy, readPolicy } from './policies.ts';
import {
  type AliasRecord,
  aliasOfKind,
  type GrantRecord,
  granteeKind,
  granteePrefix,
  type KeyRecord,
  keyPath,
} from './records.ts';
import { type ContextInput, conditionKeys } from './requestContext.ts';
import type { Kms } from './service.ts';

/** One thing that has to be allowed; a call may need several. */
export interface KeyAccess {
  /** `kms:Encrypt` */
  readonly action: string;
  /** The ARN of a key or an alias; `*` where there is none. */
  readonly resource: string;
  readonly resourceAccountId: string;
  /** The key policy, as text; without it only the caller's own policies speak. */
  readonly policy?: string;
  readonly context: RequestContext;
  /** A grant allows it, so that only an explicit deny refuses it. */
  readonly isGranted: boolean;
}

/** Who calls, as far as the answer depends on it. */
export interface AccessCaller extends Scope {
  readonly caller?: Identity;
  /** `sqs`: the service that calls on somebody's behalf. */
  readonly service?: string;
  readonly sourceArn?: string;
}

type Operation = keyof KmsOperations;

/** Operations that are about no key, or about all of them. */
const withoutKey = new Set<Operation>([
  'CreateKey',
  'GenerateRandom',
  'ListAliases',
  'ListKeys',
  'ListRetirableGrants',
]);

/** What `operation` needs. Refuses as the operation would if the key is not there. */
export async function accessOf(
  kms: Kms,
  operation: string,
  input: unknown,
  caller: AccessCaller,
): Promise<readonly KeyAccess[]> {
  const asked = (input ?? {}) as ContextInput;
  const name = operation as Operation;
  if (withoutKey.has(name)) return [general(operation, asked, caller)];
  switch (name) {
    case 'CreateAlias':
    case 'UpdateAlias':
    case 'DeleteAlias':
      return aliasAccess(kms, name, asked, caller);
    case 'ReEncrypt':
      return reEncryptAccess(kms, asked, caller);
    case 'Decrypt': {
      const key = await decryptingKey(kms, asked.CiphertextBlob, asked.KeyId, caller);
      // What is no ciphertext is refused by the operation, in its own words.
      return key === undefined ? [] : [await keyAccess(kms, 'Decrypt', key, asked, caller)];
    }
    case 'RetireGrant':
      return retireAccess(kms, asked, caller);
    default: {
      // Or nobody could ask for a key that this very call makes.
      if (name === 'DescribeKey') await ensureManagedKey(kms, asked.KeyId ?? '', caller);
      const key = await keyOf(kms, asked.KeyId ?? '', caller);
      return [await keyAccess(kms, operation, key, asked, caller)];
    }
  }
}

/** Whether who calls may; a grant stands in for a policy that says nothing. */
export function decideAccess(identity: Identity, access: KeyAccess): Decision {
  const { action, resource, resourceAccountId, policy, context, isGranted } = access;
  const request = { action, resource, resourceAccountId, context };
  const decision =
    policy === undefined ? decide(identity, request) : decide(identity, request, readPolicy(policy), { rule: 'key' });
  if (decision.effect !== 'implicitDeny' || !isGranted) return decision;
  return { effect: 'allowed', by: 'resource', statements: [] };
}

function general(operation: string, input: ContextInput, caller: AccessCaller): KeyAccess {
  return {
    action: `kms:${operation}`,
    resource: '*',
    resourceAccountId: caller.accountId,
    context: conditionKeys(input, caller),
    isGranted: false,
  };
}

async function aliasAccess(
  kms: Kms,
  operation: 'CreateAlias' | 'UpdateAlias' | 'DeleteAlias',
  input: ContextInput,
  caller: AccessCaller,
): Promise<KeyAccess[]> {
  const { AliasName: aliasName = '', TargetKeyId: target } = input;
  const needed = [{ ...general(operation, input, caller), resource: aliasArn(caller, aliasName) }];
  const alias = operation === 'CreateAlias' ? undefined : await kms.keys.findAlias(caller, aliasName);
  const current = alias && (await kms.keys.find(alias));
  if (current !== undefined) needed.push(await keyAccess(kms, operation, current, input, caller));
  if (target !== undefined) {
    needed.push(await keyAccess(kms, operation, await findKey(kms, target, caller), input, caller));
  }
  return needed;
}

async function reEncryptAccess(kms: Kms, input: ContextInput, caller: AccessCaller): Promise<KeyAccess[]> {
  const source = await decryptingKey(kms, input.CiphertextBlob, input.SourceKeyId, caller);
  const destination = await keyOf(kms, input.DestinationKeyId ?? '', caller);
  const isSame = source !== undefined && keyPathOf(source) === keyPathOf(destination);
  const about = { ...input, isReEncryptOnSameKey: isSame };
  const from = { ...about, KeyId: input.SourceKeyId, EncryptionContext: input.SourceEncryptionContext };
  const to = { ...about, KeyId: input.DestinationKeyId, EncryptionContext: input.DestinationEncryptionContext };
  return [
    ...(source === undefined ? [] : [await keyAccess(kms, 'ReEncryptFrom', source, from, caller)]),
    await keyAccess(kms, 'ReEncryptTo', destination, to, caller),
  ];
}

/** Mostly the grant itself says who may end it. */
async function retireAccess(kms: Kms, input: ContextInput, caller: AccessCaller): Promise<KeyAccess[]> {
  const { GrantToken: token, KeyId: reference, GrantId: grantId = '' } = input;
  const named =
    token !== undefined ? readGrantToken(kms, token) : { key: await findKey(kms, reference ?? '', caller), grantId };
  const key = await kms.keys.find(named.key);
  const grant = await findGrant(kms, named);
  if (key === undefined) return [];
  const access = await keyAccess(kms, 'RetireGrant', key, input, caller);
  const principals = principalsOf(caller);
  const isRetiring = [grant?.retiringPrincipal, grant?.retiringServicePrincipal, grant?.issuingAccount].some(
    (each) => each !== undefined && principals.includes(each),
  );
  return [{ ...access, isGranted: access.isGranted || isRetiring }];
}

/** A key of another account that is not there is answered like one that may not be used. */
type KeyOrPlace = KeyRecord | (Scope & { readonly keyId: string; readonly policy?: undefined });

async function keyOf(kms: Kms, reference: string, caller: AccessCaller): Promise<KeyOrPlace> {
  const parsed = parseKeyReference(reference, caller);
  if (parsed.kind !== 'key' || parsed.accountId === caller.accountId) return findKey(kms, reference, caller);
  const place = await resolveKey(kms, reference, caller);
  return (await kms.keys.find(place)) ?? place;
}

async function decryptingKey(
  kms: Kms,
  ciphertext: Uint8Array | undefined,
  reference: string | undefined,
  caller: AccessCaller,
): Promise<KeyOrPlace | undefined> {
  if (reference !== undefined) return keyOf(kms, reference, caller);
  const head = ciphertext === undefined ? undefined : readHead(ciphertext);
  return head === undefined || head.region !== caller.region ? undefined : kms.keys.find(head);
}

async function keyAccess(
  kms: Kms,
  operation: string,
  key: KeyOrPlace,
  input: ContextInput,
  caller: AccessCaller,
): Promise<KeyAccess> {
  const record = isRecord(key) ? key : undefined;
  const names = record === undefined ? [] : await aliasesOf(kms, record);
  return {
    action: `kms:${operation}`,
    resource: keyArn(key),
    resourceAccountId: key.accountId,
    policy: record?.policy ?? defaultPolicy(key.accountId),
    context: conditionKeys(input, caller, record, names),
    isGranted: record !== undefined && (await isGranted(kms, record, operation, input, caller)),
  };
}

async function isGranted(
  kms: Kms,
  key: KeyRecord,
  operation: string,
  input: ContextInput,
  caller: AccessCaller,
): Promise<boolean> {
  const call: GrantedCall = {
    operation,
    principals: principalsOf(caller),
    encryptionContext: input.EncryptionContext,
    sourceArn: caller.sourceArn,
  };
  for (const principal of call.principals) {
    const prefix = granteePrefix(key, principal);
    const found = await kms.partition.entities.list<GrantRecord>(granteeKind, prefix, grants);
    if (found.some(({ value }) => grantAllows(value, call))) return true;
  }
  return false;
}

async function aliasesOf({ partition }: Kms, key: KeyRecord): Promise<string[]> {
  const found = await partition.entities.list<AliasRecord>(aliasOfKind, `${keyPath(key)}/`, aliases);
  return found.map(({ value }) => value.aliasName);
}

/** The ARNs that grants may call them by: of a role's session, also the role's. */
function principalsOf({ caller }: AccessCaller): string[] {
  if (caller === undefined) return [];
  const { arn, roleArn } = caller.principal;
  return roleArn === undefined ? [arn] : [arn, roleArn];
}

function isRecord(key: KeyOrPlace): key is KeyRecord {
  return key.policy !== undefined;
}

function keyPathOf(key: KeyOrPlace): string {
  return keyPath(key);
}
