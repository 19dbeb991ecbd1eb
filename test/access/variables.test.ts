/** Policy variables: where they are read, and what they stand for. */
import { describe, expect, it } from 'vitest';
import { decide, type Principal, parsePolicy, type RequestContext } from '#access';
import { allow, cast, home, policyText, type StatementJson } from './cast.ts';

const base = `arn:aws:sqs:us-east-2:${home}:`;
const tagged: Principal = {
  ...cast.alice,
  context: { 'aws:PrincipalTag/Team': 'blue', 'aws:PrincipalTag/Odd': 'a*b' },
};

/** What one statement of a user says of a resource. */
function decided(statement: StatementJson, resource: string, context: RequestContext = {}, version?: string): string {
  const policy = parsePolicy(policyText([statement], version), 'session');
  const identity = {
    principal: tagged,
    policies: [{ name: 'all', policy: parsePolicy(policyText([allow()]), 'identity') }],
    session: [{ name: 'one', policy }],
  };
  return decide(identity, { action: 'sqs:SendMessage', resource, resourceAccountId: home, context }).effect;
}

describe('in Resource', () => {
  it.each<[string, string, boolean]>([
    [`${base}\${aws:username}`, `${base}alice`, true],
    [`${base}\${aws:username}`, `${base}bob`, false],
    [`${base}\${aws:username}-*`, `${base}alice-in`, true],
    [`${base}\${aws:username}-*`, `${base}alice`, false],
    [`${base}\${AWS:UserName}`, `${base}alice`, true],
    [`${base}\${aws:PrincipalTag/Team}/\${aws:username}`, `${base}blue/alice`, true],
    [`${base}\${aws:PrincipalTag/Team}/\${aws:username}`, `${base}red/alice`, false],
    [`arn:aws:sqs:us-east-2:\${aws:PrincipalAccount}:q`, `${base}q`, true],
    [`arn:aws:sqs:us-east-2:\${aws:ResourceAccount}:*`, `${base}q`, true],
    [`${base}\${aws:PrincipalTag/Absent}`, `${base}alice`, false],
    [`${base}\${aws:PrincipalTag/Absent}`, base, false],
    [`${base}\${aws:PrincipalTag/Absent}*`, `${base}alice`, false],
    [`${base}\${aws:PrincipalTag/Absent, 'none'}`, `${base}none`, true],
    [`${base}\${aws:PrincipalTag/Absent,'none'}`, `${base}none`, true],
    [`${base}\${aws:PrincipalTag/Absent, ''}x`, `${base}x`, true],
    [`${base}\${aws:PrincipalTag/Team, 'none'}`, `${base}blue`, true],
    [`${base}\${aws:PrincipalTag/Team, 'none'}`, `${base}none`, false],
    // What a variable says is text, whatever is in it.
    [`${base}\${aws:PrincipalTag/Odd}`, `${base}a*b`, true],
    [`${base}\${aws:PrincipalTag/Odd}`, `${base}axb`, false],
    [`${base}\${aws:PrincipalTag/Absent, '*'}`, `${base}anything`, false],
    // Characters that would be wildcards.
    [`${base}a\${*}`, `${base}a*`, true],
    [`${base}a\${*}`, `${base}ab`, false],
    [`${base}a\${?}`, `${base}a?`, true],
    [`${base}a\${?}`, `${base}ab`, false],
    [`${base}a\${$}b`, `${base}a$b`, true],
    [`${base}\${*}\${?}*`, `${base}*?z`, true],
    // What is no variable stays as it is.
    [`${base}\${}`, `${base}\${}`, true],
    [`${base}\${aws:username`, `${base}\${aws:username`, true],
    [`${base}$aws:username`, `${base}$aws:username`, true],
    [`${base}{aws:username}`, `${base}alice`, false],
  ])('%s, asked for %s: %s', (Resource, resource, matches) => {
    expect(decided(allow({ Resource }), resource)).toBe(matches ? 'allowed' : 'implicitDeny');
  });

  it('are plain text in a policy of the older version', () => {
    const statement = allow({ Resource: `${base}\${aws:username}` });
    expect(decided(statement, `${base}alice`, {}, '2008-10-17')).toBe('implicitDeny');
    expect(decided(statement, `${base}\${aws:username}`, {}, '2008-10-17')).toBe('allowed');
  });

  it('without a value make an exception that nobody can tell: an Allow grants nothing, a Deny spares nothing', () => {
    const NotResource = `${base}\${aws:PrincipalTag/Absent}`;
    expect(decided(allow({ NotResource }), `${base}q`)).toBe('implicitDeny');
    expect(decided({ ...allow({ NotResource }), Effect: 'Deny' }, `${base}q`)).toBe('explicitDeny');
    expect(decided(allow({ NotResource: `${base}\${aws:username}` }), `${base}q`)).toBe('allowed');
  });

  it('can not be a key of several values', () => {
    const statement = allow({ Resource: `${base}\${aws:TagKeys}` });
    expect(decided(statement, `${base}a`, { 'aws:TagKeys': ['a'] })).toBe('implicitDeny');
  });
});

