/** How policies of several kinds come together. */
import { describe, expect, it } from 'vitest';
import { allow, away, cast, deny, home, outcome, queue, type Situation } from './cast.ts';

type Row = readonly [what: string, situation: Situation, expected: string];

const { alice, session, federated } = cast;
const send = allow({ Action: 'sqs:SendMessage' });
const receive = allow({ Action: 'sqs:ReceiveMessage' });
const denySend = deny({ Action: 'sqs:SendMessage' });
const toAlice = allow({ Principal: { AWS: alice.arn } });
const toRole = allow({ Principal: { AWS: session.roleArn } });
const toSession = allow({ Principal: { AWS: session.arn } });
const toFederated = allow({ Principal: { AWS: federated.arn } });
const toHome = allow({ Principal: { AWS: home } });
const toAway = allow({ Principal: { AWS: away } });
const toAll = allow({ Principal: '*' });
const denyOthers = deny({ Principal: undefined, NotPrincipal: { AWS: [alice.arn, home] } });
const denyAll = deny({ Principal: '*' });

const withinAccount: readonly Row[] = [
  ['nothing is allowed by itself', { who: 'alice' }, 'implicitDeny none'],
  ['an identity policy is enough', { who: 'alice', identity: [send] }, 'allowed identity'],
  ['of another action', { who: 'alice', identity: [receive] }, 'implicitDeny none'],
  ['one statement of several', { who: 'alice', identity: [receive, send] }, 'allowed identity'],
  ['a resource policy is enough', { who: 'alice', attached: [toAlice] }, 'allowed resource'],
  ['both', { who: 'alice', identity: [send], attached: [toAlice] }, 'allowed identity'],
  ['a resource policy for another', { who: 'bob', attached: [toAlice] }, 'implicitDeny none'],
  ['an explicit deny of the identity', { who: 'alice', identity: [send, denySend] }, 'explicitDeny identity'],
  ['the order makes no difference', { who: 'alice', identity: [denySend, send] }, 'explicitDeny identity'],
  ['against a resource policy', { who: 'alice', identity: [denySend], attached: [toAlice] }, 'explicitDeny identity'],
  [
    'an explicit deny of the resource',
    { who: 'alice', identity: [send], attached: [denyAll] },
    'explicitDeny resource',
  ],
  ['within one resource policy', { who: 'alice', attached: [toAlice, denyAll] }, 'explicitDeny resource'],
  ['a deny of another action', { who: 'alice', identity: [send, deny({ Action: 'sqs:Get*' })] }, 'allowed identity'],
  [
    'a deny of another resource',
    { who: 'alice', identity: [send, deny({ Resource: `${queue}2` })] },
    'allowed identity',
  ],
  ['a session, by its role', { who: 'session', identity: [send] }, 'allowed identity'],
  ['another account of the same policy', { who: 'alice', identity: [send], owner: away }, 'implicitDeny resource'],
];

const boundaries: readonly Row[] = [
  ['identity and boundary', { who: 'alice', identity: [send], boundary: [send] }, 'allowed identity'],
  ['identity alone', { who: 'alice', identity: [send], boundary: [receive] }, 'implicitDeny boundary'],
  [
    'an empty boundary',
    { who: 'alice', identity: [send], boundary: [deny({ Action: 'x:y' })] },
    'implicitDeny boundary',
  ],
  ['a boundary grants nothing', { who: 'alice', boundary: [send] }, 'implicitDeny none'],
  ['neither', { who: 'alice', identity: [receive], boundary: [receive] }, 'implicitDeny none'],
  ['a deny of the boundary', { who: 'alice', identity: [send], boundary: [send, denySend] }, 'explicitDeny boundary'],
  ['of a role', { who: 'session', identity: [send], boundary: [receive] }, 'implicitDeny boundary'],
  [
    "doesn't hold back what a resource gives a user",
    { who: 'alice', boundary: [receive], attached: [toAlice] },
    'allowed resource',
  ],
  ['but its denies do', { who: 'alice', boundary: [denySend], attached: [toAlice] }, 'explicitDeny boundary'],
  [
    'holds back what a resource gives a role',
    { who: 'session', boundary: [receive], attached: [toRole] },
    'implicitDeny boundary',
  ],
  [
    'lets through what a resource gives a role',
    { who: 'session', boundary: [send], attached: [toRole] },
    'allowed resource',
  ],
  [
    "doesn't hold back what a resource gives a session",
    { who: 'session', boundary: [receive], attached: [toSession] },
    'allowed resource',
  ],
  ['nor what it gives everyone', { who: 'session', boundary: [receive], attached: [toAll] }, 'allowed resource'],
  [
    'nor everyone whose role is named by a condition',
    {
      who: 'session',
      boundary: [receive],
      attached: [allow({ Principal: '*', Condition: { ArnEquals: { 'aws:PrincipalArn': session.roleArn } } })],
    },
    'allowed resource',
  ],
  [
    'a Deny with NotPrincipal reaches all who have one',
    { who: 'alice', identity: [send], boundary: [send], attached: [denyOthers] },
    'explicitDeny resource',
  ],
  [
    'and spares who is named and has none',
    { who: 'alice', identity: [send], attached: [denyOthers] },
    'allowed identity',
  ],
  [
    'an account named is no grant',
    { who: 'alice', identity: [send], boundary: [receive], attached: [toHome] },
    'implicitDeny boundary',
  ],
];

