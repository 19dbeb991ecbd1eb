import { describe, expect, it } from 'vitest';
import { parsePolicy } from './parsePolicy.ts';
import { MalformedPolicy, type PolicyKind } from './policy.ts';

const bucket = 'arn:aws:s3:::example_bucket';
const statement = { Effect: 'Allow', Action: 's3:ListBucket', Resource: bucket };
const user = 'arn:aws:iam::111122223333:user/alice';
const attached = { Effect: 'Allow', Principal: { AWS: user }, Action: 'sqs:*', Resource: '*' };
const trusting = { Effect: 'Allow', Principal: { AWS: user }, Action: 'sts:AssumeRole' };

function reasonOf(document: unknown, kind: PolicyKind): string | undefined {
  try {
    parsePolicy(typeof document === 'string' ? document : JSON.stringify(document), kind);
    return undefined;
  } catch (error) {
    if (error instanceof MalformedPolicy) return error.message;
    throw error;
  }
}

/** One statement, changed; a member that is undefined is left out. */
function identity(members: object): object {
  return { Version: '2012-10-17', Statement: { ...statement, ...members } };
}

function resource(members: object): object {
  return { Version: '2012-10-17', Statement: [{ ...attached, ...members }] };
}

function trust(members: object): object {
  return { Version: '2012-10-17', Statement: [{ ...trusting, ...members }] };
}

const syntax = 'Syntax errors in policy.';
const version = 'Policy document must be version 2012-10-17 or greater.';
const legacy = 'The policy failed legacy parsing';
const vendor = 'Actions/Conditions must be prefaced by a vendor, e.g., iam, sdb, ec2, etc.';
const oneColon = 'Actions/Condition can contain only one colon.';
const noActions = 'Policy statement must contain actions.';
const noResources = 'Policy statement must contain resources.';
const uniqueSids = 'Statement IDs (SID) in a single policy must be unique.';
const without = { Action: undefined };

