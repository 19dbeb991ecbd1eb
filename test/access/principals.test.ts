/** Whom the policy of a resource speaks of, and what that gives them. */
import { describe, expect, it } from 'vitest';
import { allow, away, type CastName, cast, deny, home, outcome, type StatementJson } from './cast.ts';

type Row = readonly [who: CastName, principal: unknown, expected: string];

const { alice, session, federated, stranger, strangeSession } = cast;
const homeRoot = `arn:aws:iam::${home}:root`;
const awayRoot = `arn:aws:iam::${away}:root`;

const nothing = 'implicitDeny none';
const byResource = 'allowed resource';
const notByResource = 'implicitDeny resource';

/** Nobody has policies of their own; what is asked for is in the home account. */
const allowing: Readonly<Record<string, readonly Row[]>> = {
  'everyone: "*" and {"AWS": "*"} mean the same': [
    ['alice', '*', byResource],
    ['alice', { AWS: '*' }, byResource],
    ['alice', { AWS: ['*'] }, byResource],
    ['session', '*', byResource],
    ['federated', '*', byResource],
    ['anonymous', '*', byResource],
    ['anonymous', { AWS: '*' }, byResource],
    ['topics', '*', byResource],
    ['topics', { AWS: '*' }, byResource],
    ['root', '*', 'allowed root'],
  ],
  'a user, by its ARN, whole and case-sensitive': [
    ['alice', { AWS: alice.arn }, byResource],
    ['alice', { AWS: [cast.bob.arn, alice.arn] }, byResource],
    ['alice', { AWS: cast.bob.arn }, nothing],
    ['alice', { AWS: `arn:aws:iam::${home}:user/alice` }, nothing],
    ['alice', { AWS: alice.arn.replace('alice', 'Alice') }, nothing],
    ['bob', { AWS: cast.bob.arn }, byResource],
    ['session', { AWS: alice.arn }, nothing],
    ['anonymous', { AWS: alice.arn }, notByResource],
    ['topics', { AWS: alice.arn }, notByResource],
  ],
  'a user, by the id that is left when it is deleted': [
    ['alice', { AWS: alice.userId }, byResource],
    ['bob', { AWS: alice.userId }, nothing],
  ],
  'an account: leaves it to the policies of its identities': [
    ['alice', { AWS: home }, 'implicitDeny identity'],
    ['alice', { AWS: homeRoot }, 'implicitDeny identity'],
    ['session', { AWS: home }, 'implicitDeny identity'],
    ['federated', { AWS: homeRoot }, 'implicitDeny identity'],
    ['alice', { AWS: away }, nothing],
    ['root', { AWS: away }, 'allowed root'],
    ['anonymous', { AWS: home }, notByResource],
    ['topics', { AWS: home }, notByResource],
  ],
  'a role, a session of it, a federated user': [
    ['session', { AWS: session.roleArn }, byResource],
    ['session', { AWS: session.arn }, byResource],
    ['session', { AWS: `arn:aws:sts::${home}:assumed-role/worker/s2` }, nothing],
    ['session', { AWS: `arn:aws:iam::${home}:role/worker` }, nothing],
    ['session', { AWS: 'AROAWORKERWORKERWORK' }, byResource],
    ['alice', { AWS: session.roleArn }, nothing],
    ['federated', { AWS: federated.arn }, byResource],
    ['federated', { AWS: `arn:aws:sts::${home}:federated-user/fred` }, nothing],
  ],
  'a service': [
    ['topics', { Service: 'sns.amazonaws.com' }, byResource],
    ['topics', { Service: ['s3.amazonaws.com', 'sns.amazonaws.com'] }, byResource],
    ['topics', { Service: 's3.amazonaws.com' }, notByResource],
    ['alice', { Service: 'sns.amazonaws.com' }, nothing],
    ['anonymous', { Service: 'sns.amazonaws.com' }, notByResource],
  ],
  'an identity provider': [
    ['webIdentity', { Federated: `arn:aws:iam::${home}:oidc-provider/idp.example.com` }, byResource],
    ['webIdentity', { Federated: `arn:aws:iam::${home}:oidc-provider/other.example.com` }, notByResource],
    ['anonymous', { Federated: `arn:aws:iam::${home}:oidc-provider/idp.example.com` }, notByResource],
    ['alice', { Federated: 'accounts.google.com' }, nothing],
    ['webIdentity', { AWS: alice.arn }, notByResource],
  ],
  'several types: one is enough': [
    ['alice', { Service: 'sns.amazonaws.com', AWS: alice.arn }, byResource],
    ['topics', { Service: 'sns.amazonaws.com', AWS: alice.arn }, byResource],
    ['bob', { Service: 'sns.amazonaws.com', AWS: alice.arn }, nothing],
    ['alice', { CanonicalUser: 'a'.repeat(64) }, nothing],
  ],
};

