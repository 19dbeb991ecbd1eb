import { compileConditions } from './conditions.ts';
import type { CheckedStatement } from './document.ts';
import { compileActions, compileResources, type ViewTest } from './patterns.ts';
import type { Policy, PolicyKind, PolicyVersion, Statement } from './policy.ts';
import { compileNotPrincipals, compilePrincipals, type PrincipalTest } from './principals.ts';
import type { ContextKey } from './requestView.ts';
import { parseTemplate } from './template.ts';

export function compilePolicy(kind: PolicyKind, version: PolicyVersion, checked: readonly CheckedStatement[]): Policy {
  const keys = new Map<string, string>();
  const noteKey = ({ lower, written }: ContextKey): void => {
    if (!keys.has(lower)) keys.set(lower, written);
  };
  const statements = checked.map((each, index) => compileStatement(each, index, version, noteKey));
  return { kind, version, statements, contextKeys: [...keys.values()] };
}

function compileStatement(
  checked: CheckedStatement,
  index: number,
  version: PolicyVersion,
  noteKey: (key: ContextKey) => void,
): Statement {
  const { sid, effect, actions, isNotAction, resources, isNotResource, condition } = checked;
  const isAction = compileActions(actions, isNotAction);
  const templates = resources?.map((resource) => parseTemplate(resource, version));
  const isResource = templates && compileResources(templates, { isInverse: isNotResource, effect });
  const { tests, keys } = compileConditions(condition, version);
  for (const template of templates ?? []) template.variables.forEach(noteKey);
  keys.forEach(noteKey);
  const principals = principalTest(checked);
  return {
    name: sid ?? String(index),
    effect,
    ...(principals && { principals }),
    // Conditions come last: they are the dearest to look at.
    matches: (view) => isAction(view) && (isResource?.(view) ?? true) && allHold(tests, view),
  };
}

function principalTest({ principals, isNotPrincipal, effect }: CheckedStatement): PrincipalTest | undefined {
  if (principals === undefined) return undefined;
  return isNotPrincipal ? compileNotPrincipals(principals, effect) : compilePrincipals(principals);
}

function allHold(tests: readonly ViewTest[], view: Parameters<ViewTest>[0]): boolean {
  for (const test of tests) if (!test(view)) return false;
  return true;
}