/** What IAM answers to CreatePolicy, as others have recorded it. */
describe('a policy of an identity is refused', () => {
  it.each<[string, unknown, string]>([
    ['no JSON', 'This is not a json document', syntax],
    ['no object', '[]', syntax],
    ['no version', { Statement: statement }, version],
    ['the older version', { Version: '2008-10-17', Statement: statement }, version],
    ['a version that never was', { Version: '2013-10-17', Statement: statement }, syntax],
    ['no statement', { Version: '2012-10-17' }, syntax],
    ['no statements', { Version: '2012-10-17', Statement: [] }, syntax],
    ['a text for a statement', { Version: '2012-10-17', Statement: ['afd'] }, syntax],
    ['another member', { ...identity({}), 'Extra field': 'value' }, syntax],
    ['another member of the statement', identity({ 'Extra field': 'value' }), syntax],
    ['an id that is a list', { ...identity({}), Id: ['cd3a'] }, syntax],
    ['an id that is an object', { ...identity({}), Id: {} }, syntax],
    ['an effect of its own', identity({ Effect: 'invalid' }), syntax],
    ['no effect', identity({ Effect: undefined }), syntax],
    ['an effect in another case', identity({ Effect: 'denY' }), legacy],
    ['both of it before the version', { Statement: { ...statement, Effect: 'denY' } }, version],
    ['a principal', identity({ Principal: '*' }), 'Policy document should not specify a principal.'],
    ['no principal', identity({ NotPrincipal: { AWS: user } }), 'Policy document should not specify a principal.'],
    [
      'a principal in the second statement',
      { Version: '2012-10-17', Statement: [statement, { ...statement, Principal: '*' }] },
      'Policy document should not specify a principal.',
    ],
    ['an action without a service', identity({ Action: 'invalid' }), vendor],
    ['that, and no resource', { Version: '2012-10-17', Statement: { Effect: 'Allow', Action: 'invalid' } }, vendor],
    ['an empty action', identity({ Action: undefined, NotAction: '' }), vendor],
    ['a service with a space', identity({ Action: 'a a:ListBucket' }), 'Vendor a a is not valid'],
    ['a service with a wildcard', identity({ Action: 's*:ListBucket' }), 'Vendor s* is not valid'],
    ['two colons', identity({ Action: 's3:List:Bucket' }), oneColon],
    [
      'two colons, and a bad resource',
      identity({ Action: 's:3:ListBucket', Resource: 'sdfsadf' }),
      'Resource sdfsadf must be in ARN format or "*".',
    ],
    ['no action', identity(without), noActions],
    ['no actions', identity({ Action: [] }), noActions],
    ['neither action nor resource', { Version: '2012-10-17', Statement: { Effect: 'Allow' } }, noActions],
    ['an action that is an object', identity({ Action: {} }), syntax],
    ['an action that is a list within a list', identity({ Action: [[]] }), syntax],
    ['both kinds of actions', identity({ NotAction: 'iam:dsf' }), syntax],
    ['both kinds of actions, one empty', identity({ Action: [], NotAction: 's3s:ListBucket' }), syntax],
    ['no resource', identity({ Resource: undefined }), noResources],
    ['no resources', identity({ Resource: [] }), noResources],
    ['both kinds of resources', identity({ NotResource: '*' }), syntax],
    ['a resource that is an object', identity({ Resource: { a: bucket } }), syntax],
    ['a resource that is an object, in a list', identity({ Resource: ['adfdf', {}] }), syntax],
    [
      'a resource that is no ARN',
      identity({ Resource: 'invalid resource' }),
      'Resource invalid resource must be in ARN format or "*".',
    ],
    ['an empty resource', identity({ Resource: '' }), 'Resource  must be in ARN format or "*".'],
    [
      'another partition',
      identity({ Resource: 'a:bsdfdsafsad' }),
      'Partition "bsdfdsafsad" is not valid for resource "arn:bsdfdsafsad:*:*:*:*".',
    ],
    [
      'and a service',
      identity({ Resource: 'a:b:cadfsdf' }),
      'Partition "b" is not valid for resource "arn:b:cadfsdf:*:*:*".',
    ],
    [
      'and all the rest',
      identity({ Resource: 'a:b:c:d:e:f:g:h' }),
      'Partition "b" is not valid for resource "arn:b:c:d:e:f:g:h".',
    ],
    [
      'an ARN without its first part',
      identity({ Resource: 'aws:s3:::example_bucket' }),
      'Partition "s3" is not valid for resource "arn:s3:::example_bucket:*".',
    ],
    [
      'the first of two',
      identity({ Resource: ['arn:error:s3:::x', 'arn:error:s3::y'] }),
      'Partition "error" is not valid for resource "arn:error:s3:::x".',
    ],
    [
      'no service in the resource',
      identity({ Resource: 'arn:aws' }),
      'Resource vendor must be fully qualified and cannot contain regexes.',
    ],
    ['an empty service', identity({ Resource: 'arn:aws::::example_bucket' }), legacy],
    ['an empty service, shorter', identity({ Resource: 'arn:aws::fdsasf' }), legacy],
    ['five parts, one of them empty', identity({ Resource: 'arn:aws:s3::example_bucket' }), legacy],
    ['the same without actions', identity({ ...without, Resource: 'arn:aws:s3::example_bucket' }), legacy],
    ['the same as an exception', identity({ Resource: undefined, NotResource: 'arn:aws:s3::example_bucket' }), legacy],
    [
      'an IAM resource in a region',
      identity({ Resource: 'arn:aws:iam:us-east-1::example_bucket' }),
      'IAM resource arn:aws:iam:us-east-1::example_bucket cannot contain region information.',
    ],
    [
      'a bucket in a region',
      identity({ Resource: 'arn:aws:s3:us-east-1::example_bucket' }),
      'Resource arn:aws:s3:us-east-1::example_bucket can not contain region information.',
    ],
    [
      'an IAM resource of no type',
      identity({ Resource: 'arn:aws:iam:::example_bucket' }),
      'IAM resource path must either be "*", root, or start with user/, federated-user/, role/, group/, instance-profile/, mfa/, server-certificate/, policy/, sms-mfa/, saml-provider/, oidc-provider/, report/, access-report/.',
    ],
    ['a condition that is a list', identity({ Condition: [] }), syntax],
    ['a condition that is a text', identity({ Condition: 'a' }), syntax],
    ['an operator with a text', identity({ Condition: { a: 'b' } }), syntax],
    ['an operator with a list', identity({ Condition: { DateGreaterThan: [] } }), syntax],
    ['a key with an object', identity({ Condition: { DateGreaterThan: { a: {} } } }), syntax],
    ['an operator that there is not', identity({ Condition: { x: { a: '1' } } }), syntax],
    [
      'a quantifier with two colons',
      identity({ Condition: { 'ForAnyValue::StringEqualsIfExists': { a: 'asf' } } }),
      syntax,
    ],
    ['an operator in another case', identity({ Condition: { stringequals: { a: 'asf' } } }), syntax],
    ['Null if it exists', identity({ Condition: { NullIfExists: { a: 'true' } } }), syntax],
    ['a name that every object has', identity({ Condition: { constructor: { a: 'true' } } }), syntax],
    ['no date', identity({ Condition: { DateGreaterThan: { a: 'sdfdsf' } } }), legacy],
    ['no month', identity({ Condition: { DateLessThanEquals: { a: '234-13' } } }), legacy],
    [
      'an hour of an offset with one digit',
      identity({ Condition: { DateLessThanEquals: { a: '2016-12-13t2:00:00.593194+1' } } }),
      legacy,
    ],
    [
      'a fraction of ten digits',
      identity({ Condition: { DateLessThanEquals: { a: '2016-12-13t2:00:00.1999999999+10:59' } } }),
      legacy,
    ],
    ['a second too late', identity({ Condition: { DateLessThan: { a: '9223372036854775808' } } }), legacy],
    [
      'no date, and another partition',
      identity({ Resource: 'arn:error:s3:::x', Condition: { DateGreaterThan: { a: 'x' } } }),
      legacy,
    ],
    ['a name that is an object', identity({ Sid: {} }), syntax],
    ['a name that is a list', identity({ Sid: [] }), syntax],
    [
      'a name twice',
      {
        Version: '2012-10-17',
        Statement: [
          { ...statement, Sid: 'sdf' },
          { Sid: 'sdf', Effect: 'Allow' },
        ],
      },
      uniqueSids,
    ],
    [
      'a name twice, after the version',
      {
        Statement: [
          { ...statement, Sid: 'sdf' },
          { Sid: 'sdf', Effect: 'Allow' },
        ],
      },
      version,
    ],
    [
      'a name that is a phrase',
      identity({ Sid: 'Not this' }),
      'Statement IDs (SID) must be alpha-numeric. Check that your input satisfies the regular expression [0-9A-Za-z]*',
    ],
    ['the second statement', { Version: '2012-10-17', Statement: [statement, { Effect: 'Deny' }] }, noActions],
    ['too much of it', `${' '.repeat(131_072)}{}`, 'The policy is longer than 131072 characters.'],
    [
      'too many statements',
      { Version: '2012-10-17', Statement: Array(2001).fill({ Effect: 'Deny' }) },
      'The policy has 2001 statements, of 2000 that are allowed.',
    ],
    ['depth', '['.repeat(100_000), syntax],
    ['depth that is JSON', `${'['.repeat(60_000)}${']'.repeat(60_000)}`, syntax],
    ['another prototype', '{"__proto__":{"Version":"2012-10-17"},"Statement":[]}', syntax],
  ])('%s', (_what, document, reason) => {
    expect(reasonOf(document, 'identity')).toBe(reason);
  });
});