/** The same statements as denies, beside an Allow of their own policies. */
const denying: Readonly<Record<string, readonly Row[]>> = {
  'a Deny reaches who is named in any way': [
    ['alice', '*', 'explicitDeny resource'],
    ['alice', { AWS: alice.arn }, 'explicitDeny resource'],
    ['alice', { AWS: cast.bob.arn }, 'allowed identity'],
    ['alice', { AWS: home }, 'explicitDeny resource'],
    ['alice', { AWS: homeRoot }, 'explicitDeny resource'],
    ['alice', { AWS: away }, 'allowed identity'],
    ['session', { AWS: session.roleArn }, 'explicitDeny resource'],
    ['session', { AWS: session.arn }, 'explicitDeny resource'],
    ['session', { AWS: home }, 'explicitDeny resource'],
    ['session', { AWS: alice.arn }, 'allowed identity'],
    ['root', { AWS: homeRoot }, 'explicitDeny resource'],
    ['root', { AWS: home }, 'explicitDeny resource'],
    ['root', '*', 'explicitDeny resource'],
    ['root', { AWS: alice.arn }, 'allowed root'],
    ['topics', { Service: 'sns.amazonaws.com' }, 'explicitDeny resource'],
  ],
};

const notDenying: Readonly<Record<string, readonly Row[]>> = {
  'Deny with NotPrincipal spares who is named together with the account': [
    ['alice', { AWS: [alice.arn, homeRoot] }, 'allowed identity'],
    ['alice', { AWS: [alice.arn, home] }, 'allowed identity'],
    ['alice', { AWS: alice.arn }, 'explicitDeny resource'],
    ['alice', { AWS: homeRoot }, 'explicitDeny resource'],
    ['bob', { AWS: [alice.arn, homeRoot] }, 'explicitDeny resource'],
    ['root', { AWS: [alice.arn, homeRoot] }, 'allowed root'],
    ['root', { AWS: alice.arn }, 'explicitDeny resource'],
    ['session', { AWS: [session.arn, session.roleArn, homeRoot] }, 'allowed identity'],
    ['session', { AWS: [session.arn, homeRoot] }, 'explicitDeny resource'],
    ['session', { AWS: [session.roleArn, homeRoot] }, 'explicitDeny resource'],
    ['session', { AWS: [session.arn, session.roleArn] }, 'explicitDeny resource'],
    ['alice', '*', 'allowed identity'],
    ['topics', { Service: 'sns.amazonaws.com' }, notByResource],
    ['topics', { Service: 's3.amazonaws.com' }, 'explicitDeny resource'],
    ['webIdentity', { Federated: `arn:aws:iam::${home}:oidc-provider/idp.example.com` }, notByResource],
    ['anonymous', { AWS: homeRoot }, 'explicitDeny resource'],
  ],
};

const notAllowing: Readonly<Record<string, readonly Row[]>> = {
  'Allow with NotPrincipal leaves out who is named in any way': [
    ['alice', { AWS: alice.arn }, nothing],
    ['alice', { AWS: homeRoot }, nothing],
    ['alice', { AWS: cast.bob.arn }, byResource],
    ['session', { AWS: session.roleArn }, nothing],
    ['session', { AWS: session.arn }, nothing],
    ['anonymous', { AWS: alice.arn }, byResource],
    ['topics', { Service: 'sns.amazonaws.com' }, notByResource],
    ['topics', { Service: 's3.amazonaws.com' }, byResource],
    ['alice', '*', nothing],
  ],
};

function table(
  groups: Readonly<Record<string, readonly Row[]>>,
  attachedOf: (principal: unknown) => StatementJson,
  identity: readonly StatementJson[],
): void {
  for (const [rule, rows] of Object.entries(groups)) {
    describe(rule, () => {
      it.each(rows)('%s, named %j: %s', (who, principal, expected) => {
        const own = who === 'federated' ? { session: [allow()] } : {};
        expect(outcome({ who, identity, attached: [attachedOf(principal)], ...own })).toBe(expected);
      });
    });
  }
}

table(allowing, (Principal) => allow({ Principal }), []);
table(denying, (Principal) => deny({ Principal }), [allow()]);
table(notDenying, (NotPrincipal) => deny({ NotPrincipal }), [allow()]);
table(notAllowing, (NotPrincipal) => allow({ NotPrincipal }), []);

describe('across accounts any way of naming is enough, when the own policies allow it too', () => {
  it.each<[CastName, unknown, string]>([
    ['stranger', { AWS: away }, 'allowed crossAccount'],
    ['stranger', { AWS: awayRoot }, 'allowed crossAccount'],
    ['stranger', { AWS: stranger.arn }, 'allowed crossAccount'],
    ['stranger', '*', 'allowed crossAccount'],
    ['stranger', { AWS: home }, notByResource],
    ['stranger', { AWS: alice.arn }, notByResource],
    ['strangeSession', { AWS: away }, 'allowed crossAccount'],
    ['strangeSession', { AWS: strangeSession.roleArn }, 'allowed crossAccount'],
    ['strangeSession', { AWS: strangeSession.arn }, 'allowed crossAccount'],
    ['strangeSession', { AWS: stranger.arn }, notByResource],
    ['strangeRoot', { AWS: away }, 'allowed crossAccount'],
    ['strangeRoot', { AWS: awayRoot }, 'allowed crossAccount'],
    ['strangeRoot', { AWS: stranger.arn }, notByResource],
    ['strangeRoot', '*', 'allowed crossAccount'],
  ])('%s, named %j: %s', (who, Principal, expected) => {
    expect(outcome({ who, identity: [allow()], attached: [allow({ Principal })] })).toBe(expected);
    if (who === 'strangeRoot') return;
    const without = outcome({ who, attached: [allow({ Principal })] });
    expect(without).toBe('implicitDeny identity');
  });
});