const sessions: readonly Row[] = [
  ['role and session policy', { who: 'session', identity: [send], session: [send] }, 'allowed identity'],
  ['the role alone', { who: 'session', identity: [send], session: [receive] }, 'implicitDeny session'],
  ['a session policy grants nothing', { who: 'session', identity: [receive], session: [send] }, 'implicitDeny none'],
  [
    'a deny of the session policy',
    { who: 'session', identity: [send], session: [allow(), denySend] },
    'explicitDeny session',
  ],
  [
    'boundary and session policy',
    { who: 'session', identity: [send], boundary: [send], session: [send] },
    'allowed identity',
  ],
  [
    'the boundary is missing first',
    { who: 'session', identity: [send], boundary: [receive], session: [receive] },
    'implicitDeny boundary',
  ],
  [
    'holds back what a resource gives a role',
    { who: 'session', session: [receive], attached: [toRole] },
    'implicitDeny session',
  ],
  [
    'lets through what a resource gives a role',
    { who: 'session', session: [send], attached: [toRole] },
    'allowed resource',
  ],
  [
    "doesn't hold back what a resource gives a session",
    { who: 'session', session: [receive], attached: [toSession] },
    'allowed resource',
  ],
  [
    'role, boundary: the boundary is named',
    { who: 'session', boundary: [receive], session: [receive], attached: [toRole] },
    'implicitDeny boundary',
  ],
  [
    'a federated user has the intersection',
    { who: 'federated', identity: [send], session: [send] },
    'allowed identity',
  ],
  [
    'not what the session policy leaves out',
    { who: 'federated', identity: [send], session: [receive] },
    'implicitDeny session',
  ],
  ['nor what the user has not', { who: 'federated', identity: [receive], session: [allow()] }, 'implicitDeny none'],
  ['nothing without a session policy', { who: 'federated', identity: [send] }, 'implicitDeny session'],
  ['but what a resource gives', { who: 'federated', attached: [toFederated] }, 'allowed resource'],
  [
    'also beyond the session policy',
    { who: 'federated', session: [receive], attached: [toFederated] },
    'allowed resource',
  ],
];

const across: readonly Row[] = [
  ['both sides', { who: 'stranger', identity: [send], attached: [toAway] }, 'allowed crossAccount'],
  ['the identity alone', { who: 'stranger', identity: [send] }, 'implicitDeny resource'],
  ['with a policy for others', { who: 'stranger', identity: [send], attached: [toAlice] }, 'implicitDeny resource'],
  ['the resource alone', { who: 'stranger', attached: [toAway] }, 'implicitDeny identity'],
  [
    'the resource alone, by ARN',
    { who: 'stranger', attached: [allow({ Principal: { AWS: cast.stranger.arn } })] },
    'implicitDeny identity',
  ],
  ['neither', { who: 'stranger' }, 'implicitDeny identity'],
  ['open to all', { who: 'stranger', identity: [send], attached: [toAll] }, 'allowed crossAccount'],
  ['open to all, without the identity', { who: 'stranger', attached: [toAll] }, 'implicitDeny identity'],
  [
    'a boundary',
    { who: 'stranger', identity: [send], boundary: [receive], attached: [toAway] },
    'implicitDeny boundary',
  ],
  [
    'a session policy',
    { who: 'strangeSession', identity: [send], session: [receive], attached: [toAway] },
    'implicitDeny session',
  ],
  [
    'a session, all agreeing',
    { who: 'strangeSession', identity: [send], boundary: [send], session: [send], attached: [toAway] },
    'allowed crossAccount',
  ],
  [
    'a deny on their side',
    { who: 'stranger', identity: [send, denySend], attached: [toAway] },
    'explicitDeny identity',
  ],
  ['a deny on our side', { who: 'stranger', identity: [send], attached: [toAway, denyAll] }, 'explicitDeny resource'],
  ['root of the other account', { who: 'strangeRoot', attached: [toAway] }, 'allowed crossAccount'],
  ['root without the resource', { who: 'strangeRoot' }, 'implicitDeny resource'],
  [
    'an action that never crosses',
    { who: 'stranger', identity: [allow()], attached: [toAway], options: { neverCrossAccount: true } },
    'implicitDeny crossAccount',
  ],
  [
    'not even for root',
    { who: 'strangeRoot', attached: [toAway], options: { neverCrossAccount: true } },
    'implicitDeny crossAccount',
  ],
  [
    'nor the anonymous',
    { who: 'anonymous', attached: [toAll], options: { neverCrossAccount: true } },
    'implicitDeny crossAccount',
  ],
  [
    'a deny is said first',
    { who: 'stranger', identity: [deny()], attached: [toAway], options: { neverCrossAccount: true } },
    'explicitDeny identity',
  ],
  [
    'at home it makes no difference',
    { who: 'alice', identity: [send], options: { neverCrossAccount: true } },
    'allowed identity',
  ],
];