describe('a policy of an identity is taken', () => {
  it.each<[string, unknown]>([
    ['one statement', identity({})],
    ['several', { Version: '2012-10-17', Statement: [statement, { ...statement, Sid: 'sdf' }] }],
    ['an id', { ...identity({}), Id: 'sdfsdfsdf' }],
    ['a list of resources', identity({ Resource: [bucket, '*'] })],
    ['spaces in the name of an action', identity({ Action: 'iam: asdf safdsf af ' })],
    ['every action', identity({ Action: '*' })],
    ['a service that nobody knows', identity({ Action: 'aaaaaadsfdsafsadfsadfaaaaa:ListBucket' })],
    ['a service with a hyphen, or a dot', identity({ Action: ['s3-s:ListBucket', 's3.s:ListBucket'] })],
    ['an ARN of three parts', identity({ Resource: 'arn:aws:fdsasf' })],
    ['another partition of AWS', identity({ Resource: 'arn:aws-us-gov:s3:::example_bucket' })],
    ['a user without an account', identity({ Resource: 'arn:aws:iam:::user/example_bucket' })],
    ['all of IAM', identity({ Resource: ['arn:aws:iam::111122223333:*', 'arn:aws:iam::111122223333:root'] })],
    ['exceptions only', identity({ Action: undefined, NotAction: 's3:*', Resource: undefined, NotResource: '*' })],
    ['an empty condition', identity({ Condition: {} })],
    ['an operator without keys, even an unknown one', identity({ Condition: { x: {}, DateGreaterThan: {} } })],
    ['a key without values', identity({ Condition: { DateGreaterThan: { a: [] } } })],
    ['a key with a number, or a boolean', identity({ Condition: { NumericEquals: { a: 1 }, Bool: { b: [true] } } })],
    ['quantifier and IfExists', identity({ Condition: { 'ForAnyValue:StringEqualsIfExists': { a: 'asf' } } })],
    [
      'odd dates',
      identity({ Condition: { DateLessThan: { a: ['01T', '-292275054', '2016-12-13t2:00:00.593194+23', '0'] } } }),
    ],
    [
      'an empty name, twice',
      {
        Version: '2012-10-17',
        Statement: [
          { ...statement, Sid: '' },
          { ...statement, Sid: '' },
        ],
      },
    ],
  ])('%s', (_what, document) => {
    expect(reasonOf(document, 'identity')).toBeUndefined();
  });

  it('of a session also in the older version, or without one', () => {
    expect(reasonOf({ Version: '2008-10-17', Statement: statement }, 'session')).toBeUndefined();
    expect(reasonOf({ Statement: statement }, 'session')).toBeUndefined();
    expect(reasonOf({ Statement: { ...statement, Principal: '*' } }, 'session')).toMatch(/principal/);
  });
});

