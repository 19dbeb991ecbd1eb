/** What calls need, and whom key policies, identity policies and grants let through. */
import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Identity, parsePolicy } from '#access';
import type { CallContext } from '#aws/contract';
import { createSealer, KeyUnusable, Partition } from '#runtime';
import { MemoryStore } from '#storage/memory';
import { createKms, decideAccess, type KeyAccess, type RunningKms } from './index.ts';

const accountId = '111122223333';
const strangerId = '444455556666';
const scope = { accountId, region: 'eu-west-1' };
const root = `arn:aws:iam::${accountId}:root`;

let partition: Partition;
let kms: RunningKms;
beforeAll(async () => {
  partition = await Partition.open(new MemoryStore());
  kms = createKms(partition, createSealer(randomBytes(32)));
});
afterAll(async () => {
  await kms.close();
  await partition.close();
});

async function call<Output>(operation: string, input: object = {}): Promise<Output> {
  return (await kms.service.operations[operation]?.(input as never, scope as CallContext)) as Output;
}

/** A user of the account, or of another one, with one policy that allows the actions everywhere. */
function user(name: string, actions: readonly string[] = [], account = accountId): Identity {
  const Statement = [{ Effect: 'Allow', Action: actions, Resource: '*' }];
  const text = JSON.stringify({ Version: '2012-10-17', Statement });
  const arn = `arn:aws:iam::${account}:user/${name}`;
  return {
    principal: { kind: 'user', accountId: account, arn, userId: `AIDA${name}`, context: {} },
    policies: actions.length === 0 ? [] : [{ name: 'inline:it', policy: parsePolicy(text, 'identity') }],
  };
}

async function newKey(statement?: object): Promise<{ KeyId: string; Arn: string }> {
  const Statement = [
    { Effect: 'Allow', Principal: { AWS: root }, Action: 'kms:PutKeyPolicy', Resource: '*' },
    { Effect: 'Allow', Action: 'kms:*', Resource: '*', ...statement },
  ];
  const Policy = JSON.stringify({ Version: '2012-10-17', Statement });
  const input = statement === undefined ? {} : { Policy };
  return (await call<{ KeyMetadata: { KeyId: string; Arn: string } }>('CreateKey', input)).KeyMetadata;
}

async function accessOf(caller: Identity, operation: string, input: object): Promise<readonly KeyAccess[]> {
  const { accountId: account } = caller.principal;
  return kms.accessOf(operation, input, { ...scope, accountId: account, caller });
}

async function decided(caller: Identity, operation: string, input: object): Promise<string[]> {
  return (await accessOf(caller, operation, input)).map((access) => decideAccess(caller, access).effect);
}

describe('a key with the default policy', () => {
  it('leaves it to the policies of the users', async () => {
    const { KeyId } = await newKey();
    expect(await decided(user('may', ['kms:Encrypt']), 'Encrypt', { KeyId })).toEqual(['allowed']);
    expect(await decided(user('may', ['kms:Encrypt']), 'Decrypt', { KeyId })).toEqual(['implicitDeny']);
    expect(await decided(user('none'), 'Encrypt', { KeyId })).toEqual(['implicitDeny']);
  });

  it('is closed to other accounts, whatever their policies', async () => {
    const { Arn } = await newKey();
    expect(await decided(user('x', ['kms:*'], strangerId), 'Encrypt', { KeyId: Arn })).toEqual(['implicitDeny']);
  });
});

