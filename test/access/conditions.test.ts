/** When a condition holds: operators, sets of values, keys that are missing, variables. */
import { describe, expect, it } from 'vitest';
import type { RequestContext } from '#access';
import { allow, deny, outcome, type StatementJson } from './cast.ts';

type Actual = string | readonly string[] | undefined;
type Row = readonly [operator: string, wanted: unknown, actual: Actual, holds: boolean];

const topic = 'arn:aws:sns:eu-west-1:111122223333:news';

const rules: Readonly<Record<string, readonly Row[]>> = {
  'StringEquals: the same text, in the same case': [
    ['StringEquals', 'a', 'a', true],
    ['StringEquals', 'a', 'A', false],
    ['StringEquals', 'a', 'ab', false],
    ['StringEquals', 'a*', 'a*', true],
    ['StringEquals', 'a*', 'ab', false],
    ['StringEquals', '', '', true],
    ['StringEquals', ['a', 'b'], 'b', true],
    ['StringEquals', ['a', 'b'], 'c', false],
    ['StringEquals', [], 'a', false],
    ['StringEquals', 'a', undefined, false],
    ['StringEquals', 1, '1', true],
    ['StringEquals', true, 'true', true],
  ],
  'StringNotEquals: none of the texts; holds without the key': [
    ['StringNotEquals', 'a', 'a', false],
    ['StringNotEquals', 'a', 'A', true],
    ['StringNotEquals', 'a', 'b', true],
    ['StringNotEquals', ['a', 'b'], 'b', false],
    ['StringNotEquals', ['a', 'b'], 'c', true],
    ['StringNotEquals', [], 'a', true],
    ['StringNotEquals', 'a', undefined, true],
  ],
  'StringEqualsIgnoreCase and its negation': [
    ['StringEqualsIgnoreCase', 'Admin', 'aDMIN', true],
    ['StringEqualsIgnoreCase', 'Admin', 'Admins', false],
    ['StringEqualsIgnoreCase', ['x', 'Y'], 'y', true],
    ['StringEqualsIgnoreCase', 'x', undefined, false],
    ['StringNotEqualsIgnoreCase', 'Admin', 'aDMIN', false],
    ['StringNotEqualsIgnoreCase', 'Admin', 'user', true],
    ['StringNotEqualsIgnoreCase', 'Admin', undefined, true],
  ],
  'StringLike: with wildcards, in the same case': [
    ['StringLike', 'ab*', 'abc', true],
    ['StringLike', 'ab*', 'ab', true],
    ['StringLike', 'ab*', 'Abc', false],
    ['StringLike', 'a?c', 'abc', true],
    ['StringLike', 'a?c', 'ac', false],
    ['StringLike', '*', '', true],
    ['StringLike', '*', 'a:b/c', true],
    ['StringLike', '*:*', 'a:b', true],
    ['StringLike', '*b*d', 'abcd', true],
    ['StringLike', '*b*d', 'abcde', false],
    ['StringLike', ['x*', '*y'], 'ay', true],
    ['StringLike', ['x*', '*y'], 'a', false],
    ['StringLike', 'a.c', 'abc', false],
    ['StringLike', '*', undefined, false],
    ['StringNotLike', 'ab*', 'abc', false],
    ['StringNotLike', 'ab*', 'xabc', true],
    ['StringNotLike', ['a*', 'b*'], 'bc', false],
    ['StringNotLike', ['a*', 'b*'], 'c', true],
    ['StringNotLike', '*', undefined, true],
  ],
  'Numeric: integers and decimals': [
    ['NumericEquals', '10', '10', true],
    ['NumericEquals', '10', '10.0', true],
    ['NumericEquals', '10', '11', false],
    ['NumericEquals', 10, '10', true],
    ['NumericEquals', ['1', '2'], '2', true],
    ['NumericEquals', '-1.5', '-1.50', true],
    ['NumericEquals', '10', 'ten', false],
    ['NumericEquals', 'ten', 'ten', false],
    ['NumericEquals', '10', '', false],
    ['NumericEquals', '0x10', '16', false],
    ['NumericEquals', '10', undefined, false],
    ['NumericNotEquals', '10', '10', false],
    ['NumericNotEquals', '10', '11', true],
    ['NumericNotEquals', ['1', '2'], '2', false],
    ['NumericNotEquals', '10', undefined, true],
    ['NumericLessThan', '10', '9', true],
    ['NumericLessThan', '10', '10', false],
    ['NumericLessThan', ['5', '10'], '9', true],
    ['NumericLessThan', '10', 'nine', false],
    ['NumericLessThan', '10', undefined, false],
    ['NumericLessThanEquals', '10', '10', true],
    ['NumericLessThanEquals', '10', '10.01', false],
    ['NumericGreaterThan', '10', '10.01', true],
    ['NumericGreaterThan', '10', '10', false],
    ['NumericGreaterThan', '9', '10', true],
    ['NumericGreaterThanEquals', '10', '10', true],
    ['NumericGreaterThanEquals', '10', '9.99', false],
    ['NumericGreaterThanEquals', '-5', '-4', true],
  ],
  'Date: ISO 8601 or seconds since 1970': [
    ['DateEquals', '2024-06-30T12:00:00Z', '2024-06-30T12:00:00Z', true],
    ['DateEquals', '2024-06-30T12:00:00Z', '2024-06-30T14:00:00+02:00', true],
    ['DateEquals', '2024-06-30T12:00:00Z', '2024-06-30T07:00:00-05:00', true],
    ['DateEquals', '2024-06-30T12:00:00Z', '1719748800', true],
    ['DateEquals', '2024-06-30', '2024-06-30T00:00:00Z', true],
    ['DateEquals', '2024-06-30T12:00Z', '2024-06-30T12:00:00.000Z', true],
    ['DateEquals', '2024-06-30T12:00:00Z', '2024-06-30T12:00:01Z', false],
    ['DateEquals', '2024-06-30T12:00:00Z', 'noon', false],
    ['DateEquals', '2024-06-30T12:00:00Z', undefined, false],
    ['DateNotEquals', '2024-06-30T12:00:00Z', '2024-06-30T12:00:01Z', true],
    ['DateNotEquals', '2024-06-30T12:00:00Z', '1719748800', false],
    ['DateNotEquals', '2024-06-30T12:00:00Z', undefined, true],
    ['DateLessThan', '2024-06-30T12:00:00Z', '2024-06-30T11:59:59Z', true],
    ['DateLessThan', '2024-06-30T12:00:00Z', '2024-06-30T12:00:00Z', false],
    ['DateLessThan', '2024-06-30T12:00:00Z', '1719748799', true],
    ['DateLessThanEquals', '2024-06-30T12:00:00Z', '2024-06-30T12:00:00Z', true],
    ['DateLessThanEquals', '2024-06-30T12:00:00Z', '2024-06-30T12:00:00.001Z', false],
    ['DateGreaterThan', '2024-06-30T12:00:00Z', '2024-07-01T00:00:00Z', true],
    ['DateGreaterThan', '2024-06-30T12:00:00Z', '2024-06-30T12:00:00Z', false],
    ['DateGreaterThan', '1719748800', '2024-06-30T12:00:01Z', true],
    ['DateGreaterThanEquals', '2024-06-30T12:00:00Z', '2024-06-30T12:00:00Z', true],
    ['DateGreaterThanEquals', '2024-06-30T12:00:00Z', '2023-06-30T12:00:00Z', false],
    ['DateGreaterThan', '2024-06-30T12:00:00Z', undefined, false],
  ],
  'Bool: true or false': [
    ['Bool', 'true', 'true', true],
    ['Bool', 'true', 'false', false],
    ['Bool', 'false', 'false', true],
    ['Bool', true, 'true', true],
    ['Bool', false, 'true', false],
    ['Bool', 'True', 'true', true],
    ['Bool', ['true', 'false'], 'false', true],
    ['Bool', 'yes', 'yes', false],
    ['Bool', 'true', '1', false],
    ['Bool', 'false', undefined, false],
    ['Bool', 'true', undefined, false],
  ],
  'BinaryEquals: the bytes behind Base64': [
    ['BinaryEquals', 'QmluYXJ5', 'QmluYXJ5', true],
    ['BinaryEquals', 'YQ==', 'YQ', true],
    ['BinaryEquals', 'YQ==', 'Yg==', false],
    ['BinaryEquals', 'YQ==', 'yq==', false],
    ['BinaryEquals', 'a b', 'a b', false],
    ['BinaryEquals', 'YQ==', undefined, false],
  ],
  'IpAddress: addresses and networks of both families': [
    ['IpAddress', '203.0.113.0/24', '203.0.113.7', true],
    ['IpAddress', '203.0.113.0/24', '203.0.114.7', false],
    ['IpAddress', '203.0.113.7', '203.0.113.7', true],
    ['IpAddress', '203.0.113.7', '203.0.113.8', false],
    ['IpAddress', '203.0.113.7/32', '203.0.113.7', true],
    ['IpAddress', '203.0.113.99/24', '203.0.113.7', true],
    ['IpAddress', '10.0.0.0/8', '10.255.255.255', true],
    ['IpAddress', '10.0.0.0/8', '11.0.0.0', false],
    ['IpAddress', '192.0.2.128/25', '192.0.2.127', false],
    ['IpAddress', '192.0.2.128/25', '192.0.2.128', true],
    ['IpAddress', '0.0.0.0/0', '198.51.100.1', true],
    ['IpAddress', '0.0.0.0/0', '2001:db8::1', false],
    ['IpAddress', ['10.0.0.0/8', '203.0.113.0/24'], '203.0.113.7', true],
    ['IpAddress', '2001:db8:1234:5678::/64', '2001:db8:1234:5678::99', true],
    ['IpAddress', '2001:db8:1234:5678::/64', '2001:0db8:1234:5678:ffff:0:0:1', true],
    ['IpAddress', '2001:db8:1234:5678::/64', '2001:db8:1234:5679::99', false],
    ['IpAddress', '::/0', '2001:db8::1', true],
    ['IpAddress', '::/0', '198.51.100.1', false],
    ['IpAddress', '::ffff:203.0.113.0/90', '203.0.113.7', false],
    ['IpAddress', '2001:db8::1', '2001:DB8:0:0:0:0:0:1', true],
    ['IpAddress', '203.0.113.0/24', '::ffff:203.0.113.7', true],
    ['IpAddress', '::ffff:203.0.113.0/120', '203.0.113.7', true],
    ['IpAddress', '::ffff:203.0.113.0/120', '203.0.114.7', false],
    ['IpAddress', '203.0.113.0/33', '203.0.113.7', false],
    ['IpAddress', '203.0.113.0/', '203.0.113.0', false],
    ['IpAddress', '203.0.113', '203.0.113.0', false],
    ['IpAddress', '203.0.113.0/24', 'sns.amazonaws.com', false],
    ['IpAddress', '203.0.113.0/24', undefined, false],
    ['NotIpAddress', '203.0.113.0/24', '203.0.113.7', false],
    ['NotIpAddress', '203.0.113.0/24', '203.0.114.7', true],
    ['NotIpAddress', ['10.0.0.0/8', '203.0.113.0/24'], '203.0.113.7', false],
    ['NotIpAddress', '203.0.113.0/24', '2001:db8::1', true],
    ['NotIpAddress', '203.0.113.0/24', 'sns.amazonaws.com', true],
    ['NotIpAddress', '203.0.113.0/24', undefined, true],
  ],
  'ArnEquals and ArnLike: the six parts, one by one, both with wildcards': [
    ['ArnEquals', topic, topic, true],
    ['ArnEquals', topic, `${topic}2`, false],
    ['ArnEquals', 'arn:aws:sns:*:111122223333:news', topic, true],
    ['ArnEquals', topic.toUpperCase(), topic, false],
    ['ArnLike', topic, topic, true],
    ['ArnLike', 'arn:aws:sns:*:*:*', topic, true],
    ['ArnLike', 'arn:aws:sns:*:444455556666:*', topic, false],
    ['ArnLike', 'arn:aws:sns:eu-west-?:111122223333:n*', topic, true],
    ['ArnLike', 'arn:aws:sqs:*:*:*', topic, false],
    ['ArnLike', 'arn:aws:sns:*:news', topic, false],
    ['ArnLike', 'arn:aws:s*:*:*:news', topic, true],
    ['ArnLike', 'arn:aws:sns:*', topic, true],
    ['ArnLike', '*', topic, true],
    ['ArnLike', '*', 'news', false],
    ['ArnLike', 'arn:aws:sns:*:*:news:*', `${topic}:0af1`, true],
    ['ArnLike', 'arn:aws:sns:*:*:news*', `${topic}:0af1`, true],
    ['ArnLike', ['arn:aws:sqs:*:*:*', 'arn:aws:sns:*:*:*'], topic, true],
    ['ArnLike', 'arn:aws:sns:*:*:*', 'arn:aws:sns:eu-west-1:111122223333', false],
    ['ArnLike', topic, undefined, false],
    ['ArnNotEquals', topic, topic, false],
    ['ArnNotEquals', topic, `${topic}2`, true],
    ['ArnNotEquals', topic, undefined, true],
    ['ArnNotLike', 'arn:aws:sns:*:*:*', topic, false],
    ['ArnNotLike', ['arn:aws:sqs:*:*:*', 'arn:aws:sns:*:*:other'], topic, true],
    ['ArnNotLike', 'arn:aws:sns:*:*:*', 'no arn', true],
    ['ArnNotLike', 'arn:aws:sns:*:*:*', undefined, true],
  ],
  'Null: whether the key is there': [
    ['Null', 'true', undefined, true],
    ['Null', 'true', 'x', false],
    ['Null', 'false', 'x', true],
    ['Null', 'false', undefined, false],
    ['Null', true, undefined, true],
    ['Null', false, 'x', true],
    ['Null', ['true', 'false'], 'x', true],
    ['Null', 'true', [], true],
    ['Null', 'false', ['x'], true],
    ['Null', 'true', '', false],
  ],
  'IfExists: holds without the key, otherwise as without the suffix': [
    ['StringEqualsIfExists', 'a', undefined, true],
    ['StringEqualsIfExists', 'a', 'a', true],
    ['StringEqualsIfExists', 'a', 'b', false],
    ['StringNotEqualsIfExists', 'a', undefined, true],
    ['StringNotEqualsIfExists', 'a', 'a', false],
    ['StringLikeIfExists', 'a*', undefined, true],
    ['StringLikeIfExists', 'a*', 'b', false],
    ['NumericLessThanIfExists', '5', undefined, true],
    ['NumericLessThanIfExists', '5', '6', false],
    ['DateLessThanIfExists', '2024-01-01', undefined, true],
    ['DateLessThanIfExists', '2024-01-01', '2025-01-01', false],
    ['BoolIfExists', 'true', undefined, true],
    ['BoolIfExists', 'true', 'false', false],
    ['BinaryEqualsIfExists', 'YQ==', undefined, true],
    ['IpAddressIfExists', '10.0.0.0/8', undefined, true],
    ['IpAddressIfExists', '10.0.0.0/8', '11.0.0.1', false],
    ['NotIpAddressIfExists', '10.0.0.0/8', '10.0.0.1', false],
    ['ArnLikeIfExists', 'arn:aws:sns:*:*:*', undefined, true],
    ['ArnNotLikeIfExists', 'arn:aws:sns:*:*:*', topic, false],
  ],
  'ForAllValues: each value of the request; holds without any': [
    ['ForAllValues:StringEquals', ['a', 'b'], ['a'], true],
    ['ForAllValues:StringEquals', ['a', 'b'], ['a', 'b'], true],
    ['ForAllValues:StringEquals', ['a', 'b'], ['a', 'c'], false],
    ['ForAllValues:StringEquals', ['a', 'b'], [], true],
    ['ForAllValues:StringEquals', ['a', 'b'], undefined, true],
    ['ForAllValues:StringEquals', ['a', 'b'], 'a', true],
    ['ForAllValues:StringEquals', ['a', 'b'], 'c', false],
    ['ForAllValues:StringEquals', ['a', 'b'], [''], true],
    ['ForAllValues:StringEquals', ['a'], ['', 'a'], false],
    ['ForAllValues:StringEquals', ['', 'a'], ['', 'a'], true],
    ['ForAllValues:StringEquals', [], ['a'], false],
    ['ForAllValues:StringNotEquals', ['a', 'b'], ['c', 'd'], true],
    ['ForAllValues:StringNotEquals', ['a', 'b'], ['c', 'a'], false],
    ['ForAllValues:StringNotEquals', ['a', 'b'], undefined, true],
    ['ForAllValues:StringLike', ['a*'], ['ab', 'ac'], true],
    ['ForAllValues:StringLike', ['a*'], ['ab', 'b'], false],
    ['ForAllValues:StringEqualsIgnoreCase', ['A'], ['a', 'A'], true],
    ['ForAllValues:NumericLessThan', '5', ['1', '4'], true],
    ['ForAllValues:NumericLessThan', '5', ['1', '5'], false],
    ['ForAllValues:ArnLike', 'arn:aws:sns:*:*:*', [topic], true],
    ['ForAllValues:StringEqualsIfExists', 'a', undefined, true],
    ['ForAllValues:StringEqualsIfExists', 'a', ['b'], false],
  ],
  'ForAnyValue: one value of the request; never without any': [
    ['ForAnyValue:StringEquals', ['a', 'b'], ['a', 'c'], true],
    ['ForAnyValue:StringEquals', ['a', 'b'], ['c', 'd'], false],
    ['ForAnyValue:StringEquals', ['a', 'b'], [], false],
    ['ForAnyValue:StringEquals', ['a', 'b'], undefined, false],
    ['ForAnyValue:StringEquals', ['a', 'b'], 'b', true],
    ['ForAnyValue:StringEquals', ['a', 'b'], ['', 'b'], true],
    ['ForAnyValue:StringEquals', [''], [''], false],
    ['ForAnyValue:StringNotEquals', ['a', 'b'], ['a', 'c'], true],
    ['ForAnyValue:StringNotEquals', ['a', 'b'], ['a', 'b'], false],
    ['ForAnyValue:StringNotEquals', ['a', 'b'], undefined, false],
    ['ForAnyValue:StringLike', ['a*'], ['x', 'ab'], true],
    ['ForAnyValue:StringNotLike', ['a*'], ['aa', 'ab'], false],
    ['ForAnyValue:IpAddress', '10.0.0.0/8', ['11.0.0.1', '10.0.0.1'], true],
    ['ForAnyValue:Bool', 'true', ['false', 'true'], true],
    ['ForAnyValue:StringEqualsIfExists', 'a', undefined, true],
    ['ForAnyValue:StringEqualsIfExists', 'a', ['b'], false],
  ],
  'without a quantifier a set is equal if one value is, unequal if none is': [
    ['StringEquals', 'a', ['a', 'b'], true],
    ['StringEquals', 'a', ['b'], false],
    ['StringEquals', 'a', [], false],
    ['StringNotEquals', 'a', ['a', 'b'], false],
    ['StringNotEquals', 'a', ['b', 'c'], true],
    ['StringNotEquals', 'a', [], true],
  ],
};

