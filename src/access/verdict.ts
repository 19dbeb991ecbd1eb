import { type Closeness, closeness } from './principals.ts';
import type { RequestView } from './requestView.ts';
import type { DecidingStatement, NamedPolicy } from './types.ts';

/** What policies of one kind say together. */
export interface Verdict {
  /** Of the statement that allows it to whom it names closest; `none` when none allows it. */
  readonly closeness: Closeness;
  readonly allows: readonly DecidingStatement[] | undefined;
  readonly denies: readonly DecidingStatement[] | undefined;
}

/** Most policies don't speak of most requests. */
export const silence: Verdict = { closeness: closeness.none, allows: undefined, denies: undefined };

export function judge(policies: readonly NamedPolicy[], view: RequestView): Verdict {
  let closest: Closeness = closeness.none;
  let allows: DecidingStatement[] | undefined;
  let denies: DecidingStatement[] | undefined;
  for (const { name, policy } of policies) {
    for (const statement of policy.statements) {
      const named = statement.principals?.(view.principal, view.isBounded) ?? closeness.direct;
      if (named === closeness.none || !statement.matches(view)) continue;
      const found = { policy: name, statement: statement.name, effect: statement.effect };
      if (statement.effect === 'Deny') {
        denies ??= [];
        denies.push(found);
      } else {
        allows ??= [];
        allows.push(found);
        if (named > closest) closest = named;
      }
    }
  }
  return allows === undefined && denies === undefined ? silence : { closeness: closest, allows, denies };
}
