/** The evaluator against the plain reading of the rules, on random policies and requests. */
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { type DecideOptions, decide, type NamedPolicy, type PolicyKind, parsePolicy } from '#access';
import { away, cast, home } from './cast.ts';
import { type ReferencePolicy, type ReferenceQuestion, referenceDecide } from './reference.ts';

const runs = Number(process.env.POSTHORN_FUZZ_INPUTS ?? 10_000);

const actions = ['sqs:SendMessage', 'SQS:ReceiveMessage', 'sns:Publish', 'sqs:DeleteQueue'];
const actionPatterns = ['*', 'sqs:*', 'SQS:Send*', 'sqs:?e*Message', 'sns:Publish', 'sqs:DeleteQueue', 'kms:*'];
const resources = [
  '*',
  `arn:aws:sqs:eu-west-1:${home}:q`,
  `arn:aws:sqs:us-east-2:${away}:alice`,
  `arn:aws:sns:eu-west-1:${home}:a:b`,
];
const resourcePatterns = [
  ...resources,
  'arn:aws:sqs:*:*:*',
  `arn:aws:sqs:eu*1:${home}:?`,
  `arn:aws:sqs:*:\${aws:PrincipalAccount}:q`,
  `arn:aws:sqs:us-east-2:${away}:\${aws:username}`,
  `arn:aws:sqs:us-east-2:${away}:\${test:none, 'alice'}`,
  `arn:aws:sns:*:*:\${test:s}*`,
  'arn:aws:sns:*:1*:b',
  'arn:aws:sns:e*:*:a*',
  `arn:aws:sns:eu-west-1:${home}:\${test:none}*`,
];
const texts = ['a', 'A', 'ab', 'b', '', 'a:b', '*', '5', 'true'];
const wantedByType: Readonly<Record<string, readonly string[]>> = {
  String: ['a', 'a*', '?b', '*', `\${test:s}`, `\${test:none}`, `\${test:none, 'b'}`, `\${*}`, `\${aws:username}`],
  Numeric: ['1', '5', '5.0', '-3', '10'],
  Date: ['2024-01-01T00:00:00Z', '1704067200', '2025-06-01T12:00:00Z'],
  Bool: ['true', 'false'],
  Binary: ['YQ==', 'Yg=='],
  Ip: ['10.0.0.0/8', '10.1.2.3', '2001:db8::/32', '0.0.0.0/0', '192.168.0.0/17'],
  Arn: [
    `arn:aws:sns:*:${home}:*`,
    `arn:aws:sns:eu-west-1:${home}:t`,
    `arn:aws:s*:*:\${aws:PrincipalAccount}:?`,
    'arn:aws:sqs:*:*:*',
  ],
};
const actualByType: Readonly<Record<string, readonly string[]>> = {
  String: texts,
  Numeric: ['1', '5', '7.5', '-3', 'x', ''],
  Date: ['2024-01-01T00:00:00Z', '2024-01-01T01:00:00+01:00', '1704067201', '2030-01-01T00:00:00Z'],
  Bool: ['true', 'false'],
  Binary: ['YQ==', 'Yg==', 'YWI='],
  Ip: ['10.1.2.3', '11.0.0.1', '2001:db8::7', '192.168.127.255', '192.168.128.0'],
  Arn: [`arn:aws:sns:eu-west-1:${home}:t`, `arn:aws:sqs:eu-west-1:${home}:t:u`, 'no arn', 'arn:aws:sns'],
};
const operators: Readonly<Record<string, readonly string[]>> = {
  String: ['Equals', 'NotEquals', 'EqualsIgnoreCase', 'NotEqualsIgnoreCase', 'Like', 'NotLike'],
  Numeric: ['Equals', 'NotEquals', 'LessThan', 'LessThanEquals', 'GreaterThan', 'GreaterThanEquals'],
  Date: ['Equals', 'NotEquals', 'LessThan', 'LessThanEquals', 'GreaterThan', 'GreaterThanEquals'],
  Arn: ['Equals', 'NotEquals', 'Like', 'NotLike'],
};
const fullNames: Readonly<Record<string, readonly string[]>> = {
  Bool: ['Bool'],
  Binary: ['BinaryEquals'],
  Ip: ['IpAddress', 'NotIpAddress'],
};
const types = Object.keys(wantedByType);

const pick = <T>(values: readonly T[]): fc.Arbitrary<T> => fc.constantFrom(...values);
const oneOrSome = <T>(values: readonly T[]): fc.Arbitrary<T | T[]> =>
  fc.oneof(pick(values), fc.array(pick(values), { minLength: 1, maxLength: 3 }));

const condition = pick(types).chain((type) => {
  const names = operators[type]?.map((name) => `${type}${name}`) ?? fullNames[type] ?? [];
  const full = fc
    .tuple(pick(['', '', '', 'ForAllValues:', 'ForAnyValue:']), pick(names), pick(['', '', '', 'IfExists']))
    .map((parts) => parts.join(''));
  const key = pick([`test:${type}`, `TEST:${type}`, 'test:none']);
  return fc.tuple(full, key, oneOrSome(wantedByType[type] ?? [])).map(([operator, name, wanted]) => ({
    [operator]: { [name]: wanted },
  }));
});
const conditions = fc.oneof(
  { weight: 3, arbitrary: fc.constant({}) },
  { weight: 4, arbitrary: condition },
  { weight: 2, arbitrary: fc.tuple(condition, condition).map(([one, two]) => ({ ...one, ...two })) },
  { weight: 1, arbitrary: pick([{ Null: { 'test:none': 'true' } }, { Null: { 'test:String': 'true' } }]) },
  { weight: 1, arbitrary: pick([{ StringEquals: { 'aws:PrincipalType': ['User', 'AssumedRole'] } }]) },
  { weight: 1, arbitrary: pick([{ ArnLike: { 'aws:PrincipalArn': `arn:aws:iam::${home}:role/*` } }]) },
);

