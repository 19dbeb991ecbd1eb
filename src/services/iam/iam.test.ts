import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { CallContext } from '#aws/contract';
import { createSealer, Partition, systemClock } from '#runtime';
import { CommitFailed, type WriteOperation } from '#storage';
import { MemoryStore } from '#storage/memory';
import { createIam, type RunningIam } from './index.ts';
import { lastUsedIntervalMs } from './limits.ts';

const accountId = '111122223333';
const sealer = createSealer(Buffer.alloc(32, 1));
const trustPolicy = JSON.stringify({
  Version: '2012-10-17',
  Statement: { Effect: 'Allow', Principal: { AWS: accountId }, Action: 'sts:AssumeRole' },
});
const sending = JSON.stringify({
  Version: '2012-10-17',
  Statement: { Effect: 'Allow', Action: 'sqs:SendMessage', Resource: '*' },
});

/** A store that takes nothing while it is told so, and counts what it takes. */
class FragileStore extends MemoryStore {
  isFailing = false;
  commits = 0;

  override async commit(operations: readonly WriteOperation[]): Promise<void> {
    if (this.isFailing) throw new CommitFailed('no-space', 'There is no space.');
    this.commits += 1;
    await super.commit(operations);
  }
}

let store: FragileStore;
let partition: Partition;
let iam: RunningIam;
let now: number;

async function open(): Promise<void> {
  partition = await Partition.open(store, { clock: { ...systemClock, now: () => now } });
  iam = createIam(partition, sealer);
}

beforeEach(async () => {
  now = Date.parse('2026-01-02T03:04:05.678Z');
  store = new FragileStore();
  await open();
});
afterEach(() => partition.close());

const context = { accountId, region: 'us-east-1', requestId: 'r', accessKeyId: accountId } as CallContext;

type Answer = Record<string, Record<string, unknown>>;

async function call(operation: string, input: object, more: object = {}): Promise<Answer> {
  const perform = iam.service.operations[operation];
  if (perform === undefined) throw new Error(`There is no operation ${operation}`);
  return (await perform(input as never, { ...context, ...more })) as Answer;
}

async function userWithKey(): Promise<{ accessKeyId: string; secretAccessKey: string }> {
  await call('CreateUser', { UserName: 'alice', Path: '/team/' });
  const { AccessKey } = await call('CreateAccessKey', { UserName: 'alice' });
  return { accessKeyId: String(AccessKey?.AccessKeyId), secretAccessKey: String(AccessKey?.SecretAccessKey) };
}

