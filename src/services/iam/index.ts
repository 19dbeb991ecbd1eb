import {
  type AssumableRole,
  type CredentialHolder,
  type Identity,
  type Principals,
  parsePolicy,
  type Sealer,
} from '#access';
import { type Access, AwsError, type CallContext, type ServedService } from '#aws/contract';
import { CommitFailed, type Partition } from '#runtime';
import { Lazily } from '#std/lazily';
import { accessOf } from './access.ts';
import { type Account, Accounts } from './accounts.ts';
import { arnOf, parseArn } from './arn.ts';
import { Credentials } from './credentials.ts';
import { invalidToken } from './errors.ts';
import { LastUsed } from './lastUsed.ts';
import { namedIdentity } from './namedIdentity.ts';
import { contract } from './names.ts';
import { type GivenRootKey, type RootKey, RootKeys } from './rootKeys.ts';
import { servedNames } from './served.ts';
import type { Iam, IamCall } from './service.ts';

export type { GivenRootKey, RootKey } from './rootKeys.ts';

/** Loaded with the first call: a server that nobody asks about users starts sooner without them. */
const operations = new Lazily(async () => (await import('./operations.ts')).operations);

export interface IamOptions {
  /** What went wrong where nobody waits for it. */
  readonly report?: (error: Error) => void;
}

/** IAM, with what the edge and STS ask of it. */
export interface RunningIam extends Principals {
  readonly service: ServedService;
  /**
   * Who holds the key; a session's key needs its token. Undefined for keys that there aren't, inactive ones, and tokens
   * that don't go with the key. Not a promise if the key is in memory, as it is but for the first time.
   */
  credentialHolder(
    accessKeyId: string,
    sessionToken?: string,
  ): CredentialHolder | undefined | Promise<CredentialHolder | undefined>;
  /** Who an ARN names: a root, a user, a session, or a role as in a session of that name. Undefined if there is none. */
  identityOf(arn: string, sessionName?: string): Promise<Identity | undefined>;
  /** A request with that key was accepted. */
  used(accessKeyId: string, region: string, service: string): void;
  /** What a call of IAM has to be allowed. Not a promise if the account is in memory. */
  accessOf(operation: string, input: object, context: CallContext): Access | Promise<Access>;
  /** The account's root key: the one that is given, or one that is made unless there is any. */
  ensureRootKey(accountId: string, given?: GivenRootKey): Promise<RootKey | undefined>;
}

export function createIam(partition: Partition, sealer: Sealer, options: IamOptions = {}): RunningIam {
  const accounts = new Accounts(partition);
  const credentials = new Credentials(partition, accounts, sealer);
  const lastUsed = new LastUsed(partition, options.report ?? (() => undefined));
  const iam: Iam = { partition, accounts, sealer, credentials, lastUsed };
  const rootKeys = new RootKeys(accounts, credentials);
  return {
    service: { contract, operations: bind(iam) },
    credentialHolder: (accessKeyId, sessionToken) => credentials.find(accessKeyId, sessionToken),
    identityOf: (arn, sessionName = 'session') => namedIdentity(accounts, arn, sessionName),
    used: (accessKeyId, region, service) => {
      const path = credentials.usedPathOf(accessKeyId);
      if (path !== undefined) lastUsed.mark(path, region, service);
    },
    accessOf: (operation, input, context) => {
      const account = accounts.open(context.accountId);
      const of = (opened: Account) => accessOf(opened, operation, input as Readonly<Record<string, unknown>>, context);
      return account instanceof Promise ? account.then(of) : of(account);
    },
    ensureRootKey: (accountId, given) => rootKeys.ensure(accountId, given),
    findRole: (arn) => findRole(accounts, arn),
    hasManagedPolicy: async (arn, accountId) => (await accounts.open(accountId)).policy(arn) !== undefined,
    accountOfKey: async (accessKeyId) => (await credentials.owner(accessKeyId))?.accountId,
  };
}

async function findRole(accounts: Accounts, arn: string): Promise<AssumableRole | undefined> {
  const parsed = parseArn(arn);
  if (parsed?.type !== 'role') return undefined;
  const account = await accounts.open(parsed.accountId);
  const role = account.roles.get(parsed.name);
  if (role === undefined || role.path !== parsed.path) return undefined;
  return {
    ...{ arn: arnOf('role', account.id, role), accountId: account.id, name: role.name, roleId: role.id },
    trustPolicy: parsePolicy(role.trustPolicy, 'trust'),
    maxSessionSeconds: role.maxSessionSeconds,
    tags: role.tags,
  };
}

/** Each operation takes its own input, which the codecs made by the contract. */
function bind(iam: Iam): ServedService['operations'] {
  const bound = servedNames.map((name) => {
    const call = async (input: never, context: CallContext) => {
      try {
        refuseSessions(context);
        const { [name]: operation } = await operations.get();
        const perform = operation as (input: never, call: IamCall) => unknown;
        const opened = iam.accounts.open(context.accountId);
        const account = opened instanceof Promise ? await opened : opened;
        return await perform(input, { iam, account, context, now: wholeSecond(iam.partition.now()) });
      } catch (error) {
        return refuse(error);
      }
    };
    return [name, call] as const;
  });
  return Object.fromEntries(bound);
}

/** IAM takes sessions of roles; those of users, of the root and of federated users would need a device that nobody has. */
function refuseSessions({ caller }: CallContext): void {
  const { kind, context } = caller?.principal ?? {};
  const isOfUser = (kind === 'user' || kind === 'root') && context?.['aws:TokenIssueTime'] !== undefined;
  if (isOfUser || kind === 'federated-user') throw invalidToken();
}

/** IAM's dates have no fractions. */
const wholeSecond = (milliseconds: number): number => Math.floor(milliseconds / 1000) * 1000;

/** What the runtime throws, as AWS says it. */
function refuse(error: unknown): never {
  if (!(error instanceof CommitFailed)) throw error;
  throw new AwsError('ServiceUnavailable', `Nothing was changed: the data could not be stored. ${error.message}`, {
    httpStatus: 503,
  });
}