const withoutPolicies: readonly Row[] = [
  ['root may everything in its account', { who: 'root' }, 'allowed root'],
  ['root, denied by the resource', { who: 'root', attached: [denyAll] }, 'explicitDeny resource'],
  ['root has no identity policies', { who: 'root', identity: [deny()] }, 'allowed root'],
  ['the anonymous may nothing', { who: 'anonymous' }, 'implicitDeny resource'],
  ['but what is open to all', { who: 'anonymous', attached: [toAll] }, 'allowed resource'],
  ['and not denied', { who: 'anonymous', attached: [toAll, denyAll] }, 'explicitDeny resource'],
  ['not what is open to the account', { who: 'anonymous', attached: [toHome] }, 'implicitDeny resource'],
  [
    'policies given with the anonymous count nothing',
    { who: 'anonymous', identity: [allow()] },
    'implicitDeny resource',
  ],
  ['a service may nothing', { who: 'topics' }, 'implicitDeny resource'],
  [
    'but what it is allowed',
    { who: 'topics', attached: [allow({ Principal: { Service: 'sns.amazonaws.com' } })] },
    'allowed resource',
  ],
];

const key = { rule: 'key' } as const;
const keys: readonly Row[] = [
  ['identity policies alone are nothing', { who: 'alice', identity: [allow()], options: key }, 'implicitDeny resource'],
  [
    'nor with a key policy for others',
    { who: 'bob', identity: [allow()], attached: [toAlice], options: key },
    'implicitDeny resource',
  ],
  [
    'delegated to the account',
    { who: 'alice', identity: [allow()], attached: [toHome], options: key },
    'allowed identity',
  ],
  ['delegated, nothing allowed', { who: 'alice', attached: [toHome], options: key }, 'implicitDeny identity'],
  [
    'delegated, a boundary',
    { who: 'alice', identity: [send], boundary: [receive], attached: [toHome], options: key },
    'implicitDeny boundary',
  ],
  [
    'delegated, a session policy',
    { who: 'session', identity: [send], session: [receive], attached: [toHome], options: key },
    'implicitDeny session',
  ],
  ['named directly', { who: 'alice', attached: [toAlice], options: key }, 'allowed resource'],
  ['a role named', { who: 'session', attached: [toRole], options: key }, 'allowed resource'],
  [
    'a role named, beyond its boundary',
    { who: 'session', identity: [send], boundary: [receive], attached: [toRole], options: key },
    'implicitDeny boundary',
  ],
  ['even root needs the key policy', { who: 'root', options: key }, 'implicitDeny resource'],
  ['root by the account', { who: 'root', attached: [toHome], options: key }, 'allowed resource'],
  ['root by a policy for others', { who: 'root', attached: [toAlice], options: key }, 'implicitDeny resource'],
  [
    'a deny of the key',
    { who: 'alice', identity: [allow()], attached: [toHome, denyAll], options: key },
    'explicitDeny resource',
  ],
  [
    'a deny of the identity',
    { who: 'alice', identity: [denySend], attached: [toAlice], options: key },
    'explicitDeny identity',
  ],
  [
    'another account, both sides',
    { who: 'stranger', identity: [send], attached: [toAway], options: key },
    'allowed crossAccount',
  ],
  ['another account, the key alone', { who: 'stranger', attached: [toAway], options: key }, 'implicitDeny identity'],
  [
    'another account, the identity alone',
    { who: 'stranger', identity: [send], attached: [toHome], options: key },
    'implicitDeny resource',
  ],
  [
    'a service on behalf of an account',
    {
      who: 'topics',
      context: { 'kms:ViaService': 'sqs.us-east-2.amazonaws.com' },
      attached: [
        allow({
          Principal: { Service: 'sns.amazonaws.com' },
          Condition: { StringLike: { 'kms:ViaService': 'sqs.*' } },
        }),
      ],
      options: key,
    },
    'allowed resource',
  ],
];

