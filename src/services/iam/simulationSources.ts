import { type Identity, type NamedPolicy, parsePolicy } from '#access';
import type { PolicyIdentifier, PolicySourceType } from '#aws/generated/iam';
import type { Account } from './accounts.ts';
import { arnOf, awsAccount, parseArn } from './arn.ts';
import { type EntityWord, invalidInput, notFound } from './errors.ts';
import { defaultDocument, tagContext, userIdentity } from './identities.ts';
import type { HolderRecord } from './records.ts';

/** A policy of a simulation, with where it comes from. */
export interface SourcePolicy extends NamedPolicy {
  readonly type: PolicySourceType;
  readonly arn?: string;
  readonly inline?: { readonly policyName: string; readonly kind: EntityWord; readonly holderName: string };
}

export interface Source {
  readonly kind: EntityWord;
  readonly principal: Identity['principal'];
  readonly policies: readonly SourcePolicy[];
  readonly boundary?: SourcePolicy;
}

/** A user with its groups, a group, or a role. */
export function sourceOf(account: Account, arn: string): Source {
  const parsed = parseArn(arn);
  if (parsed === undefined || parsed.type === 'policy') {
    throw invalidInput(`Invalid Entity Arn: ${arn} does not clearly define entity type and name.`);
  }
  const { type: kind, name } = parsed;
  const user = account.users.get(name);
  const holders = { user, group: account.groups.get(name), role: account.roles.get(name) };
  const holder = parsed.accountId === account.id ? holders[kind] : undefined;
  if (holder === undefined) throw notFound(kind, name);
  const groups = kind === 'user' && user !== undefined ? account.groupsOf(user) : [];
  const { boundary } = holder;
  return {
    kind,
    principal: supposedCaller(account, arn).principal,
    policies: [...policiesOf(account, kind, holder), ...groups.flatMap((group) => policiesOf(account, 'group', group))],
    ...(boundary !== undefined && managed(account, boundary).map((policy) => ({ boundary: policy }))[0]),
  };
}

function policiesOf(account: Account, kind: EntityWord, holder: HolderRecord): SourcePolicy[] {
  const inline = Object.entries(holder.inline).map(([policyName, text]) => ({
    ...{ name: `${kind}_${holder.name}_${policyName}`, policy: parsePolicy(text, 'identity'), type: kind },
    inline: { policyName, kind, holderName: holder.name },
  }));
  return [...inline, ...holder.attached.flatMap((arn) => managed(account, arn))];
}

function managed(account: Account, arn: string): SourcePolicy[] {
  const record = account.policy(arn);
  if (record === undefined) return [];
  const type = parseArn(arn)?.accountId === awsAccount ? 'aws-managed' : 'user-managed';
  return [{ name: record.name, policy: parsePolicy(defaultDocument(record), 'identity'), type, arn }];
}

/** Somebody for whom nothing speaks: the entity of that ARN, whether it is there or not, or anybody of the account. */
export function supposedCaller(account: Account, arn?: string): Identity {
  const parsed = arn === undefined ? undefined : parseArn(arn);
  if (arn !== undefined && (parsed === undefined || parsed.type === 'policy')) {
    throw invalidInput(`Invalid Caller Arn: ${arn} does not name a user, a group or a role.`);
  }
  const { type, accountId, path, name } = parsed ?? { type: 'user', accountId: account.id, path: '/', name: 'anybody' };
  const isHere = accountId === account.id;
  const user = isHere && type === 'user' ? account.users.get(name) : undefined;
  if (user !== undefined) return { ...userIdentity(account, user), policies: [] };
  const role = isHere && type === 'role' ? account.roles.get(name) : undefined;
  if (type !== 'role') {
    const userArn = arnOf('user', accountId, { path, name });
    return { principal: { kind: 'user', accountId, arn: userArn, userId: 'AIDAANYBODY', context: {} }, policies: [] };
  }
  const principal: Identity['principal'] = {
    ...{ kind: 'assumed-role', accountId, arn: `arn:aws:sts::${accountId}:assumed-role/${name}/simulation` },
    ...{ roleArn: arnOf('role', accountId, { path, name }), userId: `${role?.id ?? 'AROAANYBODY'}:simulation` },
    context: tagContext(role?.tags ?? {}),
  };
  return { principal, policies: [] };
}

/** Without those that are to be left out; what matches nothing is no mistake. */
export function withoutExcluded(source: Source, excluded: readonly PolicyIdentifier[]): Source {
  const isExcluded = (policy: SourcePolicy) => excluded.some((identifier) => isMeant(policy, identifier));
  const { boundary, ...rest } = source;
  const isUnbounded = excluded.some(({ PolicyType }) => PolicyType === 'permission-boundary');
  const policies = source.policies.filter((policy) => !isExcluded(policy));
  return { ...rest, policies, ...(boundary !== undefined && !isUnbounded && { boundary }) };
}

function isMeant({ type, arn, inline }: SourcePolicy, identifier: PolicyIdentifier): boolean {
  const { PolicyType, PolicyArn, InlinePolicyIdentifier: named } = identifier;
  if (PolicyType !== undefined) return PolicyType === 'inline' ? inline !== undefined : PolicyType === type;
  if (PolicyArn !== undefined) return arn !== undefined && matches(PolicyArn, arn);
  if (named === undefined || inline === undefined) return false;
  const { policyName, kind, holderName } = inline;
  return named.PolicyName === policyName && named.AttachmentType === kind && matches(named.AttachmentName, holderName);
}

/** `*` is any text, `?` any character. The pattern has one `*` at most, so that it costs nothing to look. */
function matches(pattern: string, text: string): boolean {
  if (pattern.split('*').length > 2) throw invalidInput(`Invalid identifier: ${pattern} has more than one *.`);
  const source = pattern
    .replace(/[.+^${}()|[\]\\]/g, '\\$&')
    .replace('*', '.*')
    .replaceAll('?', '.');
  return new RegExp(`^${source}$`).test(text);
}
