import type { PrincipalTest } from './principals.ts';
import type { RequestView } from './requestView.ts';
import type { Effect } from './types.ts';

/** What a policy is attached to, which decides what it has to hold and must not hold. */
export type PolicyKind = 'identity' | 'resource' | 'trust' | 'key' | 'session';

/** Without a version a policy is of the older one, which has no variables. */
export type PolicyVersion = '2008-10-17' | '2012-10-17';

/** A checked and compiled policy. It has no state, and can be shared. */
export interface Policy {
  readonly kind: PolicyKind;
  readonly version: PolicyVersion;
  readonly statements: readonly Statement[];
  /** The keys that its conditions and variables ask for, as they are written, each once. */
  readonly contextKeys: readonly string[];
}

export interface Statement {
  /** Its Sid, or its index in the policy. */
  readonly name: string;
  readonly effect: Effect;
  /** Absent where the policy is attached to the one who asks. */
  readonly principals?: PrincipalTest;
  /** Whether it speaks of this action on this resource under these circumstances. */
  readonly matches: (view: RequestView) => boolean;
}

/** A text that is no policy of its kind. The message is AWS's reason. */
export class MalformedPolicy extends Error {
  override readonly name = 'MalformedPolicy';
}