function contextOf(actual: Actual): RequestContext {
  return actual === undefined ? {} : { 'test:Key': actual };
}

function decided(Condition: StatementJson, context: RequestContext): string {
  const allowed = outcome({ who: 'alice', context, identity: [allow({ Condition })] });
  const denied = outcome({ who: 'alice', context, identity: [allow(), deny({ Condition })] });
  // A Deny applies exactly when an Allow with the same condition would.
  expect(denied).toBe(allowed === 'allowed identity' ? 'explicitDeny identity' : 'allowed identity');
  return allowed;
}

function said(holds: boolean): string {
  return holds ? 'allowed identity' : 'implicitDeny none';
}

for (const [rule, rows] of Object.entries(rules)) {
  describe(rule, () => {
    it.each(rows)('%s %j of %j: %s', (operator, wanted, actual, holds) => {
      expect(decided({ [operator]: { 'test:Key': wanted } }, contextOf(actual))).toBe(said(holds));
    });
  });
}

type Blocks = Readonly<Record<string, Readonly<Record<string, unknown>>>>;

describe('several keys, several operators: all have to hold', () => {
  const context = { 'test:a': '1', 'test:b': '2' };
  it.each<[Blocks, boolean]>([
    [{ StringEquals: { 'test:a': '1', 'test:b': '2' } }, true],
    [{ StringEquals: { 'test:a': '1', 'test:b': '3' } }, false],
    [{ StringEquals: { 'test:a': '3', 'test:b': '2' } }, false],
    [{ StringEquals: { 'test:a': '1' }, NumericLessThan: { 'test:b': '3' } }, true],
    [{ StringEquals: { 'test:a': '1' }, NumericLessThan: { 'test:b': '2' } }, false],
    [{ StringEquals: { 'test:a': ['0', '1'] }, StringNotEquals: { 'test:a': ['2', '3'] } }, true],
    [{ StringEquals: { 'test:a': ['0', '1'] }, StringNotEquals: { 'test:a': ['1', '3'] } }, false],
    [{ StringEquals: { 'test:a': '1' }, Null: { 'test:c': 'true' } }, true],
    [{ StringEquals: { 'test:a': '1' }, Null: { 'test:b': 'true' } }, false],
    [{}, true],
    [{ StringEquals: {} }, true],
  ])('%j: %s', (condition, holds) => {
    expect(decided(condition, context)).toBe(said(holds));
  });
});

