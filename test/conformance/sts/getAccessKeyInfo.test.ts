import { CreateAccessKeyCommand, CreateUserCommand } from '@aws-sdk/client-iam';
import { GetAccessKeyInfoCommand, GetSessionTokenCommand } from '@aws-sdk/client-sts';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { accountIdOfKey, newAccessKeyId } from '#access';
import {
  type IdentityServer,
  newAccount,
  refused,
  startIdentityServer,
  validationError,
} from '../iam/identityServer.ts';

let server: IdentityServer;
beforeAll(async () => {
  server = await startIdentityServer({ isEnforced: true });
});
afterAll(() => server.close());

const info = async (AccessKeyId: string) =>
  (await server.stsClient(newAccount()).send(new GetAccessKeyInfoCommand({ AccessKeyId }))).Account;

it('tells the account of a key, whoever asks [model: GetAccessKeyInfo]', async () => {
  const account = newAccount();
  await server.iamClient(account).send(new CreateUserCommand({ UserName: 'alice' }));
  const { AccessKey } = await server.iamClient(account).send(new CreateAccessKeyCommand({ UserName: 'alice' }));
  expect(await info(AccessKey?.AccessKeyId ?? '')).toBe(account);
  const { Credentials } = await server.stsClient(account).send(new GetSessionTokenCommand({}));
  expect(await info(Credentials?.AccessKeyId ?? '')).toBe(account);
});

it('refuses a key that names none [posthorn: access key ids]', async () => {
  await refused(info('AKIAIOSFODNN7EXAMPL!'), validationError(/failed to satisfy constraint/));
  const call = info('not-a-key-of-mine'.replaceAll('-', '_'));
  await refused(call, validationError('The access key id not_a_key_of_mine names no account.'));
});

it.each(['000000000000', '111122223333', '999999999999'])(
  'reads account %s off an id [facts: access key ids]',
  (account) => {
    expect(accountIdOfKey(newAccessKeyId('AKIA', account))).toBe(account);
    expect(accountIdOfKey(newAccessKeyId('ASIA', account))).toBe(account);
  },
);

it('reads ids as AWS makes them [facts: access key ids]', () => {
  // Published, with its account, in a description of the form.
  expect(accountIdOfKey('ASIAQNZGKIQY56JQ7WML')).toBe('029608264753');
  expect(accountIdOfKey('AROAQNZGKIQY56JQ7WML')).toBeUndefined();
});
