import type { Sealer } from '#access';
import type { CallContext } from '#aws/contract';
import type { IamOperations } from '#aws/generated/iam';
import type { Partition } from '#runtime';
import type { Account, Accounts } from './accounts.ts';
import type { Credentials } from './credentials.ts';
import type { LastUsed } from './lastUsed.ts';

/** What IAM's operations work with. */
export interface Iam {
  readonly partition: Partition;
  readonly accounts: Accounts;
  readonly sealer: Sealer;
  readonly credentials: Credentials;
  readonly lastUsed: LastUsed;
}

/** One call: besides its input, the account that it is about, and who calls. */
export interface IamCall {
  readonly iam: Iam;
  readonly account: Account;
  readonly context: CallContext;
  readonly now: number;
}

/**
 * Between the start of an operation and its commit nothing is awaited: the account is in memory, and two operations that
 * read, decide and write must not meet.
 */
export type IamOperation<Name extends keyof IamOperations> = (
  input: IamOperations[Name]['input'],
  call: IamCall,
) => IamOperations[Name]['output'] | Promise<IamOperations[Name]['output']>;

export type IamTable = { readonly [Name in keyof IamOperations]?: IamOperation<Name> };