const trust = { rule: 'trust' } as const;
const assume = { action: 'sts:AssumeRole', resource: `arn:aws:iam::${home}:role/jobs/worker` };
const trusting = (Principal: unknown, Condition: unknown = {}): Record<string, unknown> => ({
  Effect: 'Allow',
  Action: 'sts:AssumeRole',
  Principal,
  Condition,
});
const assumeAny = allow({ Action: 'sts:AssumeRole' });
const trusts: readonly Row[] = [
  [
    'no trust',
    { who: 'alice', ...assume, identity: [assumeAny], attached: [trusting({ AWS: cast.bob.arn })], options: trust },
    'implicitDeny resource',
  ],
  [
    'a user of the account, named directly',
    { who: 'alice', ...assume, attached: [trusting({ AWS: alice.arn })], options: trust },
    'allowed resource',
  ],
  [
    'by the account, with a policy',
    { who: 'alice', ...assume, identity: [assumeAny], attached: [trusting({ AWS: home })], options: trust },
    'allowed identity',
  ],
  [
    'by the account, without',
    { who: 'alice', ...assume, attached: [trusting({ AWS: home })], options: trust },
    'implicitDeny identity',
  ],
  [
    'denied by an own policy',
    {
      who: 'alice',
      ...assume,
      identity: [deny({ Action: 'sts:*' })],
      attached: [trusting({ AWS: alice.arn })],
      options: trust,
    },
    'explicitDeny identity',
  ],
  [
    'another account, with a policy',
    { who: 'stranger', ...assume, identity: [assumeAny], attached: [trusting({ AWS: away })], options: trust },
    'allowed crossAccount',
  ],
  [
    'another account, named directly, without',
    { who: 'stranger', ...assume, attached: [trusting({ AWS: cast.stranger.arn })], options: trust },
    'implicitDeny identity',
  ],
  [
    'another role',
    { who: 'session', ...assume, attached: [trusting({ AWS: session.roleArn })], options: trust },
    'allowed resource',
  ],
  [
    'a service',
    { who: 'topics', ...assume, attached: [trusting({ Service: 'sns.amazonaws.com' })], options: trust },
    'allowed resource',
  ],
  [
    'the external id that is asked for',
    {
      who: 'alice',
      ...assume,
      context: { 'sts:ExternalId': '42' },
      attached: [trusting({ AWS: alice.arn }, { StringEquals: { 'sts:ExternalId': '42' } })],
      options: trust,
    },
    'allowed resource',
  ],
  [
    'another external id',
    {
      who: 'alice',
      ...assume,
      context: { 'sts:ExternalId': '43' },
      attached: [trusting({ AWS: alice.arn }, { StringEquals: { 'sts:ExternalId': '42' } })],
      options: trust,
    },
    'implicitDeny resource',
  ],
  [
    'no external id',
    {
      who: 'alice',
      ...assume,
      attached: [trusting({ AWS: alice.arn }, { StringEquals: { 'sts:ExternalId': '42' } })],
      options: trust,
    },
    'implicitDeny resource',
  ],
  [
    'a web identity of the provider',
    {
      who: 'webIdentity',
      ...assume,
      action: 'sts:AssumeRoleWithWebIdentity',
      context: { 'idp.example.com:aud': 'app' },
      attached: [
        {
          Effect: 'Allow',
          Action: 'sts:AssumeRoleWithWebIdentity',
          Principal: { Federated: `arn:aws:iam::${home}:oidc-provider/idp.example.com` },
          Condition: { StringEquals: { 'idp.example.com:aud': 'app' } },
        },
      ],
      options: trust,
    },
    'allowed resource',
  ],
];

describe.each<[string, readonly Row[]]>([
  ['within an account either side is enough', withinAccount],
  ['boundaries intersect', boundaries],
  ['session policies intersect', sessions],
  ['across accounts both sides are needed', across],
  ['root, services and the anonymous', withoutPolicies],
  ['a key policy has to speak', keys],
  ['a trust policy has to speak', trusts],
])('%s', (_rule, rows) => {
  it.each(rows)('%s', (_what, situation, expected) => {
    expect(outcome(situation)).toBe(expected);
  });
});