describe('a policy of a resource is refused', () => {
  it.each<[string, unknown, string]>([
    ['no JSON', '{', 'This policy contains invalid Json'],
    [
      'a version that never was',
      { Version: '2012-10-18', Statement: attached },
      'The policy must contain a valid version string',
    ],
    ['no statement', {}, 'Missing required field Statement'],
    ['no statements', { Statement: [] }, 'Could not parse the policy: Statement is empty!'],
    ['another member', { ...resource({}), Owner: 'x' }, 'Unknown field Owner'],
    ['another member of the statement', resource({ Subject: 'x' }), 'Unknown field Subject'],
    ['no effect', resource({ Effect: undefined }), 'Missing required field Effect'],
    ['an effect of its own', resource({ Effect: 'allow' }), 'Invalid effect: allow'],
    ['an effect that can be no text', resource({ Effect: { toString: null } }), syntax],
    ['a principal that can be no text', resource({ Principal: [{ toString: null }] }), syntax],
    [
      'a principal of great depth',
      `{"Statement":{"Effect":"Deny","Principal":${'['.repeat(50_000)}${']'.repeat(50_000)}}}`,
      syntax,
    ],
    ['no principal', resource({ Principal: undefined }), 'Missing required field Principal'],
    ['both kinds of principals', resource({ NotPrincipal: '*' }), syntax],
    ['an empty principal', resource({ Principal: {} }), 'Missing required field Principal cannot be empty!'],
    [
      'principals of no name',
      resource({ Principal: { AWS: [] } }),
      'The passed in policy has a statement with no principals!',
    ],
    ['another type', resource({ Principal: { User: 'x' } }), 'Invalid principal in policy: "User"'],
    ['a principal without a type', resource({ Principal: user }), `Invalid principal in policy: "${user}"`],
    [
      'a wildcard in an ARN',
      resource({ Principal: { AWS: `${user}*` } }),
      `Invalid principal in policy: "AWS":"${user}*"`,
    ],
    [
      'an account of eleven digits',
      resource({ Principal: { AWS: '11112222333' } }),
      'Invalid principal in policy: "AWS":"11112222333"',
    ],
    [
      'a group',
      resource({ Principal: { AWS: 'arn:aws:iam::111122223333:group/g' } }),
      'Invalid principal in policy: "AWS":"arn:aws:iam::111122223333:group/g"',
    ],
    [
      'no service',
      resource({ Principal: { Service: 'sns' } }),
      'Invalid principal in policy: "SERVICE":"sns"'.replace('SERVICE', 'Service'),
    ],
    ['no action', resource({ Action: undefined }), 'Missing required field Action'],
    ['an action without a service', resource({ Action: 'SendMessage' }), vendor],
    [
      'an operator that there is not',
      resource({ Condition: { Equals: { a: 'b' } } }),
      'Invalid Condition type : Equals',
    ],
    [
      'a name twice',
      {
        Statement: [
          { ...attached, Sid: 'a b' },
          { ...attached, Sid: 'a b' },
        ],
      },
      'The Statement Ids in the policy are not unique',
    ],
  ])('%s', (_what, document, reason) => {
    expect(reasonOf(document, 'resource')).toBe(reason);
  });

  it('but not for a phrase as a name, the older version, or a resource that goes without saying', () => {
    expect(
      reasonOf({ Statement: { ...attached, Sid: 'Open to the team', Resource: undefined } }, 'resource'),
    ).toBeUndefined();
  });
});

