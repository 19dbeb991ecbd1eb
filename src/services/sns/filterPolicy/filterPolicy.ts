import { compileBodyMatch } from './bodyMatch.ts';
import { invalidParameter, invalidScope, PolicyRefusal, type PolicyRequest } from './errors.ts';
import type { FilterableMessage } from './filterableMessage.ts';
import { type Alternative, type FilterPolicyScope, readPolicy } from './readPolicy.ts';
import type { Scalar } from './valuePattern.ts';
import { compilePatterns } from './valueTest.ts';

export type { PolicyRequest } from './errors.ts';
export type { FilterPolicyScope } from './readPolicy.ts';

/** A filter policy of a subscription, compiled: reading it is slow, matching takes less than a microsecond. */
export interface FilterPolicy {
  readonly scope: FilterPolicyScope;
  /** `{}` lets everything through. */
  readonly isEmpty: boolean;
  matches(message: FilterableMessage): boolean;
  /** Conditions that every matching message fulfils; for `FilterIndex`. */
  readonly requirements: readonly Requirement[];
}

/** One of these values is there. */
export interface Requirement {
  readonly path: string;
  readonly values: ReadonlySet<Scalar>;
}

/** Refuses what AWS refuses when a policy is set; an `InvalidParameter`, worded for the request. */
export function compileFilterPolicy(
  text: string,
  scope: FilterPolicyScope,
  request: PolicyRequest = 'SetSubscriptionAttributes',
): FilterPolicy {
  const alternatives = refusingFor(request, () => readPolicy(text, scope));
  return {
    scope,
    isEmpty: alternatives.length === 0,
    matches: scope === 'MessageBody' ? bodyMatcher(alternatives) : attributeMatcher(alternatives),
    requirements: requirementsOf(alternatives),
  };
}

export function readFilterPolicyScope(
  text: string,
  request: PolicyRequest = 'SetSubscriptionAttributes',
): FilterPolicyScope {
  return refusingFor(request, () => {
    if (text !== 'MessageAttributes' && text !== 'MessageBody') throw invalidScope(text);
    return text;
  });
}

function refusingFor<T>(request: PolicyRequest, read: () => T): T {
  try {
    return read();
  } catch (error) {
    throw error instanceof PolicyRefusal ? invalidParameter(error, request) : error;
  }
}

type Matcher = FilterPolicy['matches'];

function attributeMatcher(alternatives: readonly Alternative[]): Matcher {
  if (alternatives.length === 0) return () => true;
  const compiled = alternatives.map((alternative) =>
    [...alternative.values()].map(({ path, patterns }) => ({ name: path, test: compilePatterns(patterns) })),
  );
  return ({ attributes }) => {
    // AWS: a message without attributes passes no policy, not even one that asks for none.
    if (attributes.size === 0) return false;
    return compiled.some((fields) =>
      fields.every(({ name, test }) => attributes.get(name)?.some(test.matches) ?? test.acceptsAbsence),
    );
  };
}

function bodyMatcher(alternatives: readonly Alternative[]): Matcher {
  if (alternatives.length === 0) return () => true;
  const compiled = alternatives.map(compileBodyMatch);
  return ({ body }) => body !== undefined && compiled.some((matches) => matches(body));
}

/** With `$or` there are none that hold for all alternatives; nor does one look for any. */
function requirementsOf(alternatives: readonly Alternative[]): readonly Requirement[] {
  const [alternative, ...others] = alternatives;
  if (alternative === undefined || others.length > 0) return [];
  return [...alternative.values()].flatMap(({ path, patterns }) => {
    const { isExact, values } = compilePatterns(patterns);
    return isExact ? [{ path, values }] : [];
  });
}
