/** KMS's condition keys, from what a call says and what is known of its key. */
import type { RequestContext } from '#access';
import type { Scope } from './arn.ts';
import type { KeyRecord } from './records.ts';

/** What any of the operations may be given, as far as conditions ask. */
export interface ContextInput {
  readonly KeyId?: string | undefined;
  readonly TargetKeyId?: string | undefined;
  readonly AliasName?: string | undefined;
  readonly SourceKeyId?: string | undefined;
  readonly DestinationKeyId?: string | undefined;
  readonly CiphertextBlob?: Uint8Array | undefined;
  readonly EncryptionContext?: Readonly<Record<string, string>> | undefined;
  readonly SourceEncryptionContext?: Readonly<Record<string, string>> | undefined;
  readonly DestinationEncryptionContext?: Readonly<Record<string, string>> | undefined;
  readonly EncryptionAlgorithm?: string | undefined;
  readonly SigningAlgorithm?: string | undefined;
  readonly MessageType?: string | undefined;
  readonly MacAlgorithm?: string | undefined;
  readonly KeyPairSpec?: string | undefined;
  readonly KeySpec?: string | undefined;
  readonly KeyUsage?: string | undefined;
  readonly Operations?: readonly string[] | undefined;
  readonly GranteePrincipal?: string | undefined;
  readonly RetiringPrincipal?: string | undefined;
  readonly Constraints?: object | undefined;
  readonly GrantToken?: string | undefined;
  readonly GrantId?: string | undefined;
  readonly PendingWindowInDays?: number | undefined;
  readonly RotationPeriodInDays?: number | undefined;
  readonly BypassPolicyLockoutSafetyCheck?: boolean | undefined;
  readonly Tags?: readonly { readonly TagKey: string; readonly TagValue: string }[] | undefined;
  readonly TagKeys?: readonly string[] | undefined;
  readonly isReEncryptOnSameKey?: boolean;
}

export interface ContextCaller extends Scope {
  readonly service?: string;
}

/** The keys whose values an input holds as they are. */
const fromInput = {
  EncryptionAlgorithm: 'kms:EncryptionAlgorithm',
  SigningAlgorithm: 'kms:SigningAlgorithm',
  MessageType: 'kms:MessageType',
  MacAlgorithm: 'kms:MacAlgorithm',
  KeyPairSpec: 'kms:DataKeyPairSpec',
  GranteePrincipal: 'kms:GranteePrincipal',
  RetiringPrincipal: 'kms:RetiringPrincipal',
  PendingWindowInDays: 'kms:ScheduleKeyDeletionPendingWindowInDays',
  RotationPeriodInDays: 'kms:RotationPeriodInDays',
  BypassPolicyLockoutSafetyCheck: 'kms:BypassPolicyLockoutSafetyCheck',
  isReEncryptOnSameKey: 'kms:ReEncryptOnSameKey',
} as const satisfies { readonly [Name in keyof ContextInput]?: string };

export function conditionKeys(
  input: ContextInput,
  { accountId, region, service }: ContextCaller,
  key?: KeyRecord,
  aliases: readonly string[] = [],
): RequestContext {
  const keys: Record<string, string | readonly string[]> = { 'kms:CallerAccount': accountId };
  if (service !== undefined) keys['kms:ViaService'] = `${service}.${region}.amazonaws.com`;
  for (const [name, conditionKey] of Object.entries(fromInput)) {
    const value = input[name as keyof typeof fromInput];
    if (value !== undefined) keys[conditionKey] = String(value);
  }
  const encryptionContext = Object.entries(input.EncryptionContext ?? {});
  for (const [name, value] of encryptionContext) keys[`kms:EncryptionContext:${name}`] = value;
  if (encryptionContext.length > 0) keys['kms:EncryptionContextKeys'] = encryptionContext.map(([name]) => name);
  if (input.Operations !== undefined) keys['kms:GrantOperations'] = input.Operations;
  if (input.Constraints !== undefined) keys['kms:GrantConstraintType'] = Object.keys(input.Constraints);
  const alias = [input.KeyId, input.TargetKeyId].find((each) => each !== undefined && /(^|:)alias\//.test(each));
  if (alias !== undefined) keys['kms:RequestAlias'] = alias.slice(alias.lastIndexOf('alias/'));
  addTags(keys, input);
  return { ...keys, ...ofKey(input, key, aliases) };
}

/** A key that is about to be made is described by the input. */
function ofKey(input: ContextInput, key: KeyRecord | undefined, aliases: readonly string[]): RequestContext {
  if (key === undefined) {
    return {
      ...(input.KeySpec !== undefined && { 'kms:KeySpec': input.KeySpec }),
      ...(input.KeyUsage !== undefined && { 'kms:KeyUsage': input.KeyUsage }),
    };
  }
  const tags = Object.entries(key.tags).map(([name, value]) => [`aws:ResourceTag/${name}`, value]);
  return {
    'kms:KeySpec': key.keySpec,
    'kms:KeyUsage': key.keyUsage,
    'kms:KeyOrigin': 'AWS_KMS',
    'kms:MultiRegion': 'false',
    'aws:ResourceAccount': key.accountId,
    ...(aliases.length > 0 && { 'kms:ResourceAliases': aliases }),
    ...Object.fromEntries(tags),
  };
}

function addTags(keys: Record<string, string | readonly string[]>, { Tags, TagKeys }: ContextInput): void {
  for (const { TagKey, TagValue } of Tags ?? []) keys[`aws:RequestTag/${TagKey}`] = TagValue;
  const names = TagKeys ?? Tags?.map(({ TagKey }) => TagKey);
  if (names !== undefined) keys['aws:TagKeys'] = names;
}
