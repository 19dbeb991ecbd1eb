import { isJsonMap, parseJsonMap } from '#std/jsonMap';
import { invalidAttributeValue, invalidValue, overLimit } from './errors.ts';
import * as limits from './limits.ts';

/**
 * A queue's policy. It is checked and kept as it was written, so that who reads it back finds no difference. Nothing
 * enforces it yet.
 */
interface Policy {
  readonly Version?: string;
  readonly Id?: string;
  readonly Statement: Statement | readonly Statement[];
}

interface Statement {
  readonly Sid?: string;
  readonly [member: string]: unknown;
}

const policyMembers = ['Version', 'Id', 'Statement'];
const statementMembers = [
  'Sid',
  'Effect',
  'Principal',
  'NotPrincipal',
  'Action',
  'NotAction',
  'Resource',
  'NotResource',
];

/** Checks that a text is a policy document; gives it back. */
export function checkPolicy(text: string): string {
  const policy = parseJsonMap(text, limits.policyBytes);
  if (policy === undefined || !isPolicy(policy)) throw invalidAttributeValue('Policy');
  const statements = statementsOf(policy);
  if (statements.length > limits.policyStatements) {
    throw overLimit(
      `${statements.length} statements were found in the submitted policy, max allowed is ${limits.policyStatements}`,
    );
  }
  for (const { Action } of statements) if (Array.isArray(Action)) checkNumberOfActions(Action.length);
  return text;
}

function isPolicy(policy: Readonly<Record<string, unknown>>): policy is Readonly<Record<string, unknown>> & Policy {
  const { Version, Id, Statement } = policy;
  if (Object.keys(policy).some((name) => !policyMembers.includes(name))) return false;
  if (Version !== undefined && Version !== '2012-10-17' && Version !== '2008-10-17') return false;
  if (Id !== undefined && typeof Id !== 'string') return false;
  const statements: readonly unknown[] = Array.isArray(Statement) ? Statement : [Statement];
  if (statements.length === 0 || !statements.every(isStatement)) return false;
  const sids = statements.map(({ Sid }) => Sid).filter((sid) => sid !== undefined);
  return new Set(sids).size === sids.length;
}

function isStatement(value: unknown): value is Statement {
  if (!isJsonMap(value)) return false;
  const { Sid, Effect, Principal, NotPrincipal, Condition, ...others } = value;
  if (Object.keys(others).some((name) => !statementMembers.includes(name))) return false;
  if (Sid !== undefined && typeof Sid !== 'string') return false;
  if (Effect !== 'Allow' && Effect !== 'Deny') return false;
  if (Condition !== undefined && !isJsonMap(Condition)) return false;
  // Without a principal it would be the policy of a user, and not of a queue.
  return (
    isExactlyOne(Principal, NotPrincipal, isPrincipal) &&
    isExactlyOne(value.Action, value.NotAction, isTextOrTexts) &&
    (value.Resource === undefined || isTextOrTexts(value.Resource)) &&
    (value.NotResource === undefined || isTextOrTexts(value.NotResource))
  );
}

function isExactlyOne(value: unknown, inverse: unknown, isValid: (value: unknown) => boolean): boolean {
  return (value === undefined) !== (inverse === undefined) && isValid(value ?? inverse);
}

function isPrincipal(value: unknown): boolean {
  if (!isJsonMap(value)) return value === '*';
  const kinds = Object.values(value);
  return kinds.length > 0 && kinds.every(isTextOrTexts);
}

function isTextOrTexts(value: unknown): boolean {
  const texts: readonly unknown[] = Array.isArray(value) ? value : [value];
  return texts.length > 0 && texts.every((each) => typeof each === 'string');
}

function statementsOf({ Statement }: Policy): readonly Statement[] {
  return Array.isArray(Statement) ? Statement : [Statement as Statement];
}

export function checkNumberOfActions(count: number): void {
  if (count > limits.policyActions) {
    throw overLimit(`${count} Actions were found, maximum allowed is ${limits.policyActions}.`);
  }
}

/** What AddPermission grants, and under which label. */
export interface Permission {
  readonly label: string;
  readonly accountIds: readonly string[];
  readonly actions: readonly string[];
}

/** The policy with one more statement, written as AWS writes it. */
export function addPermission(text: string | undefined, arn: string, permission: Permission): string {
  const { label, accountIds, actions } = permission;
  const policy: Policy =
    text === undefined
      ? { Version: '2008-10-17', Id: `${arn}/SQSDefaultPolicy`, Statement: [] }
      : (JSON.parse(text) as Policy);
  const existing = statementsOf(policy);
  if (existing.some(({ Sid }) => Sid === label)) throw invalidValue(label, 'Label', 'Already exists.');
  const added = {
    Sid: label,
    Effect: 'Allow',
    Principal: { AWS: oneOrAll(accountIds.map((accountId) => `arn:aws:iam::${accountId}:root`)) },
    Action: oneOrAll(actions.map((action) => `SQS:${action}`)),
    Resource: arn,
  };
  const Statement = [...existing, added];
  if (Statement.length > limits.policyStatements) {
    throw overLimit(`${Statement.length} Statements were found, maximum allowed is ${limits.policyStatements}.`);
  }
  const changed = JSON.stringify({ ...policy, Statement });
  if (Buffer.byteLength(changed) > limits.policyBytes) {
    throw overLimit(`The policy would be longer than ${limits.policyBytes} bytes.`);
  }
  return changed;
}

/** The policy without the statements of a label; undefined when nothing is left of it. */
export function removePermission(text: string | undefined, label: string): string | undefined {
  // Measured: the texts differ by whether there is a policy at all.
  if (text === undefined) throw invalidValue(label, 'Label', "can't find label.");
  const policy = JSON.parse(text) as Policy;
  const existing = statementsOf(policy);
  const Statement = existing.filter(({ Sid }) => Sid !== label);
  if (Statement.length === existing.length) {
    throw invalidValue(label, 'Label', "can't find label on existing policy.");
  }
  return Statement.length === 0 ? undefined : JSON.stringify({ ...policy, Statement });
}

function oneOrAll(texts: readonly string[]): string | readonly string[] {
  const [first, ...others] = texts;
  return first !== undefined && others.length === 0 ? first : texts;
}