describe('what IAM knows', () => {
  it('is there after a restart', async () => {
    const { accessKeyId, secretAccessKey } = await userWithKey();
    await call('PutUserPolicy', { UserName: 'alice', PolicyName: 'p', PolicyDocument: sending });
    await call('CreateGroup', { GroupName: 'g' });
    await call('AddUserToGroup', { GroupName: 'g', UserName: 'alice' });
    await call('CreateRole', { RoleName: 'r', AssumeRolePolicyDocument: trustPolicy });
    await call('CreatePolicy', { PolicyName: 'm', PolicyDocument: sending });
    await call('AttachGroupPolicy', { GroupName: 'g', PolicyArn: `arn:aws:iam::${accountId}:policy/m` });
    const before = await call('GetAccountAuthorizationDetails', {});
    await open();
    expect(await call('GetAccountAuthorizationDetails', {})).toEqual(before);
    const holder = await iam.credentialHolder(accessKeyId);
    expect(holder).toMatchObject({ secretAccessKey, identity: { principal: { kind: 'user' } } });
    expect(holder?.identity.policies.map(({ name }) => name)).toEqual([
      'inline:p',
      `arn:aws:iam::${accountId}:policy/m`,
    ]);
  });

  it('is what is stored, after a commit has failed', async () => {
    const { accessKeyId } = await userWithKey();
    await iam.credentialHolder(accessKeyId);
    store.isFailing = true;
    const refusal = { code: 'ServiceUnavailable', httpStatus: 503 };
    await expect(call('CreateUser', { UserName: 'bob' })).rejects.toMatchObject(refusal);
    const denied = { UserName: 'alice', AccessKeyId: accessKeyId, Status: 'Inactive' };
    await expect(call('UpdateAccessKey', denied)).rejects.toMatchObject(refusal);
    store.isFailing = false;
    await expect(call('GetUser', { UserName: 'bob' })).rejects.toMatchObject({ code: 'NoSuchEntityException' });
    expect(await iam.credentialHolder(accessKeyId)).toBeDefined();
    await call('CreateUser', { UserName: 'bob' });
  });

  it('has dates without fractions', async () => {
    const { User } = await call('CreateUser', { UserName: 'alice' });
    expect(User?.CreateDate).toBe(Date.parse('2026-01-02T03:04:05Z'));
  });

  it('lets one of two creations of a name win', async () => {
    const outcomes = await Promise.allSettled([1, 2, 3].map(() => call('CreateUser', { UserName: 'alice' })));
    expect(outcomes.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected', 'rejected']);
  });
});

describe('credentialHolder', () => {
  it('answers at once when it knows the key, until the account changes', async () => {
    const { accessKeyId } = await userWithKey();
    const first = await iam.credentialHolder(accessKeyId);
    expect(iam.credentialHolder(accessKeyId)).toBe(first);
    await call('PutUserPolicy', { UserName: 'alice', PolicyName: 'p', PolicyDocument: sending });
    const second = await iam.credentialHolder(accessKeyId);
    expect(second?.identity.policies).toHaveLength(1);
    await call('DeleteAccessKey', { UserName: 'alice', AccessKeyId: accessKeyId });
    expect(await iam.credentialHolder(accessKeyId)).toBeUndefined();
  });

  it.each(['', 'AKIANOTHING', 'a\0b', 'x'.repeat(5000), '../..'])('knows no key %j', async (accessKeyId) => {
    expect(await iam.credentialHolder(accessKeyId)).toBeUndefined();
    expect(await iam.credentialHolder(accessKeyId, 'token')).toBeUndefined();
  });

  it('does not open a secret that another server has sealed', async () => {
    const { accessKeyId } = await userWithKey();
    const other = createIam(partition, createSealer(Buffer.alloc(32, 2)));
    await expect(Promise.resolve(other.credentialHolder(accessKeyId))).rejects.toThrow();
  });
});

describe('used', () => {
  it('writes at most once a minute, and what it wrote is there after a restart', async () => {
    const { accessKeyId } = await userWithKey();
    await iam.credentialHolder(accessKeyId);
    const before = store.commits;
    for (let index = 0; index < 100; index++) iam.used(accessKeyId, 'eu-west-1', 'sqs');
    await vi.waitFor(() => expect(store.commits).toBe(before + 1));
    now += lastUsedIntervalMs - 1_000;
    iam.used(accessKeyId, 'eu-west-1', 'sns');
    now += 1_000;
    iam.used(accessKeyId, 'us-east-1', 'kms');
    await vi.waitFor(() => expect(store.commits).toBe(before + 2));
    await open();
    const { AccessKeyLastUsed } = await call('GetAccessKeyLastUsed', { AccessKeyId: accessKeyId });
    expect(AccessKeyLastUsed).toEqual({
      LastUsedDate: Math.floor(now / 1000) * 1000,
      Region: 'us-east-1',
      ServiceName: 'kms',
    });
  });
});

describe('ensureRootKey', () => {
  it('makes a key once', async () => {
    const made = await iam.ensureRootKey(accountId);
    expect(made).toMatchObject({ accountId, accessKeyId: expect.stringMatching(/^AKIA/) });
    expect(await iam.ensureRootKey(accountId)).toBeUndefined();
    await open();
    expect(await iam.ensureRootKey(accountId)).toBeUndefined();
    const holder = await iam.credentialHolder(made?.accessKeyId ?? '');
    expect(holder).toMatchObject({
      secretAccessKey: made?.secretAccessKey,
      identity: { principal: { kind: 'root', arn: `arn:aws:iam::${accountId}:root`, userId: accountId }, policies: [] },
    });
  });

  it('takes a given one, and a changed secret of it', async () => {
    const given = { accessKeyId: 'AKIAIOSFODNN7EXAMPLE', secretAccessKey: 'first' };
    expect(await iam.ensureRootKey(accountId, given)).toEqual({ accountId, ...given });
    expect(await iam.ensureRootKey(accountId, given)).toBeUndefined();
    await iam.ensureRootKey(accountId, { ...given, secretAccessKey: 'second' });
    expect(await iam.credentialHolder(given.accessKeyId)).toMatchObject({ secretAccessKey: 'second' });
    expect(await iam.ensureRootKey(accountId)).toBeUndefined();
  });

  it('takes no key of somebody else', async () => {
    const { accessKeyId } = await userWithKey();
    const call = iam.ensureRootKey(accountId, { accessKeyId, secretAccessKey: 'x' });
    await expect(call).rejects.toThrow(`belongs to somebody in the account ${accountId}`);
  });
});

describe('identityOf', () => {
  it('knows roots, users, roles and their sessions', async () => {
    await call('CreateUser', { UserName: 'alice', Path: '/team/' });
    await call('PutUserPolicy', { UserName: 'alice', PolicyName: 'p', PolicyDocument: sending });
    const Tags = [{ Key: 'k', Value: 'v' }];
    await call('CreateRole', { RoleName: 'r', Path: '/x/', AssumeRolePolicyDocument: trustPolicy, Tags });
    const kindOf = async (arn: string) => (await iam.identityOf(arn))?.principal.kind;
    expect(await kindOf(`arn:aws:iam::${accountId}:root`)).toBe('root');
    const user = await iam.identityOf(`arn:aws:iam::${accountId}:user/team/alice`);
    expect(user).toMatchObject({ principal: { kind: 'user' }, policies: [{ name: 'inline:p' }] });
    const session = `arn:aws:sts::${accountId}:assumed-role/r/mine`;
    const role = await iam.identityOf(`arn:aws:iam::${accountId}:role/x/r`, 'mine');
    expect(role?.principal).toMatchObject({ arn: session, context: { 'aws:PrincipalTag/k': 'v' } });
    expect((await iam.identityOf(session))?.principal).toEqual(role?.principal);
    const others = ['user/alice', 'user/team/bob', 'role/r', 'group/g', 'policy/p'];
    for (const other of others) expect(await kindOf(`arn:aws:iam::${accountId}:${other}`)).toBeUndefined();
    expect(await kindOf('nonsense')).toBeUndefined();
  });
});

describe('accessOf', () => {
  const arn = (what: string) => `arn:aws:iam::${accountId}:${what}`;

  it.each([
    ['CreateUser', { UserName: 'new', Path: '/p/' }, arn('user/p/new')],
    ['GetUser', { UserName: 'alice' }, arn('user/team/alice')],
    ['GetUser', { UserName: 'nobody' }, arn('user/nobody')],
    ['ListUsers', {}, arn('user/')],
    ['ListPolicies', {}, '*'],
    ['AddUserToGroup', { GroupName: 'g', UserName: 'alice' }, arn('group/g')],
    ['AttachRolePolicy', { RoleName: 'r', PolicyArn: arn('policy/m') }, arn('role/r')],
    ['CreatePolicy', { PolicyName: 'm', PolicyDocument: sending }, arn('policy/m')],
    ['GetPolicy', { PolicyArn: arn('policy/m') }, arn('policy/m')],
    ['SimulatePrincipalPolicy', { PolicySourceArn: arn('user/x'), ActionNames: [] }, arn('user/x')],
    ['GetAccountSummary', {}, '*'],
  ])('is %s of %j on %s', async (operation, input, resource) => {
    await call('CreateUser', { UserName: 'alice', Path: '/team/' });
    expect(await iam.accessOf(operation, input, context)).toMatchObject({
      ...{ action: `iam:${operation}`, resource, resourceAccountId: accountId },
    });
  });

  it('is about who calls, where nobody is named', async () => {
    const { accessKeyId } = await userWithKey();
    const caller = (await iam.credentialHolder(accessKeyId))?.identity;
    const more = { ...context, ...(caller && { caller }) };
    expect(await iam.accessOf('CreateAccessKey', {}, more)).toMatchObject({ resource: arn('user/team/alice') });
    const used = await iam.accessOf('GetAccessKeyLastUsed', { AccessKeyId: accessKeyId }, context);
    expect(used.resource).toBe(arn('user/team/alice'));
  });

  it('has the keys of the request and of the entity', async () => {
    const boundary = 'arn:aws:iam::aws:policy/PowerUserAccess';
    const Tags = [{ Key: 'team', Value: 'one' }];
    await call('CreateUser', { UserName: 'alice', Tags, PermissionsBoundary: boundary });
    const attach = { UserName: 'alice', PolicyArn: 'arn:aws:iam::aws:policy/AdministratorAccess' };
    expect((await iam.accessOf('AttachUserPolicy', attach, context)).context).toEqual({
      'iam:PolicyARN': attach.PolicyArn,
      'iam:PermissionsBoundary': boundary,
      'aws:ResourceTag/team': 'one',
      'iam:ResourceTag/team': 'one',
    });
    const tagged = { RoleName: 'r', Tags };
    expect((await iam.accessOf('TagRole', tagged, context)).context).toEqual({
      ...{ 'aws:RequestTag/team': 'one', 'aws:TagKeys': ['team'] },
    });
    expect((await iam.accessOf('UntagRole', { RoleName: 'r', TagKeys: ['a'] }, context)).context).toEqual({
      'aws:TagKeys': ['a'],
    });
  });
});
