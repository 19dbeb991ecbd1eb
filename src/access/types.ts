import type { Policy } from './policy.ts';

/**
 * The keys of a request that conditions and variables may ask for. Names are compared without regard to case; numbers,
 * booleans and dates are given as text. A value that is an array makes the key multi-valued.
 */
export type RequestContext = Readonly<Record<string, string | readonly string[]>>;

/** Who asks. */
export interface Principal {
  readonly kind: 'anonymous' | 'root' | 'user' | 'assumed-role' | 'federated-user' | 'service';
  /** Empty for the anonymous. */
  readonly accountId: string;
  /**
   * `arn:aws:iam::A:root`, `arn:aws:iam::A:user/path/N`, `arn:aws:sts::A:assumed-role/R/S`,
   * `arn:aws:sts::A:federated-user/N`; of a service its name, `sns.amazonaws.com`.
   */
  readonly arn: string;
  /** Of an assumed role: `arn:aws:iam::A:role/path/R`. */
  readonly roleArn?: string;
  /** `AIDA...` of a user, `AROA...:session` of an assumed role, `A:name` of a federated user, the account id of root. */
  readonly userId: string;
  /** Keys that come with the identity: `aws:PrincipalTag/x`, `aws:TokenIssueTime`, `aws:username` and so on. */
  readonly context: RequestContext;
}

export interface NamedPolicy {
  /** An ARN or `inline:Name`, for explanations. */
  readonly name: string;
  readonly policy: Policy;
}

/** A principal with what it may do. */
export interface Identity {
  readonly principal: Principal;
  /** Of the user and its groups, of the role, or of the user who asked for a federated one. */
  readonly policies: readonly NamedPolicy[];
  readonly boundary?: NamedPolicy;
  /** The session policies of AssumeRole and GetFederationToken. Absent when the session has none. */
  readonly session?: readonly NamedPolicy[];
}

export interface AccessRequest {
  /** `sqs:SendMessage` */
  readonly action: string;
  /** An ARN, or `*` for operations that have no resource. */
  readonly resource: string;
  readonly resourceAccountId: string;
  readonly context: RequestContext;
}

export type Effect = 'Allow' | 'Deny';

/** A statement that matched a request. */
export interface DecidingStatement {
  /** The name of its policy. */
  readonly policy: string;
  /** Its Sid, or its index in the policy. */
  readonly statement: string;
  readonly effect: Effect;
}

/** Which kind of policy a decision rests on. `none`: nothing spoke for the request. */
export type DecidedBy = 'identity' | 'resource' | 'boundary' | 'session' | 'crossAccount' | 'root' | 'none';

export interface Decision {
  readonly effect: 'allowed' | 'explicitDeny' | 'implicitDeny';
  readonly by: DecidedBy;
  readonly statements: readonly DecidingStatement[];
}

/**
 * How the two sides of a request are joined.
 * `resource`: within an account one side is enough, across accounts both are needed. The usual rule.
 * `key`: KMS. The key policy speaks alone, and identity policies count only if it delegates to its account.
 * `trust`: AssumeRole. The trust policy has to speak, and across accounts, or if it delegates, so does the identity.
 */
export type ResourceRule = 'resource' | 'key' | 'trust';

export interface DecideOptions {
  readonly rule?: ResourceRule;
  /** The action is never granted to another account, whatever the policies say. */
  readonly neverCrossAccount?: boolean;
}