describe('a key policy', () => {
  it('speaks alone where it does not delegate', async () => {
    const { KeyId } = await newKey({
      Principal: { AWS: `arn:aws:iam::${accountId}:user/alice` },
      Action: 'kms:Encrypt',
    });
    expect(await decided(user('alice'), 'Encrypt', { KeyId })).toEqual(['allowed']);
    expect(await decided(user('bob', ['kms:*']), 'Encrypt', { KeyId })).toEqual(['implicitDeny']);
  });

  it.each([
    ['the encryption context', { 'kms:EncryptionContext:purpose': 'test' }, { EncryptionContext: { purpose: 'test' } }],
    ['the algorithm', { 'kms:EncryptionAlgorithm': 'SYMMETRIC_DEFAULT' }, { EncryptionAlgorithm: 'SYMMETRIC_DEFAULT' }],
  ])('can ask for %s', async (_, StringEquals, right) => {
    const { KeyId } = await newKey({ Principal: { AWS: '*' }, Condition: { StringEquals } });
    expect(await decided(user('x'), 'Encrypt', { KeyId, ...right })).toEqual(['allowed']);
    expect(await decided(user('x'), 'Encrypt', { KeyId })).toEqual(['implicitDeny']);
  });

  it('can ask for the account, the spec and the alias', async () => {
    const Condition = { StringEquals: { 'kms:CallerAccount': accountId, 'kms:KeySpec': 'SYMMETRIC_DEFAULT' } };
    const { KeyId, Arn } = await newKey({ Principal: { AWS: '*' }, Condition });
    expect(await decided(user('x'), 'DescribeKey', { KeyId })).toEqual(['allowed']);
    expect(await decided(user('x', ['kms:*'], strangerId), 'DescribeKey', { KeyId: Arn })).toEqual(['implicitDeny']);
    await call('CreateAlias', { AliasName: 'alias/asked', TargetKeyId: KeyId });
    const [access] = await accessOf(user('x'), 'DescribeKey', { KeyId: 'alias/asked' });
    expect(access).toMatchObject({
      ...{ action: 'kms:DescribeKey', resource: Arn, resourceAccountId: accountId },
      context: { 'kms:RequestAlias': 'alias/asked', 'kms:ResourceAliases': ['alias/asked'] },
    });
  });
});

describe('what calls need', () => {
  it('is found from the ciphertext', async () => {
    const { KeyId, Arn } = await newKey();
    const { CiphertextBlob } = await call<{ CiphertextBlob: Buffer }>('Encrypt', {
      KeyId,
      Plaintext: Buffer.from('x'),
    });
    const [access] = await accessOf(user('x'), 'Decrypt', { CiphertextBlob });
    expect(access).toMatchObject({ action: 'kms:Decrypt', resource: Arn });
    expect(await accessOf(user('x'), 'Decrypt', { CiphertextBlob: Buffer.from('garbage') })).toEqual([]);
  });

  it('is two keys for ReEncrypt', async () => {
    const [one, other] = [await newKey(), await newKey()];
    const { CiphertextBlob } = await call<object & { CiphertextBlob: Buffer }>('Encrypt', {
      ...{ KeyId: one.KeyId, Plaintext: Buffer.from('x') },
    });
    const needed = await accessOf(user('x'), 'ReEncrypt', { CiphertextBlob, DestinationKeyId: other.KeyId });
    expect(needed).toMatchObject([
      { action: 'kms:ReEncryptFrom', resource: one.Arn, context: { 'kms:ReEncryptOnSameKey': 'false' } },
      { action: 'kms:ReEncryptTo', resource: other.Arn },
    ]);
  });

  it('is the alias and the keys for changes of aliases', async () => {
    const { KeyId, Arn } = await newKey();
    const input = { AliasName: 'alias/new', TargetKeyId: KeyId };
    const resource = `arn:aws:kms:eu-west-1:${accountId}:alias/new`;
    expect(await accessOf(user('x'), 'CreateAlias', input)).toMatchObject([{ resource }, { resource: Arn }]);
  });

  it.each(['CreateKey', 'ListKeys', 'ListAliases', 'GenerateRandom'])('is no key for %s', async (operation) => {
    const [access] = await accessOf(user('x'), operation, {});
    expect(access).toMatchObject({ action: `kms:${operation}`, resource: '*' });
    expect(access).not.toHaveProperty('policy');
    expect(await decided(user('x', [`kms:${operation}`]), operation, {})).toEqual(['allowed']);
    expect(await decided(user('x'), operation, {})).toEqual(['implicitDeny']);
  });

  it('is the key of a service although nobody has used it', async () => {
    expect(await decided(user('x', ['kms:DescribeKey']), 'DescribeKey', { KeyId: 'alias/aws/sns' })).toEqual([
      'allowed',
    ]);
  });

  it('does not tell strangers which keys there are', async () => {
    const absent = `arn:aws:kms:eu-west-1:${accountId}:key/00000000-0000-4000-8000-000000000000`;
    expect(await decided(user('x', ['kms:*'], strangerId), 'Encrypt', { KeyId: absent })).toEqual(['implicitDeny']);
    await expect(decided(user('x'), 'Encrypt', { KeyId: absent })).rejects.toMatchObject({ code: 'NotFoundException' });
  });
});

