import type { EntityChange, Partition } from '#runtime';
import { parseArn } from './arn.ts';
import { awsPolicies } from './awsPolicies.ts';
import { loadedAtOnce } from './limits.ts';
import {
  type AccountRecord,
  accountKind,
  type GroupRecord,
  groupKind,
  type HolderRecord,
  type PolicyRecord,
  policyKind,
  type RoleRecord,
  roleKind,
  type UserRecord,
  userKind,
} from './records.ts';

/** Entities of one kind by name. Names that differ in case alone are one to `has`, and two to `get`. */
export class NameTable<Entry extends { readonly name: string }> {
  readonly #kind: string;
  readonly #accountId: string;
  readonly #byName = new Map<string, Entry>();

  constructor(kind: string, accountId: string) {
    this.#kind = kind;
    this.#accountId = accountId;
  }

  get size(): number {
    return this.#byName.size;
  }

  get(name: string): Entry | undefined {
    const found = this.#byName.get(name.toLowerCase());
    return found?.name === name ? found : undefined;
  }

  has(name: string): boolean {
    return this.#byName.has(name.toLowerCase());
  }

  find(predicate: (record: Entry) => boolean): Entry | undefined {
    for (const record of this.#byName.values()) if (predicate(record)) return record;
    return undefined;
  }

  /** By name, without regard to case. */
  sorted(): Entry[] {
    const keys = [...this.#byName.keys()].sort();
    return keys.map((key) => this.#byName.get(key) as Entry);
  }

  values(): Iterable<Entry> {
    return this.#byName.values();
  }

  /** Changes memory now; the change has to be committed in the same turn. */
  put(record: Entry): EntityChange {
    this.#byName.set(record.name.toLowerCase(), record);
    return { kind: this.#kind, path: `${this.#accountId}/${record.name}`, value: record };
  }

  /** As `put`. */
  remove({ name }: Entry): EntityChange {
    this.#byName.delete(name.toLowerCase());
    return { kind: this.#kind, path: `${this.#accountId}/${name}` };
  }

  async load({ entities }: Partition): Promise<void> {
    let after: string | undefined;
    do {
      const page = await entities.list<Entry>(this.#kind, `${this.#accountId}/`, loadedAtOnce, after);
      for (const { value } of page) this.#byName.set(value.name.toLowerCase(), value);
      after = page.length < loadedAtOnce ? undefined : page.at(-1)?.path;
    } while (after !== undefined);
  }
}

/**
 * All of an account's identities, in memory. Memory and store are changed in the same turn of the event loop, so that an
 * operation reads, decides and writes without meeting another. After a failed commit the account is gone: it is read
 * anew.
 */
export class Account {
  readonly id: string;
  readonly users: NameTable<UserRecord>;
  readonly groups: NameTable<GroupRecord>;
  readonly roles: NameTable<RoleRecord>;
  readonly policies: NameTable<PolicyRecord>;
  record: AccountRecord = { accessKeys: [] };
  /** Rises with each change: what was derived from an older one is derived again. */
  revision = 0;
  isGone = false;
  readonly #partition: Partition;

  constructor(partition: Partition, id: string) {
    this.#partition = partition;
    this.id = id;
    this.users = new NameTable(userKind, id);
    this.groups = new NameTable(groupKind, id);
    this.roles = new NameTable(roleKind, id);
    this.policies = new NameTable(policyKind, id);
  }

  /** A customer's policy of this account, or one of AWS's. */
  policy(arn: string): PolicyRecord | undefined {
    const aws = awsPolicies.get(arn);
    if (aws !== undefined) return aws;
    const parsed = parseArn(arn);
    if (parsed?.type !== 'policy' || parsed.accountId !== this.id) return undefined;
    const found = this.policies.get(parsed.name);
    return found?.path === parsed.path ? found : undefined;
  }

  groupsOf(user: UserRecord): GroupRecord[] {
    const ids = new Set(user.groupIds);
    if (ids.size === 0) return [];
    return this.groups.sorted().filter(({ id }) => ids.has(id));
  }

  membersOf(group: GroupRecord): UserRecord[] {
    return this.users.sorted().filter(({ groupIds }) => groupIds.includes(group.id));
  }

  /** All that policies are attached to. */
  *holders(): Iterable<HolderRecord> {
    yield* this.users.values();
    yield* this.groups.values();
    yield* this.roles.values();
  }

  putRecord(record: AccountRecord): EntityChange {
    this.record = record;
    return { kind: accountKind, path: this.id, value: record };
  }

  /** Resolves when it is durable. */
  commit(...changes: readonly EntityChange[]): Promise<void> {
    this.revision += 1;
    return this.#partition.entities.write(...changes);
  }

  async load(): Promise<void> {
    const { entities } = this.#partition;
    this.record = (await entities.get<AccountRecord>(accountKind, this.id)) ?? this.record;
    for (const table of [this.users, this.groups, this.roles, this.policies]) await table.load(this.#partition);
  }
}

/** The accounts that somebody has asked for since the start. */
export class Accounts {
  readonly #partition: Partition;
  readonly #known = new Map<string, Account>();
  readonly #loading = new Map<string, Promise<Account>>();
  #lost = 0;

  constructor(partition: Partition) {
    this.#partition = partition;
    partition.onStateLost(() => {
      this.#lost += 1;
      for (const account of this.#known.values()) account.isGone = true;
      this.#known.clear();
    });
  }

  /** Not a promise if it is in memory already. */
  open(accountId: string): Account | Promise<Account> {
    const known = this.#known.get(accountId);
    if (known !== undefined) return known;
    let loading = this.#loading.get(accountId);
    if (loading === undefined) {
      loading = this.#load(accountId).finally(() => this.#loading.delete(accountId));
      this.#loading.set(accountId, loading);
    }
    return loading;
  }

  async #load(accountId: string): Promise<Account> {
    for (;;) {
      const lost = this.#lost;
      const account = new Account(this.#partition, accountId);
      await account.load();
      // What was read may include a batch that has failed since: then it never was.
      if (lost !== this.#lost) continue;
      this.#known.set(accountId, account);
      return account;
    }
  }
}
