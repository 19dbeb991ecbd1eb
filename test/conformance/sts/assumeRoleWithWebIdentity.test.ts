import { CreateRoleCommand } from '@aws-sdk/client-iam';
import { AssumeRoleWithWebIdentityCommand, type AssumeRoleWithWebIdentityCommandInput } from '@aws-sdk/client-sts';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  accessDenied,
  type IdentityServer,
  newAccount,
  refused,
  startIdentityServer,
  trustOf,
} from '../iam/identityServer.ts';
import { type OpenIdIssuer, startOpenIdIssuer } from './openIdIssuer.ts';

let issuer: OpenIdIssuer;
let server: IdentityServer;
beforeAll(async () => {
  issuer = await startOpenIdIssuer();
  const audiences = ['sts.amazonaws.com', 'another'];
  server = await startIdentityServer({ isEnforced: true, issuers: [{ issuer: issuer.url, audiences }] });
});
afterAll(async () => {
  await server.close();
  await issuer.close();
});

const host = () => issuer.url.replace('http://', '');
const action = 'sts:AssumeRoleWithWebIdentity';

async function roleOf(account: string, condition?: object): Promise<string> {
  const Federated = `arn:aws:iam::${account}:oidc-provider/${host()}`;
  const trust = trustOf({ Federated }, action, condition);
  const input = { RoleName: 'app', AssumeRolePolicyDocument: trust };
  return (await server.iamClient(account).send(new CreateRoleCommand(input))).Role?.Arn ?? '';
}

const assume = (
  RoleArn: string,
  WebIdentityToken: string,
  more: Partial<AssumeRoleWithWebIdentityCommandInput> = {},
) => {
  const input = { RoleArn, WebIdentityToken, RoleSessionName: 'session', ...more };
  return server.stsClient('unused-key').send(new AssumeRoleWithWebIdentityCommand(input));
};

const notAllowed = accessDenied(`Not authorized to perform ${action}`);
const invalidToken = (message: string | RegExp) => ({ code: 'InvalidIdentityToken', message });

