import { isJsonMap, parseJsonMap } from '#std/jsonMap';
import { type TopicPath, topicArn } from './arn.ts';
import { invalidParameter } from './errors.ts';
import * as limits from './limits.ts';

/** A topic's policy is checked and kept as it was written; nothing enforces it yet. */
interface Policy {
  readonly Version?: string;
  readonly Id?: string;
  readonly Statement: Statement | readonly Statement[];
}

interface Statement {
  readonly Sid?: string;
  readonly Action?: unknown;
  readonly Resource?: unknown;
  readonly [member: string]: unknown;
}

/** What a policy may speak of; measured: `SNS:*` is out of scope. */
const policyActions = new Set(
  [
    'AddPermission',
    'ConfirmSubscription',
    'DeleteTopic',
    'GetDataProtectionPolicy',
    'GetTopicAttributes',
    'ListSubscriptionsByTopic',
    'ListTagsForResource',
    'Publish',
    'PutDataProtectionPolicy',
    'Receive',
    'RemovePermission',
    'SetTopicAttributes',
    'Subscribe',
    'TagResource',
    'Unsubscribe',
    'UntagResource',
  ].map((name) => `sns:${name.toLowerCase()}`),
);

const ownersActions = [
  'SNS:GetTopicAttributes',
  'SNS:SetTopicAttributes',
  'SNS:AddPermission',
  'SNS:RemovePermission',
  'SNS:DeleteTopic',
  'SNS:Subscribe',
  'SNS:ListSubscriptionsByTopic',
  'SNS:Publish',
];

/** What a topic has that was given none: its owner may do everything. */
export function defaultPolicy(topic: TopicPath): string {
  return JSON.stringify({
    Version: '2008-10-17',
    Id: '__default_policy_ID',
    Statement: [
      {
        Sid: '__default_statement_ID',
        Effect: 'Allow',
        Principal: { AWS: '*' },
        Action: ownersActions,
        Resource: topicArn(topic),
        Condition: { StringEquals: { 'AWS:SourceOwner': topic.accountId } },
      },
    ],
  });
}

/** `prefix` is what the operation says before the reason. */
export function checkPolicy(text: string, prefix: string): string {
  const policy = parseJsonMap(text, limits.policyBytes);
  if (policy === undefined || !isPolicy(policy)) throw invalidParameter(`${prefix}Policy Error: null`);
  for (const { Action, Resource } of statementsOf(policy)) {
    checkActions(textsOf(Action), prefix);
    if (textsOf(Resource).length > 1) {
      throw invalidParameter(`${prefix}Policy statement must apply to a single resource!`);
    }
  }
  return text;
}

function checkActions(actions: readonly string[], prefix = ''): void {
  if (actions.some((action) => !policyActions.has(action.toLowerCase()))) {
    throw invalidParameter(`${prefix}Policy statement action out of service scope!`);
  }
}

function isPolicy(policy: Readonly<Record<string, unknown>>): policy is Readonly<Record<string, unknown>> & Policy {
  const { Statement } = policy;
  const statements: readonly unknown[] = Array.isArray(Statement) ? Statement : [Statement];
  return statements.length > 0 && statements.every(isStatement);
}

function isStatement(value: unknown): boolean {
  if (!isJsonMap(value)) return false;
  const { Effect, Principal, NotPrincipal, Action, NotAction } = value;
  if (Effect !== 'Allow' && Effect !== 'Deny') return false;
  return (Principal !== undefined || NotPrincipal !== undefined) && (Action !== undefined || NotAction !== undefined);
}

function textsOf(value: unknown): readonly string[] {
  const values: readonly unknown[] = value === undefined ? [] : Array.isArray(value) ? value : [value];
  return values.map(String);
}

function statementsOf({ Statement }: Policy): readonly Statement[] {
  return Array.isArray(Statement) ? Statement : [Statement as Statement];
}

/** What AddPermission grants, and under which label. */
export interface Permission {
  readonly label: string;
  readonly accountIds: readonly string[];
  readonly actions: readonly string[];
}

export function checkLabel(label: string): void {
  if (!/^[A-Za-z0-9_-]+$/.test(label) || label.length > limits.labelLength) throw invalidParameter('Label');
}

/** The policy with one more statement. */
export function addPermission(text: string, topic: TopicPath, { label, accountIds, actions }: Permission): string {
  const policy = JSON.parse(text) as Policy;
  const existing = statementsOf(policy);
  if (existing.some(({ Sid }) => Sid === label)) throw invalidParameter('Statement already exists');
  const granted = actions.map((action) => `SNS:${action}`);
  checkActions(granted);
  const principals = accountIds.map((accountId) => `arn:aws:iam::${accountId}:root`);
  const added = {
    Sid: label,
    Effect: 'Allow',
    Principal: { AWS: principals.length === 1 ? principals[0] : principals },
    Action: granted.length === 1 ? granted[0] : granted,
    Resource: topicArn(topic),
  };
  const changed = JSON.stringify({ ...policy, Statement: [...existing, added] });
  if (Buffer.byteLength(changed) > limits.policyBytes) throw invalidParameter('Policy Error: null');
  return changed;
}

/** The policy without the statements of a label; a label that it does not have is no error. */
export function removePermission(text: string, label: string): string {
  const policy = JSON.parse(text) as Policy;
  return JSON.stringify({ ...policy, Statement: statementsOf(policy).filter(({ Sid }) => Sid !== label) });
}
