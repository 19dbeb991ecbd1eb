/** What IAM stores: entities, by kind and path. Names are unique in an account without regard to case. */

/** Kind `iam-account`, path `<account>`. */
export interface AccountRecord {
  /** Keys of the account's root. */
  readonly accessKeys: readonly AccessKeyRecord[];
  readonly alias?: string;
}

export interface AccessKeyRecord {
  readonly accessKeyId: string;
  /** Sealed, then base64. */
  readonly sealedSecret: string;
  readonly status: 'Active' | 'Inactive';
  readonly createdAt: number;
}

/** What users, groups and roles share. */
export interface HolderRecord {
  readonly name: string;
  /** `/` or `/division/team/`. */
  readonly path: string;
  /** `AIDA...`, `AGPA...`, `AROA...`: another entity of the same name is another one. */
  readonly id: string;
  readonly createdAt: number;
  /** Inline policies: texts by name. */
  readonly inline: Readonly<Record<string, string>>;
  /** ARNs of managed policies, in the order in which they were attached. */
  readonly attached: readonly string[];
  readonly tags: Readonly<Record<string, string>>;
  /** The ARN of the managed policy that is its permissions boundary. */
  readonly boundary?: string;
}

/** Kind `iam-user`, path `<account>/<name>`. */
export interface UserRecord extends HolderRecord {
  /** Ids of groups: they may be renamed. */
  readonly groupIds: readonly string[];
  readonly accessKeys: readonly AccessKeyRecord[];
}

/** Kind `iam-group`, path `<account>/<name>`; its tags stay empty. */
export type GroupRecord = HolderRecord;

/** Kind `iam-role`, path `<account>/<name>`. */
export interface RoleRecord extends HolderRecord {
  readonly trustPolicy: string;
  readonly description?: string;
  readonly maxSessionSeconds: number;
}

/** Kind `iam-policy`, path `<account>/<name>`. */
export interface PolicyRecord {
  readonly name: string;
  readonly path: string;
  /** `ANPA...` */
  readonly id: string;
  readonly createdAt: number;
  readonly updatedAt: number;
  readonly description?: string;
  readonly tags: Readonly<Record<string, string>>;
  readonly defaultVersionId: string;
  /** The number of the next version: numbers are not used again. */
  readonly nextVersion: number;
  readonly versions: readonly PolicyVersionRecord[];
}

export interface PolicyVersionRecord {
  readonly versionId: string;
  readonly document: string;
  readonly createdAt: number;
}

/** Kind `iam-access-key`, path `<access key id>`. */
export interface KeyOwnerRecord {
  readonly accountId: string;
  /** Of the user; absent for the root. */
  readonly userId?: string;
}

/** Kind `iam-last-used`, path `key/<access key id>` or `role/<role id>`. */
export interface LastUsedRecord {
  readonly at: number;
  readonly region: string;
  readonly service: string;
}

export const accountKind = 'iam-account';
export const userKind = 'iam-user';
export const groupKind = 'iam-group';
export const roleKind = 'iam-role';
export const policyKind = 'iam-policy';
export const keyOwnerKind = 'iam-access-key';
export const lastUsedKind = 'iam-last-used';
