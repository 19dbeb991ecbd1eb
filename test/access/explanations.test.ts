/** What a decision tells: the statements behind it, and the text of a refusal. */
import { describe, expect, it } from 'vitest';
import { accessDeniedMessage } from '#access';
import { allow, away, cast, decideOn, deny, home, queue, requestOf, type Situation } from './cast.ts';

const { alice } = cast;
const send = allow({ Action: 'sqs:SendMessage' });
const receive = allow({ Action: 'sqs:ReceiveMessage' });
const denySend = deny({ Action: 'sqs:SendMessage' });
const toAlice = allow({ Principal: { AWS: alice.arn } });
const toAway = allow({ Principal: { AWS: away } });
const denyAll = deny({ Principal: '*' });
const trust = { rule: 'trust' } as const;
const assume = { action: 'sts:AssumeRole', resource: `arn:aws:iam::${home}:role/jobs/worker` };
const trusting = (Principal: unknown) => ({ Effect: 'Allow', Action: 'sts:AssumeRole', Principal });

describe('a decision names the statements', () => {
  it('that allow it', () => {
    const situation: Situation = {
      who: 'stranger',
      identity: [receive, { Sid: 'MaySend', ...send }],
      attached: [{ Sid: 'Open to away', ...toAway }],
    };
    expect(decideOn(situation).statements).toEqual([
      { policy: 'inline:own', statement: 'MaySend', effect: 'Allow' },
      { policy: 'resource', statement: 'Open to away', effect: 'Allow' },
    ]);
  });

  it('that deny it, and no others', () => {
    const situation: Situation = { who: 'alice', identity: [send, denySend], attached: [toAlice, denyAll] };
    expect(decideOn(situation).statements).toEqual([
      { policy: 'inline:own', statement: '1', effect: 'Deny' },
      { policy: 'resource', statement: '1', effect: 'Deny' },
    ]);
  });

  it('that spoke for it in vain', () => {
    const situation: Situation = { who: 'alice', identity: [send], boundary: [receive] };
    expect(decideOn(situation).statements).toEqual([{ policy: 'inline:own', statement: '0', effect: 'Allow' }]);
  });
});

describe('a refusal says why', () => {
  const because = (name: string): string => `because no ${name} allows the sqs:SendMessage action`;
  it.each<[string, Situation, string]>([
    ['nothing', { who: 'alice' }, because('identity-based policy')],
    ['the resource', { who: 'stranger', identity: [send] }, because('resource-based policy')],
    ['the boundary', { who: 'alice', identity: [send], boundary: [receive] }, because('permissions boundary')],
    ['the session policy', { who: 'session', identity: [send], session: [receive] }, because('session policy')],
    [
      'the account',
      { who: 'stranger', identity: [send], options: { neverCrossAccount: true } },
      because('resource-based policy'),
    ],
    [
      'an identity policy denies',
      { who: 'alice', identity: [denySend] },
      'with an explicit deny in an identity-based policy',
    ],
    ['the resource denies', { who: 'alice', attached: [denyAll] }, 'with an explicit deny in a resource-based policy'],
    ['the boundary denies', { who: 'alice', boundary: [deny()] }, 'with an explicit deny in a permissions boundary'],
    ['the session policy denies', { who: 'session', session: [deny()] }, 'with an explicit deny in a session policy'],
  ])('%s', (_what, situation, reason) => {
    const request = requestOf(situation);
    const { who } = situation;
    const principal = typeof who === 'string' ? cast[who] : who;
    const start = `User: ${principal.arn} is not authorized to perform: sqs:SendMessage on resource: ${queue}`;
    expect(accessDeniedMessage(decideOn(situation), request, principal)).toBe(`${start} ${reason}`);
  });

  it('by the trust policy', () => {
    const situation: Situation = {
      who: 'alice',
      ...assume,
      attached: [trusting({ AWS: cast.bob.arn })],
      options: trust,
    };
    expect(accessDeniedMessage(decideOn(situation), requestOf(situation), alice, 'trust')).toBe(
      `User: ${alice.arn} is not authorized to perform: sts:AssumeRole on resource: ${assume.resource} because no role trust policy allows the sts:AssumeRole action`,
    );
    const denied: Situation = { ...situation, attached: [{ ...trusting('*'), Effect: 'Deny' }] };
    expect(accessDeniedMessage(decideOn(denied), requestOf(denied), alice, 'trust')).toMatch(
      / with an explicit deny in the role trust policy$/,
    );
  });

  it('to the anonymous', () => {
    const text = accessDeniedMessage(decideOn({ who: 'anonymous' }), requestOf({ who: 'anonymous' }), cast.anonymous);
    expect(text).toMatch(/^User: anonymous is not authorized to perform: sqs:SendMessage on resource: /);
  });
});
