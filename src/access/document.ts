import type { ConditionEntry } from './conditions.ts';
import { MalformedPolicy } from './policy.ts';
import type { PrincipalNames } from './principals.ts';
import type { Effect } from './types.ts';

/** The members of a policy, and of its statements, as JSON gave them. */
export type JsonMap = Readonly<Record<string, unknown>>;

export interface PolicyDocument {
  readonly members: JsonMap;
  readonly statements: readonly JsonMap[];
}

/** A statement whose form has been checked. */
export interface CheckedStatement {
  readonly sid: string | undefined;
  readonly effect: Effect;
  readonly actions: readonly string[];
  readonly isNotAction: boolean;
  /** Absent in trust policies, and where a resource's policy leaves out that it speaks of its resource. */
  readonly resources: readonly string[] | undefined;
  readonly isNotResource: boolean;
  readonly principals: PrincipalNames | undefined;
  readonly isNotPrincipal: boolean;
  readonly condition: readonly ConditionEntry[];
}

export const policyMembers: readonly string[] = ['Version', 'Id', 'Statement'];
export const statementMembers: readonly string[] = [
  'Sid',
  'Effect',
  'Principal',
  'NotPrincipal',
  'Action',
  'NotAction',
  'Resource',
  'NotResource',
  'Condition',
];
export const versions: readonly unknown[] = ['2008-10-17', '2012-10-17'];

export function refuse(reason: string): never {
  throw new MalformedPolicy(reason);
}

export function isJsonMap(value: unknown): value is JsonMap {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** What an element means that is a text or several; undefined of anything else. */
export function textsOf(value: unknown): readonly string[] | undefined {
  const values: readonly unknown[] = Array.isArray(value) ? value : [value];
  return values.every((each) => typeof each === 'string') ? values : undefined;
}

/** Values of conditions may be numbers and booleans too, and are compared as texts. */
export function conditionValuesOf(value: unknown): readonly string[] | undefined {
  const values: readonly unknown[] = Array.isArray(value) ? value : [value];
  const isScalar = (each: unknown): boolean => ['string', 'number', 'boolean'].includes(typeof each);
  return values.every(isScalar) ? values.map(String) : undefined;
}

/** The whole Condition element, one entry for each key; undefined when it hasn't the form of one. */
export function conditionOf(value: unknown): readonly ConditionEntry[] | undefined {
  if (value === undefined) return [];
  if (!isJsonMap(value)) return undefined;
  const entries: ConditionEntry[] = [];
  for (const [operator, block] of Object.entries(value)) {
    if (!isJsonMap(block)) return undefined;
    for (const [key, written] of Object.entries(block)) {
      const values = conditionValuesOf(written);
      if (values === undefined) return undefined;
      entries.push({ operator, key, values });
    }
  }
  return entries;
}

export function hasDuplicates(texts: readonly string[]): boolean {
  return new Set(texts).size !== texts.length;
}
