import {
  type CredentialHolder,
  type Identity,
  newAccessKeyId,
  newSecretAccessKey,
  openSession,
  type Sealer,
} from '#access';
import type { EntityChange, Partition } from '#runtime';
import type { Account, Accounts } from './accounts.ts';
import { rootPrincipal, sessionIdentity, userIdentity } from './identities.ts';
import { openedSessionsMax } from './limits.ts';
import { type AccessKeyRecord, type KeyOwnerRecord, keyOwnerKind } from './records.ts';

/** A holder, and what it was derived from. */
interface Derived {
  readonly holder: CredentialHolder;
  readonly account: Account;
  readonly revision: number;
  /** Whose last use its use is: the key's, or the role's that was assumed. */
  readonly usedPath?: string;
}

/**
 * Who holds which access key. Every request asks, so what was found is kept, until the account changes; then it is derived
 * again from what is in memory. Only a key's first use reads the store.
 */
export class Credentials {
  readonly #partition: Partition;
  readonly #accounts: Accounts;
  readonly #sealer: Sealer;
  readonly #derived = new Map<string, Derived>();
  readonly #owners = new Map<string, KeyOwnerRecord>();

  constructor(partition: Partition, accounts: Accounts, sealer: Sealer) {
    this.#partition = partition;
    this.#accounts = accounts;
    this.#sealer = sealer;
    partition.onStateLost(() => {
      this.#derived.clear();
      this.#owners.clear();
    });
  }

  /** Undefined for keys that there aren't, inactive ones, and tokens that don't go with the key. Not a promise if it is known. */
  find(
    accessKeyId: string,
    sessionToken?: string,
  ): CredentialHolder | undefined | Promise<CredentialHolder | undefined> {
    const known = this.#derived.get(accessKeyId);
    if (known !== undefined && known.revision === known.account.revision && !known.account.isGone) {
      return known.holder.sessionToken === sessionToken ? known.holder : undefined;
    }
    this.#derived.delete(accessKeyId);
    return sessionToken === undefined ? this.#findKey(accessKeyId) : this.#findSession(accessKeyId, sessionToken);
  }

  /** What is known by `LastUsed` of a holder that has been found; sessions of users have none. */
  usedPathOf(accessKeyId: string): string | undefined {
    return this.#derived.get(accessKeyId)?.usedPath;
  }

  async owner(accessKeyId: string): Promise<KeyOwnerRecord | undefined> {
    const known = this.#owners.get(accessKeyId);
    if (known !== undefined) return known;
    // What is no key id would make a key that no store takes.
    if (!/^\w{1,128}$/.test(accessKeyId)) return undefined;
    const owner = await this.#partition.entities.get<KeyOwnerRecord>(keyOwnerKind, accessKeyId);
    if (owner !== undefined) this.#owners.set(accessKeyId, owner);
    return owner;
  }

  /** A new key; the change has to go into the commit that gives it to its owner. */
  make(owner: KeyOwnerRecord, given?: { accessKeyId: string; secretAccessKey: string }) {
    const accessKeyId = given?.accessKeyId ?? newAccessKeyId('AKIA', owner.accountId);
    const secretAccessKey = given?.secretAccessKey ?? newSecretAccessKey();
    const sealedSecret = this.#sealer.seal(Buffer.from(secretAccessKey), purposeOf(accessKeyId)).toString('base64');
    const createdAt = Math.floor(this.#partition.now() / 1000) * 1000;
    const record: AccessKeyRecord = { accessKeyId, sealedSecret, status: 'Active', createdAt };
    this.#owners.set(accessKeyId, owner);
    const change: EntityChange = { kind: keyOwnerKind, path: accessKeyId, value: owner };
    return { record, secretAccessKey, change };
  }

  /** As `make`. */
  remove(accessKeyId: string): EntityChange {
    this.#owners.delete(accessKeyId);
    this.#derived.delete(accessKeyId);
    return { kind: keyOwnerKind, path: accessKeyId };
  }

  secretOf({ accessKeyId, sealedSecret }: AccessKeyRecord): string {
    return this.#sealer.open(Buffer.from(sealedSecret, 'base64'), purposeOf(accessKeyId)).toString();
  }

  async #findKey(accessKeyId: string): Promise<CredentialHolder | undefined> {
    const owner = await this.owner(accessKeyId);
    if (owner === undefined) return undefined;
    const account = await this.#accounts.open(owner.accountId);
    const user = owner.userId === undefined ? undefined : account.users.find(({ id }) => id === owner.userId);
    const keys = owner.userId === undefined ? account.record.accessKeys : (user?.accessKeys ?? []);
    const key = keys.find((each) => each.accessKeyId === accessKeyId);
    if (key?.status !== 'Active') return undefined;
    const identity: Identity =
      user === undefined ? { principal: rootPrincipal(account.id), policies: [] } : userIdentity(account, user);
    const holder: CredentialHolder = { secretAccessKey: this.secretOf(key), identity };
    this.#keep(accessKeyId, { holder, account, revision: account.revision, usedPath: `key/${accessKeyId}` });
    return holder;
  }

  async #findSession(accessKeyId: string, sessionToken: string): Promise<CredentialHolder | undefined> {
    const session = openSession(this.#sealer, sessionToken);
    if (session?.accessKeyId !== accessKeyId) return undefined;
    const { secretAccessKey, expiresAt, principal } = session;
    const account = await this.#accounts.open(principal.accountId);
    const identity = sessionIdentity(account, session);
    if (identity === undefined) return undefined;
    const holder: CredentialHolder = { secretAccessKey, identity, expiresAt, sessionToken };
    const role = principal.kind === 'assumed-role' ? { usedPath: `role/${principal.userId.split(':')[0]}` } : {};
    this.#keep(accessKeyId, { holder, account, revision: account.revision, ...role });
    return holder;
  }

  #keep(accessKeyId: string, derived: Derived): void {
    if (this.#derived.size >= openedSessionsMax) {
      const [oldest = ''] = this.#derived.keys();
      this.#derived.delete(oldest);
    }
    this.#derived.set(accessKeyId, derived);
  }
}

/** A sealed secret opens under its own key id alone. */
function purposeOf(accessKeyId: string): string {
  return `iam-access-key/${accessKeyId}`;
}
