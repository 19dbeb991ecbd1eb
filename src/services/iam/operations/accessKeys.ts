import type { EntityChange } from '#runtime';
import { callerArn, type Subject, subjectOf } from '../caller.ts';
import { accessDenied, accessKeyNotFound, quotaExceeded, validationError } from '../errors.ts';
import { accessKeysPerUser } from '../limits.ts';
import { pageEnd, pageOf } from '../paging.ts';
import type { AccessKeyRecord } from '../records.ts';
import type { IamCall, IamTable } from '../service.ts';

/** The keys of users, and of the account's root when it is the root who calls and names no user. */
export const accessKeyOperations = {
  CreateAccessKey: async ({ UserName }, call) => {
    const { account, iam } = call;
    const subject = subjectOf(UserName, call);
    const keys = keysOf(subject, call);
    if (keys.length >= accessKeysPerUser) throw quotaExceeded('AccessKeysPerUser', accessKeysPerUser);
    const owner = { accountId: account.id, ...(subject.kind === 'user' && { userId: subject.user.id }) };
    const { record, secretAccessKey, change } = iam.credentials.make(owner);
    await account.commit(change, put(subject, [...keys, record], call));
    return {
      AccessKey: {
        ...{ UserName: nameOf(subject), AccessKeyId: record.accessKeyId, Status: 'Active' },
        ...{ SecretAccessKey: secretAccessKey, CreateDate: record.createdAt },
      },
    };
  },

  ListAccessKeys: ({ UserName, ...paging }, call) => {
    const subject = subjectOf(UserName, call);
    const keys = keysOf(subject, call).toSorted((one, other) => (one.accessKeyId < other.accessKeyId ? -1 : 1));
    const page = pageOf(keys, ({ accessKeyId }) => accessKeyId, paging);
    const shown = page.items.map(({ accessKeyId, status, createdAt }) => ({
      ...{ UserName: nameOf(subject), AccessKeyId: accessKeyId, Status: status, CreateDate: createdAt },
    }));
    return { AccessKeyMetadata: shown, ...pageEnd(page) };
  },

  UpdateAccessKey: ({ UserName, AccessKeyId, Status }, call) => {
    if (Status !== 'Active' && Status !== 'Inactive') throw validationError(`Status ${Status} can not be set.`);
    const subject = subjectOf(UserName, call);
    const keys = keysOf(subject, call);
    checkKey(keys, AccessKeyId);
    const changed = keys.map(
      (key) => (key.accessKeyId === AccessKeyId ? { ...key, status: Status } : key) as AccessKeyRecord,
    );
    return call.account.commit(put(subject, changed, call));
  },

  DeleteAccessKey: ({ UserName, AccessKeyId }, call) => {
    const { account, iam } = call;
    const subject = subjectOf(UserName, call);
    const keys = keysOf(subject, call);
    checkKey(keys, AccessKeyId);
    const left = keys.filter(({ accessKeyId }) => accessKeyId !== AccessKeyId);
    const removals = [iam.credentials.remove(AccessKeyId), iam.lastUsed.remove(`key/${AccessKeyId}`)];
    return account.commit(put(subject, left, call), ...removals);
  },

  /** Keys of other accounts are told nothing about, like those that there aren't. */
  GetAccessKeyLastUsed: async ({ AccessKeyId }, call) => {
    const { account, iam } = call;
    const owner = await iam.credentials.owner(AccessKeyId);
    if (owner?.accountId !== account.id) {
      throw accessDenied(
        `User: ${callerArn(call)} is not authorized to perform iam:GetAccessKeyLastUsed on resource: access key ${AccessKeyId}`,
      );
    }
    const used = await iam.lastUsed.get(`key/${AccessKeyId}`);
    const user = account.users.find(({ id }) => id === owner.userId);
    return {
      ...(user !== undefined && { UserName: user.name }),
      AccessKeyLastUsed:
        used === undefined
          ? { ServiceName: 'N/A', Region: 'N/A' }
          : { LastUsedDate: used.at, ServiceName: used.service, Region: used.region },
    };
  },
} satisfies IamTable;

function keysOf(subject: Subject, { account }: IamCall): readonly AccessKeyRecord[] {
  return subject.kind === 'user' ? subject.user.accessKeys : account.record.accessKeys;
}

function put(subject: Subject, accessKeys: readonly AccessKeyRecord[], { account }: IamCall): EntityChange {
  return subject.kind === 'user'
    ? account.users.put({ ...subject.user, accessKeys })
    : account.putRecord({ ...account.record, accessKeys });
}

function nameOf(subject: Subject): string {
  return subject.kind === 'user' ? subject.user.name : 'root';
}

function checkKey(keys: readonly AccessKeyRecord[], accessKeyId: string): void {
  if (!keys.some((key) => key.accessKeyId === accessKeyId)) throw accessKeyNotFound(accessKeyId);
}