describe('in conditions', () => {
  it.each<[string, string, string, boolean]>([
    ['StringEquals', `\${aws:username}`, 'alice', true],
    ['StringEquals', `\${aws:username}`, 'bob', false],
    ['StringEquals', `\${aws:PrincipalTag/Absent}`, 'bob', false],
    ['StringEquals', `\${aws:PrincipalTag/Absent, 'bob'}`, 'bob', true],
    ['StringNotEquals', `\${aws:username}`, 'alice', false],
    ['StringNotEquals', `\${aws:PrincipalTag/Absent}`, 'alice', true],
    ['StringEqualsIgnoreCase', `\${aws:username}`, 'ALICE', true],
    ['StringLike', `\${aws:username}/*`, 'alice/x', true],
    ['StringLike', `\${aws:username}/*`, 'bob/x', false],
    ['StringLike', `\${aws:PrincipalTag/Odd}`, 'a*b', true],
    ['StringLike', `\${aws:PrincipalTag/Odd}`, 'axb', false],
    ['StringLike', `\${*}`, 'x', false],
    ['StringNotLike', `\${aws:username}*`, 'alice2', false],
    ['ArnLike', `arn:aws:sns:*:\${aws:PrincipalAccount}:*`, `arn:aws:sns:eu-west-1:${home}:news`, true],
    ['ArnLike', `arn:aws:sns:*:\${aws:PrincipalAccount}:*`, 'arn:aws:sns:eu-west-1:444455556666:news', false],
    ['ArnEquals', `arn:aws:sns:*:*:\${aws:username}`, `arn:aws:sns:eu-west-1:${home}:alice`, true],
    ['ArnNotEquals', `arn:aws:sns:*:*:\${aws:username}`, `arn:aws:sns:eu-west-1:${home}:alice`, false],
    // Numbers, dates, booleans and addresses have none.
    ['NumericEquals', `\${test:Number}`, '5', false],
    ['Bool', `\${test:Truth}`, 'true', false],
    ['IpAddress', `\${test:Address}`, '10.0.0.1', false],
  ])('%s %s of %s: %s', (operator, wanted, actual, holds) => {
    const context = { 'test:Key': actual, 'test:Number': '5', 'test:Truth': 'true', 'test:Address': '10.0.0.1' };
    const statement = allow({ Condition: { [operator]: { 'test:Key': wanted } } });
    expect(decided(statement, `${base}q`, context)).toBe(holds ? 'allowed' : 'implicitDeny');
  });
});

describe('elsewhere', () => {
  it('an action has none', () => {
    const statement = allow({ Action: `sqs:\${Verb}` });
    expect(decided(statement, `${base}q`, { Verb: 'SendMessage' })).toBe('implicitDeny');
  });

  it('a policy knows which keys it asks for', () => {
    const { contextKeys } = parsePolicy(
      policyText([
        allow({ Resource: `${base}\${aws:username}`, Condition: { StringLike: { 'aws:SourceArn': `\${test:X}` } } }),
        allow({ Condition: { Null: { 'AWS:sourcearn': 'true' } } }),
      ]),
      'identity',
    );
    expect(contextKeys).toEqual(['aws:username', 'aws:SourceArn', 'test:X']);
  });
});
