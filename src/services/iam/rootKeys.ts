import type { Accounts } from './accounts.ts';
import type { Credentials } from './credentials.ts';

export interface GivenRootKey {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
}

export interface RootKey extends GivenRootKey {
  readonly accountId: string;
}

/** The key that a server begins with: without it nobody could make any other. */
export class RootKeys {
  readonly #accounts: Accounts;
  readonly #credentials: Credentials;

  constructor(accounts: Accounts, credentials: Credentials) {
    this.#accounts = accounts;
    this.#credentials = credentials;
  }

  /**
   * Gives the key if it is a new one, and so is to be shown, once. A given key takes the place of one of the same id, so that
   * a changed secret is in force; the account's other keys stay. Without one, a key is made unless there is any.
   */
  async ensure(accountId: string, given?: GivenRootKey): Promise<RootKey | undefined> {
    const account = await this.#accounts.open(accountId);
    const { accessKeys } = account.record;
    if (given === undefined && accessKeys.length > 0) return undefined;
    const existing = accessKeys.find(({ accessKeyId }) => accessKeyId === given?.accessKeyId);
    const isSame = existing?.status === 'Active' && this.#credentials.secretOf(existing) === given?.secretAccessKey;
    if (isSame) return undefined;
    if (given !== undefined) await this.#refuseForeign(given, accountId);
    const { record, secretAccessKey, change } = this.#credentials.make({ accountId }, given);
    const others = accessKeys.filter(({ accessKeyId }) => accessKeyId !== record.accessKeyId);
    await account.commit(change, account.putRecord({ ...account.record, accessKeys: [...others, record] }));
    return { accountId, accessKeyId: record.accessKeyId, secretAccessKey };
  }

  async #refuseForeign({ accessKeyId }: GivenRootKey, accountId: string): Promise<void> {
    const owner = await this.#credentials.owner(accessKeyId);
    const isForeign = owner !== undefined && (owner.userId !== undefined || owner.accountId !== accountId);
    if (!isForeign && !/^ASIA/.test(accessKeyId)) return;
    const whose = isForeign ? `belongs to somebody in the account ${owner.accountId}` : 'has the form of a session';
    const text = `The access key id ${accessKeyId} can't be the root's of ${accountId}: it ${whose}.`;
    // A setting is wrong, so the start ends as with any other.
    throw Object.assign(new Error(text), { exitCode: 2 });
  }
}