const names = [
  home,
  `arn:aws:iam::${away}:root`,
  cast.alice.arn,
  cast.session.arn,
  cast.session.roleArn,
  cast.federated.arn,
  cast.stranger.arn,
  '*',
];
const provider = `arn:aws:iam::${home}:oidc-provider/idp.example.com`;
const principalElement = fc.oneof(
  fc.constant('*'),
  oneOrSome(names).map((AWS) => ({ AWS })),
  oneOrSome(names.slice(0, 5)).map((AWS) => ({ AWS, Service: 'sns.amazonaws.com' })),
  pick([{ Service: 's3.amazonaws.com' }, { Federated: provider }]),
);

function statement(isAttached: boolean): fc.Arbitrary<Record<string, unknown>> {
  const member = (name: string, value: fc.Arbitrary<unknown>, notWeight = 1): fc.Arbitrary<Record<string, unknown>> =>
    fc.oneof(
      { weight: 5, arbitrary: value.map((each) => ({ [name]: each })) },
      { weight: notWeight, arbitrary: value.map((each) => ({ [`Not${name}`]: each })) },
    );
  return fc
    .tuple(
      pick(['Allow', 'Allow', 'Allow', 'Deny']),
      member('Action', oneOrSome(actionPatterns)),
      member('Resource', oneOrSome(resourcePatterns)),
      conditions,
      isAttached ? member('Principal', principalElement, 2) : fc.constant({}),
    )
    .map(([Effect, action, resource, Condition, principal]) => ({
      Effect,
      ...action,
      ...resource,
      Condition,
      ...principal,
    }));
}

function policy(isAttached: boolean): fc.Arbitrary<ReferencePolicy> {
  return fc.record({
    Version: isAttached ? pick(['2012-10-17', '2008-10-17']) : fc.constant('2012-10-17'),
    Statement: fc.array(statement(isAttached), { minLength: 1, maxLength: 4 }),
  });
}

const context = fc
  .tuple(
    ...types.map((type) =>
      fc.option(fc.oneof(pick(actualByType[type] ?? []), fc.array(pick(actualByType[type] ?? []), { maxLength: 3 })), {
        nil: undefined,
      }),
    ),
    fc.option(pick(texts), { nil: undefined }),
  )
  .map((values) => {
    const keys = [...types.map((type) => `test:${type}`), 'test:s'];
    return Object.fromEntries(
      keys.flatMap((key, index) => (values[index] === undefined ? [] : [[key, values[index]]])),
    );
  });

const question: fc.Arbitrary<ReferenceQuestion> = fc
  .record({
    principal: pick(Object.values(cast)),
    policies: fc.array(policy(false), { maxLength: 2 }),
    boundary: fc.option(policy(false), { nil: undefined, freq: 2 }),
    session: fc.option(fc.array(policy(false), { maxLength: 2 }), { nil: undefined, freq: 2 }),
    resourcePolicy: fc.option(policy(true), { nil: undefined, freq: 3 }),
    request: fc.record({
      action: pick(actions),
      resource: pick(resources),
      resourceAccountId: pick([home, home, away]),
      context,
    }),
    options: fc.record<DecideOptions>({
      rule: pick(['resource', 'resource', 'key', 'trust'] as const),
      neverCrossAccount: pick([false, false, true]),
    }),
  })
  .map(({ boundary, session, resourcePolicy, ...rest }) => ({
    ...rest,
    ...(boundary && { boundary }),
    ...(session && { session }),
    ...(resourcePolicy && { resourcePolicy }),
  }));

function compiled(document: ReferencePolicy, kind: PolicyKind): NamedPolicy {
  return { name: kind, policy: parsePolicy(JSON.stringify(document), kind) };
}

function evaluated({
  principal,
  policies,
  boundary,
  session,
  resourcePolicy,
  request,
  options,
}: ReferenceQuestion): string {
  const { effect, by } = decide(
    {
      principal,
      policies: policies.map((each) => compiled(each, 'identity')),
      ...(boundary && { boundary: compiled(boundary, 'identity') }),
      ...(session && { session: session.map((each) => compiled(each, 'session')) }),
    },
    request,
    resourcePolicy && compiled(resourcePolicy, 'resource').policy,
    options,
  );
  return `${effect} ${by}`;
}

it('decides as the rules do', () => {
  const seen = new Map<string, number>();
  fc.assert(
    fc.property(question, (asked) => {
      const expected = referenceDecide(asked);
      seen.set(expected, (seen.get(expected) ?? 0) + 1);
      expect(evaluated(asked)).toBe(expected);
    }),
    { numRuns: runs },
  );
  // The questions are worth asking only if all answers come up.
  const every = ['allowed identity', 'allowed resource', 'allowed crossAccount', 'allowed root'];
  const denied = ['identity', 'resource', 'boundary', 'session'].flatMap((by) => [
    `explicitDeny ${by}`,
    `implicitDeny ${by}`,
  ]);
  expect(
    [...every, ...denied, 'implicitDeny none', 'implicitDeny crossAccount'].filter((each) => !seen.has(each)),
  ).toEqual([]);
}, 600_000);