describe('AssumeRoleWithWebIdentity', () => {
  it('gives credentials to whom the issuer vouches for [model: AssumeRoleWithWebIdentity]', async () => {
    const account = newAccount();
    const condition = {
      StringEquals: { [`${host()}:aud`]: 'sts.amazonaws.com' },
      StringLike: { [`${host()}:sub`]: 'system:serviceaccount:*' },
    };
    const RoleArn = await roleOf(account, condition);
    const answer = await assume(RoleArn, await issuer.token(), { DurationSeconds: 900 });
    expect(answer).toMatchObject({
      AssumedRoleUser: { Arn: `arn:aws:sts::${account}:assumed-role/app/session` },
      ...{ Audience: 'sts.amazonaws.com', SubjectFromWebIdentityToken: 'system:serviceaccount:app' },
      Provider: `arn:aws:iam::${account}:oidc-provider/${host()}`,
      Credentials: { AccessKeyId: expect.stringMatching(/^ASIA/) },
    });
    const { AccessKeyId = '', SessionToken = '' } = answer.Credentials ?? {};
    const holder = await server.iam.credentialHolder(AccessKeyId, SessionToken);
    expect(holder?.identity.principal).toMatchObject({ kind: 'assumed-role', roleArn: RoleArn });
    await assume(RoleArn, await issuer.token({ aud: ['elsewhere', 'sts.amazonaws.com'] }));
    expect(issuer.fetches()).toBe(1);
  });

  it('refuses whom the trust policy does not mean, and roles that are not there [facts: trust]', async () => {
    const account = newAccount();
    const RoleArn = await roleOf(account, { StringEquals: { [`${host()}:sub`]: 'somebody' } });
    await refused(assume(RoleArn, await issuer.token()), notAllowed);
    await assume(RoleArn, await issuer.token({ sub: 'somebody' }));
    await refused(assume(`arn:aws:iam::${account}:role/nothing`, await issuer.token()), notAllowed);
    // The issuer of another account is another one.
    const other = newAccount();
    const Federated = `arn:aws:iam::${account}:oidc-provider/${host()}`;
    const trust = { RoleName: 'app', AssumeRolePolicyDocument: trustOf({ Federated }, action) };
    const { Role } = await server.iamClient(other).send(new CreateRoleCommand(trust));
    await refused(assume(Role?.Arn ?? '', await issuer.token()), notAllowed);
  });

  it('passes on how the user was authenticated, and the source identity [facts: web identity]', async () => {
    const account = newAccount();
    const Federated = `arn:aws:iam::${account}:oidc-provider/${host()}`;
    const condition = { 'ForAnyValue:StringEquals': { [`${host()}:amr`]: 'authenticated' } };
    const trust = trustOf({ Federated }, [action, 'sts:SetSourceIdentity'], condition);
    const input = { RoleName: 'app', AssumeRolePolicyDocument: trust };
    const RoleArn = (await server.iamClient(account).send(new CreateRoleCommand(input))).Role?.Arn ?? '';
    await refused(assume(RoleArn, await issuer.token({ amr: ['unauthenticated'] })), notAllowed);
    const claims = { amr: ['authenticated', 'x'], 'https://aws.amazon.com/source_identity': 'Alice' };
    expect((await assume(RoleArn, await issuer.token(claims))).SourceIdentity).toBe('Alice');
  });

  it.each([
    ['forged', {}, { isForged: true }, /could not be verified/],
    ['signed by what everybody knows', {}, { algorithm: 'HS256' as const }, /could not be verified/],
    ['for somebody else', { aud: 'elsewhere' }, {}, 'Incorrect token audience'],
    ['without a subject', { sub: undefined }, {}, /required claim.*sub/],
    ['without an end', { exp: undefined }, {}, /required claim.*exp/],
    ['not valid yet', { nbf: 4102444800 }, {}, /required claim.*nbf/],
    [
      'of nobody known',
      { iss: 'https://example.com' },
      {},
      'No OpenIDConnect provider found in your account for https://example.com',
    ],
  ])('refuses a token that is %s [model: InvalidIdentityTokenException]', async (_, claims, options, message) => {
    const RoleArn = await roleOf(newAccount());
    await refused(assume(RoleArn, await issuer.token(claims, options)), invalidToken(message));
  });

  it('refuses what is no token, and one that is over [model: ExpiredTokenException]', async () => {
    const RoleArn = await roleOf(newAccount());
    await refused(assume(RoleArn, 'nothing'), invalidToken(/not a valid JWT/));
    const now = Math.floor(Date.now() / 1000);
    await refused(assume(RoleArn, await issuer.token({ iat: now - 7200, exp: now - 3600 })), {
      ...{ code: 'ExpiredTokenException', message: /^Token expired: current date\/time \d+ must be before/ },
    });
  });

  it('says so when the keys can not be fetched [model: IDPCommunicationErrorException]', async () => {
    const silent = await startOpenIdIssuer();
    const token = await silent.token();
    await silent.close();
    const issuers = [{ issuer: silent.url, audiences: ['sts.amazonaws.com'] }];
    const lonely = await startIdentityServer({ isEnforced: true, issuers });
    const input = {
      RoleArn: 'arn:aws:iam::111122223333:role/app',
      RoleSessionName: 'session',
      WebIdentityToken: token,
    };
    const call = lonely.stsClient('unused-key').send(new AssumeRoleWithWebIdentityCommand(input));
    await refused(call, { code: 'IDPCommunicationError', message: /^Couldn't retrieve verification key/ });
    await lonely.close();
  });
});

describe('AssumeRoleWithWebIdentity while callers are not known', () => {
  it('takes whatever token, but checks those of issuers that it knows [posthorn: auth off]', async () => {
    const open = await startIdentityServer({
      issuers: [{ issuer: issuer.url, audiences: ['sts.amazonaws.com'], jwks: issuer.jwks }],
    });
    const call = (WebIdentityToken: string) => {
      const RoleArn = 'arn:aws:iam::111122223333:role/anything';
      const input = { RoleArn, WebIdentityToken, RoleSessionName: 'session' };
      return open.stsClient('unused-key').send(new AssumeRoleWithWebIdentityCommand(input));
    };
    const answer = await call(await issuer.token({ iss: 'https://example.com' }, { isForged: true }));
    expect(answer.Provider).toBe('arn:aws:iam::111122223333:oidc-provider/example.com');
    await call(await issuer.token());
    await refused(call(await issuer.token({}, { isForged: true })), invalidToken(/could not be verified/));
    await open.close();
  });
});