describe('a grant', () => {
  const grantee = user('grantee');
  const GranteePrincipal = grantee.principal.arn;

  it('allows its operations to its grantee, until it is revoked', async () => {
    const { KeyId } = await newKey();
    const { GrantId } = await call<{ GrantId: string }>('CreateGrant', {
      ...{ KeyId, GranteePrincipal, Operations: ['Encrypt'] },
    });
    expect(await decided(grantee, 'Encrypt', { KeyId })).toEqual(['allowed']);
    expect(await decided(grantee, 'Decrypt', { KeyId })).toEqual(['implicitDeny']);
    expect(await decided(user('other'), 'Encrypt', { KeyId })).toEqual(['implicitDeny']);
    await call('RevokeGrant', { KeyId, GrantId });
    expect(await decided(grantee, 'Encrypt', { KeyId })).toEqual(['implicitDeny']);
  });

  it.each([
    [{ EncryptionContextSubset: { a: 'b' } }, [true, true, false]],
    [{ EncryptionContextEquals: { a: 'b' } }, [true, false, false]],
  ])('with %j binds the context', async (Constraints, expected) => {
    const { KeyId } = await newKey();
    await call('CreateGrant', { KeyId, GranteePrincipal, Operations: ['Encrypt'], Constraints });
    const contexts = [{ a: 'b' }, { a: 'b', c: 'd' }, { a: 'c' }];
    const effects = contexts.map(async (EncryptionContext) => {
      const [effect] = await decided(grantee, 'Encrypt', { KeyId, EncryptionContext });
      return effect === 'allowed';
    });
    expect(await Promise.all(effects)).toEqual(expected);
  });

  it('is refused as the 50,001st of a key, until one is gone', async () => {
    const { KeyId } = await newKey();
    const input = { KeyId, GranteePrincipal, Operations: ['Encrypt'] };
    const { GrantId } = await call<{ GrantId: string }>('CreateGrant', input);
    const path = `${accountId}/eu-west-1/${KeyId}`;
    const record = await partition.entities.get<object>('kms-key', path);
    await partition.entities.write({ kind: 'kms-key', path, value: { ...record, grantCount: 50_000 } });
    await expect(call('CreateGrant', input)).rejects.toMatchObject({ code: 'LimitExceededException' });
    await call('RevokeGrant', { KeyId, GrantId });
    expect(await call('CreateGrant', input)).toMatchObject({ GrantId: expect.any(String) });
  });

  it('does not beat an explicit deny', async () => {
    const { KeyId } = await newKey({ Effect: 'Deny', Principal: { AWS: GranteePrincipal } });
    await call('CreateGrant', { KeyId, GranteePrincipal, Operations: ['Encrypt'] });
    expect(await decided(grantee, 'Encrypt', { KeyId })).toEqual(['explicitDeny']);
  });

  it('is for the sessions of a role, too', async () => {
    const { KeyId } = await newKey();
    const roleArn = `arn:aws:iam::${accountId}:role/path/worker`;
    await call('CreateGrant', { KeyId, GranteePrincipal: roleArn, Operations: ['Decrypt'] });
    const arn = `arn:aws:sts::${accountId}:assumed-role/worker/session`;
    const principal = { kind: 'assumed-role', accountId, arn, roleArn, userId: 'AROA:session', context: {} } as const;
    expect(await decided({ principal, policies: [] }, 'Decrypt', { KeyId })).toEqual(['allowed']);
  });

  it('can be retired by whom it names', async () => {
    const { KeyId } = await newKey();
    const retiring = user('retiring');
    const { GrantToken } = await call<{ GrantToken: string }>('CreateGrant', {
      ...{ KeyId, GranteePrincipal, Operations: ['Encrypt'], RetiringPrincipal: retiring.principal.arn },
    });
    expect(await decided(retiring, 'RetireGrant', { GrantToken })).toEqual(['allowed']);
    expect(await decided(grantee, 'RetireGrant', { GrantToken })).toEqual(['implicitDeny']);
  });
});