describe('a policy of a role, or of a key, is refused', () => {
  it.each<[PolicyKind, string, unknown, string]>([
    ['trust', 'a resource', trust({ Resource: '*' }), 'Has prohibited field Resource'],
    ['trust', 'exceptions of resources', trust({ NotResource: '*' }), 'AssumeRole policy must not contain resources.'],
    [
      'trust',
      'another action',
      trust({ Action: 'sqs:SendMessage' }),
      'AssumeRole policy may only specify STS AssumeRole actions.',
    ],
    [
      'trust',
      'another action beside the right one',
      trust({ Action: ['sts:AssumeRole', 'sqs:*'] }),
      'AssumeRole policy may only specify STS AssumeRole actions.',
    ],
    ['trust', 'every action', trust({ Action: '*' }), 'AssumeRole policy may only specify STS AssumeRole actions.'],
    [
      'trust',
      'an exception',
      trust({ Principal: undefined, NotPrincipal: { AWS: user } }),
      'Allow with NotPrincipal is not allowed.',
    ],
    [
      'trust',
      'an exception to a deny',
      trust({ Effect: 'Deny', Principal: undefined, NotPrincipal: { AWS: user } }),
      'AssumeRole policy must not contain NotPrincipal field.',
    ],
    ['trust', 'nobody', trust({ Principal: undefined }), 'Missing required field Principal'],
    [
      'trust',
      'a name that is a phrase',
      trust({ Sid: 'a b' }),
      'Statement IDs (SID) must be alpha-numeric. Check that your input satisfies the regular expression [0-9A-Za-z]*',
    ],
    [
      'key',
      'no principal of AWS',
      resource({ Principal: { AWS: 'me' } }),
      'Policy contains a statement with one or more invalid principals.',
    ],
    ['key', 'no resource', resource({ Resource: undefined }), 'Missing required field Resource'],
  ])('%s: %s', (kind, _what, document, reason) => {
    expect(reasonOf(document, kind)).toBe(reason);
  });

  it('but not as AWS itself writes them', () => {
    expect(reasonOf(trust({ Sid: '', Principal: { Service: 'ec2.amazonaws.com' } }), 'trust')).toBeUndefined();
    const enabled = { Sid: 'Enable IAM User Permissions', Principal: { AWS: 'arn:aws:iam::111122223333:root' } };
    expect(reasonOf({ ...resource(enabled), Id: 'key-default-1' }, 'key')).toBeUndefined();
  });
});

/** Each of these takes minutes if something reads them over and over. */
describe('a long text is read once', () => {
  const long = 60_000;
  it.each<[string, object]>([
    ['of beginnings of variables', { Resource: `arn:aws:sqs:*:*:${`\${`.repeat(long)}` }],
    ['of ends of variables', { Resource: `arn:aws:sqs:*:*:${'}'.repeat(long)}` }],
    ['of beginnings and one end', { Resource: `arn:aws:sqs:*:*:${`\${`.repeat(long)}}` }],
    ['of spaces in a variable', { Resource: `arn:aws:sqs:*:*:\${a${' '.repeat(long)}` }],
    ['of spaces behind a comma', { Resource: `arn:aws:sqs:*:*:\${a,${' '.repeat(long)}}` }],
    ['of digits', { Condition: { NumericEquals: { a: `${'1'.repeat(long)}x` } } }],
    ['of colons', { Resource: `arn:aws:sqs${':'.repeat(long)}` }],
    ['of wildcards', { Resource: `arn:aws:sqs:*:*:${'*?'.repeat(long)}` }],
  ])('%s', (_what, members) => {
    const { statements } = parsePolicy(JSON.stringify(identity(members)), 'identity');
    expect(statements).toHaveLength(1);
  });
});

it('a text that came before is not compiled again, but for each kind', () => {
  const text = JSON.stringify(resource({ Sid: 'Once' }));
  const first = parsePolicy(text, 'resource');
  expect(parsePolicy(text, 'resource')).toBe(first);
  expect(parsePolicy(text, 'key')).not.toBe(first);
  expect(() => parsePolicy(text, 'identity')).toThrow(MalformedPolicy);
});