describe('names of keys are compared without regard to case', () => {
  it.each<[string, string, boolean]>([
    ['aws:SourceArn', 'AWS:sourcearn', true],
    ['AWS:SOURCEARN', 'aws:SourceArn', true],
    ['aws:PrincipalTag/Team', 'aws:principaltag/team', true],
    ['aws:SourceArn', 'aws:SourceAccount', false],
    ['constructor', 'aws:SourceArn', false],
    ['__proto__', 'aws:SourceArn', false],
  ])('%s asked for, %s given: %s', (asked, given, holds) => {
    const Condition = JSON.parse(`{"StringEquals":{${JSON.stringify(asked)}:"x"}}`);
    expect(decided(Condition, { [given]: 'x' })).toBe(said(holds));
  });
});

describe('keys that follow from who asks', () => {
  it.each<[string, 'alice' | 'session' | 'federated', string, string]>([
    ['the ARN of a user', 'alice', 'aws:PrincipalArn', 'arn:aws:iam::111122223333:user/staff/alice'],
    ['of a session the ARN of its role', 'session', 'aws:PrincipalArn', 'arn:aws:iam::111122223333:role/jobs/worker'],
    ['of a federated user its own', 'federated', 'aws:PrincipalArn', 'arn:aws:sts::111122223333:federated-user/fay'],
    ['the account', 'alice', 'aws:PrincipalAccount', '111122223333'],
    ['the type: User', 'alice', 'aws:PrincipalType', 'User'],
    ['the type: AssumedRole', 'session', 'aws:PrincipalType', 'AssumedRole'],
    ['the type: FederatedUser', 'federated', 'aws:PrincipalType', 'FederatedUser'],
    ['the name without its path', 'alice', 'aws:username', 'alice'],
    ['the unique id', 'alice', 'aws:userid', 'AIDAALICEALICEALICEA'],
    ['role id and session', 'session', 'aws:userid', 'AROAWORKERWORKERWORK:s1'],
    ['no service', 'alice', 'aws:PrincipalIsAWSService', 'false'],
    ['whose resource it is', 'alice', 'aws:ResourceAccount', '111122223333'],
  ])('%s (%s, %s)', (_what, who, key, value) => {
    const session = who === 'federated' ? [allow()] : undefined;
    const ask = (wanted: string): string =>
      outcome({
        who,
        identity: [allow({ Condition: { StringEquals: { [key]: wanted } } })],
        ...(session && { session }),
      });
    expect(ask(value)).toBe('allowed identity');
    expect(ask(`${value}x`)).toBe('implicitDeny none');
  });

  it.each<['topics' | 'anonymous', StatementJson]>([
    ['topics', { Null: { 'aws:PrincipalArn': 'true', 'aws:PrincipalAccount': 'true', 'aws:PrincipalType': 'true' } }],
    ['topics', { Bool: { 'aws:PrincipalIsAWSService': 'true' } }],
    ['topics', { StringEquals: { 'aws:PrincipalServiceName': 'sns.amazonaws.com' } }],
    ['anonymous', { Null: { 'aws:PrincipalArn': 'true', 'aws:PrincipalAccount': 'true', 'aws:username': 'true' } }],
    ['anonymous', { Bool: { 'aws:PrincipalIsAWSService': 'false' } }],
    ['anonymous', { StringEquals: { 'aws:PrincipalType': 'Anonymous', 'aws:userid': 'anonymous' } }],
  ])('%s: %j', (who, Condition) => {
    expect(outcome({ who, attached: [allow({ Principal: '*', Condition })] })).toBe('allowed resource');
  });

  it('a session has no user name', () => {
    const identity = [allow({ Condition: { Null: { 'aws:username': 'true' } } })];
    expect(outcome({ who: 'session', identity })).toBe('allowed identity');
  });
});