describe('the key ring', () => {
  const context = { 'aws:sqs:arn': 'arn:aws:sqs:eu-west-1:111122223333:orders' };

  it('gives data keys that it opens again', async () => {
    const { KeyId, Arn } = await newKey();
    const { plaintext, sealed, keyArn } = await kms.keys.generateDataKey(KeyId, scope, context);
    expect(keyArn).toBe(Arn);
    expect(plaintext).toHaveLength(32);
    expect(sealed.includes(plaintext)).toBe(false);
    expect(await kms.keys.openDataKey(sealed, context)).toEqual(plaintext);
    await expect(kms.keys.openDataKey(sealed, {})).rejects.toMatchObject({ reason: 'invalid-ciphertext' });
    expect(await kms.keys.describe(Arn, scope)).toEqual({ arn: Arn, keyState: 'Enabled' });
  });

  it('makes the keys that AWS manages', async () => {
    const first = await kms.keys.generateDataKey('alias/aws/sqs', scope, context);
    const second = await kms.keys.describe('alias/aws/sqs', scope);
    expect(second.arn).toBe(first.keyArn);
    expect(await kms.keys.openDataKey(first.sealed, context)).toEqual(first.plaintext);
  });

  it('says why it can not, and can again', async () => {
    const { KeyId } = await newKey();
    const { sealed, plaintext } = await kms.keys.generateDataKey(KeyId, scope, context);
    await call('DisableKey', { KeyId });
    await expect(kms.keys.openDataKey(sealed, context)).rejects.toMatchObject({ reason: 'disabled' });
    await expect(kms.keys.generateDataKey(KeyId, scope, context)).rejects.toMatchObject({ reason: 'disabled' });
    await call('ScheduleKeyDeletion', { KeyId });
    await expect(kms.keys.openDataKey(sealed, context)).rejects.toMatchObject({ reason: 'pending-deletion' });
    await call('CancelKeyDeletion', { KeyId });
    await call('EnableKey', { KeyId });
    expect(await kms.keys.openDataKey(sealed, context)).toEqual(plaintext);
  });

  it.each([
    ['alias/missing', 'not-found'],
    ['00000000-0000-4000-8000-000000000000', 'not-found'],
  ])('says of %s: %s', async (reference, reason) => {
    const refused = kms.keys.generateDataKey(reference, scope, context);
    await expect(refused).rejects.toBeInstanceOf(KeyUnusable);
    await expect(refused).rejects.toMatchObject({ reason });
  });

  it('refuses keys that are for something else', async () => {
    const made = await call<{ KeyMetadata: { KeyId: string } }>('CreateKey', {
      ...{ KeySpec: 'HMAC_256', KeyUsage: 'GENERATE_VERIFY_MAC' },
    });
    const refused = kms.keys.generateDataKey(made.KeyMetadata.KeyId, scope, context);
    await expect(refused).rejects.toMatchObject({ reason: 'invalid-usage' });
  });

  it('asks the policies, where callers are known', async () => {
    const { KeyId } = await newKey();
    const as = (caller: Identity) => ({ ...scope, caller, service: 'sqs' });
    const may = as(user('may', ['kms:GenerateDataKey', 'kms:Decrypt']));
    const { sealed, plaintext } = await kms.keys.generateDataKey(KeyId, may, context);
    expect(await kms.keys.openDataKey(sealed, context, may)).toEqual(plaintext);
    const denied = { reason: 'access-denied' };
    await expect(kms.keys.generateDataKey(KeyId, as(user('no')), context)).rejects.toMatchObject(denied);
    await expect(kms.keys.openDataKey(sealed, context, as(user('no')))).rejects.toMatchObject(denied);
  });

  it('lets everybody of the account use the key of a service through it, and through no other', async () => {
    const caller = user('anybody');
    const { sealed } = await kms.keys.generateDataKey('alias/aws/sqs', { ...scope, caller, service: 'sqs' }, context);
    const throughSns = { ...scope, caller, service: 'sns' };
    await expect(kms.keys.openDataKey(sealed, context, throughSns)).rejects.toMatchObject({ reason: 'access-denied' });
    expect(await decided(caller, 'Decrypt', { CiphertextBlob: sealed })).toEqual(['implicitDeny']);
  });
});
