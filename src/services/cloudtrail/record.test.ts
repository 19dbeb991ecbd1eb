import { describe, expect, it } from 'vitest';
import type { Identity, Principal, SessionPrincipal } from '#access';
import { newAccessKeyId } from '#access';
import { type AuditedCall, AwsError, type CallContext, frontEndNamespace, type ServiceContract } from '#aws/contract';
import { iam } from '#aws/generated/iam';
import { kms } from '#aws/generated/kms';
import { sns } from '#aws/generated/sns';
import { sqs } from '#aws/generated/sqs';
import { sts } from '#aws/generated/sts';
import { trailDate } from './parameters.ts';
import { recordsOf, type TrailRecord } from './record.ts';
import { namedResources } from './resources.ts';

const own = '111122223333';
const other = '444455556666';
const recording = {
  now: Date.parse('2026-03-24T21:11:59.987Z'),
  defaultAccountId: '000000000000',
  defaultRegion: 'us-east-1',
};

const user: Principal = {
  ...{ kind: 'user', accountId: own, arn: `arn:aws:iam::${own}:user/team/alice`, userId: 'AIDAALICE' },
  context: { 'aws:username': 'alice' },
};
const issued = { 'aws:TokenIssueTime': '2026-03-24T20:00:00Z', 'aws:MultiFactorAuthPresent': 'false' };
const attributes = { creationDate: '2026-03-24T20:00:00Z', mfaAuthenticated: 'false' };

function contextOf(principal: Principal | undefined, more: Partial<CallContext> = {}): CallContext {
  const caller: Identity | undefined = principal && { principal, policies: [] };
  return {
    ...{ accountId: principal?.accountId || own, region: 'eu-west-1', requestId: 'request', accessKeyId: 'AKIAKEY' },
    ...{ endpoint: 'http://x', client: { gone: false, onGone: () => undefined } },
    ...(caller !== undefined && { caller }),
    ...more,
  };
}

function callOf(contract: ServiceContract, operation: string, more: Partial<AuditedCall> = {}): AuditedCall {
  return {
    ...{ contract, operation, requestId: 'request', accessKeyId: 'AKIAKEY', region: 'eu-west-1' },
    ...{ context: contextOf(user), source: { address: '192.0.2.7', userAgent: 'aws-cli', host: 'sqs.example' } },
    ...more,
  };
}

function only(call: AuditedCall, more: object = {}): TrailRecord {
  const records = recordsOf(call, { ...recording, ...more });
  expect(records).toHaveLength(1);
  return records[0] as TrailRecord;
}

const uuid = expect.stringMatching(/^[0-9a-f-]{36}$/);

describe('a record', () => {
  it('has everything that CloudTrail tells of a call', () => {
    const call = callOf(sqs, 'CreateQueue', {
      input: { QueueName: 'orders', Attributes: { VisibilityTimeout: '30' }, tags: { team: 'a' } },
      output: { QueueUrl: `http://x/${own}/orders` },
      source: {
        address: '192.0.2.7',
        userAgent: 'aws-cli',
        host: 'q.example',
        tls: { version: 'TLSv1.3', cipher: 'TLS_AES' },
      },
    });
    expect(only(call)).toEqual({
      eventVersion: '1.11',
      userIdentity: {
        ...{ type: 'IAMUser', principalId: 'AIDAALICE', arn: `arn:aws:iam::${own}:user/team/alice`, accountId: own },
        ...{ accessKeyId: 'AKIAKEY', userName: 'alice' },
      },
      eventTime: '2026-03-24T21:11:59Z',
      eventSource: 'sqs.amazonaws.com',
      eventName: 'CreateQueue',
      awsRegion: 'eu-west-1',
      sourceIPAddress: '192.0.2.7',
      userAgent: 'aws-cli',
      requestParameters: { queueName: 'orders', attributes: { VisibilityTimeout: '30' }, tags: { team: 'a' } },
      responseElements: { queueUrl: `http://x/${own}/orders` },
      requestID: 'request',
      eventID: uuid,
      readOnly: false,
      resources: [{ accountId: own, type: 'AWS::SQS::Queue', ARN: `arn:aws:sqs:eu-west-1:${own}:orders` }],
      eventType: 'AwsApiCall',
      managementEvent: true,
      recipientAccountId: own,
      eventCategory: 'Management',
      tlsDetails: { tlsVersion: 'TLSv1.3', cipherSuite: 'TLS_AES', clientProvidedHostHeader: 'q.example' },
    });
  });

  it('has no answer of what only reads, and says so', () => {
    const record = only(callOf(sqs, 'ListQueues', { output: { QueueUrls: ['http://x/1/q'] } }));
    expect(record).toMatchObject({ readOnly: true, requestParameters: null, responseElements: null });
  });

  it('has policies whole, and times as CloudTrail writes them', () => {
    const input = { RoleName: 'r', AssumeRolePolicyDocument: '{"Version":"2012-10-17"}' };
    const output = {
      Role: { RoleName: 'r', CreateDate: Date.parse('2026-03-24T09:05:07Z'), Arn: `arn:aws:iam::${own}:role/r` },
    };
    const record = only(callOf(iam, 'CreateRole', { input, output }));
    expect(record.requestParameters).toEqual({ roleName: 'r', assumeRolePolicyDocument: '{"Version":"2012-10-17"}' });
    expect(record.responseElements).toEqual({
      role: { roleName: 'r', createDate: 'Mar 24, 2026 9:05:07 AM', arn: `arn:aws:iam::${own}:role/r` },
    });
    expect([trailDate(0), trailDate(Date.parse('2026-12-01T12:30:00Z'))]).toEqual([
      ...['Jan 1, 1970 12:00:00 AM', 'Dec 1, 2026 12:30:00 PM'],
    ]);
  });

  it('leaves out parameters that are too large, and says how large they were', () => {
    const input = { PolicyName: 'p', PolicyDocument: 'x'.repeat(200_000) };
    expect(only(callOf(iam, 'CreatePolicy', { input })).requestParameters).toEqual({
      ...{ omitted: true, originalSize: expect.any(Number) },
    });
  });

  it('of IAM lies in the first region, whatever the client signs for', () => {
    expect(only(callOf(iam, 'ListUsers')).awsRegion).toBe('us-east-1');
  });

  it('of a call about messages is a data event', () => {
    const record = only(
      callOf(sns, 'Publish', { input: { TopicArn: `arn:aws:sns:eu-west-1:${own}:t`, Message: 'm' } }),
    );
    expect(record).toMatchObject({ managementEvent: false, eventCategory: 'Data' });
  });
});

describe('who called', () => {
  const identityOf = (principal: Principal | undefined, more: Partial<AuditedCall> = {}) =>
    only(callOf(sns, 'ListTopics', { context: contextOf(principal), ...more })).userIdentity;

  it('is the root of an account, also where signatures are not enforced', () => {
    const root: Principal = { kind: 'root', accountId: own, arn: `arn:aws:iam::${own}:root`, userId: own, context: {} };
    const expected = {
      type: 'Root',
      principalId: own,
      arn: `arn:aws:iam::${own}:root`,
      accountId: own,
      accessKeyId: 'AKIAKEY',
    };
    expect(identityOf(root)).toEqual(expected);
    expect(identityOf(undefined)).toEqual(expected);
  });

  it('is a user with a session', () => {
    expect(identityOf({ ...user, context: { ...user.context, ...issued } })).toMatchObject({
      ...{ type: 'IAMUser', userName: 'alice', sessionContext: { attributes } },
    });
  });

  it('is an assumed role, with the role', () => {
    const roleArn = `arn:aws:iam::${own}:role/path/reports`;
    const principal: Principal = {
      ...{ kind: 'assumed-role', accountId: own, arn: `arn:aws:sts::${own}:assumed-role/reports/daily` },
      ...{ roleArn, userId: 'AROAREPORTS:daily', context: { ...issued, 'aws:SourceIdentity': 'alice' } },
    };
    expect(identityOf(principal)).toEqual({
      ...{
        type: 'AssumedRole',
        principalId: 'AROAREPORTS:daily',
        arn: principal.arn,
        accountId: own,
        accessKeyId: 'AKIAKEY',
      },
      sessionContext: {
        sessionIssuer: { type: 'Role', principalId: 'AROAREPORTS', arn: roleArn, accountId: own, userName: 'reports' },
        ...{ sourceIdentity: 'alice', attributes },
      },
    });
  });

  it('is a federated user, with the one who asked for it', () => {
    const principal: SessionPrincipal = {
      ...{ kind: 'federated-user', accountId: own, arn: `arn:aws:sts::${own}:federated-user/guest` },
      ...{ userId: `${own}:guest`, context: issued, issuedBy: 'AIDAALICE' },
    };
    const sessionIssuer = { type: 'IAMUser', principalId: 'AIDAALICE', accountId: own };
    expect(identityOf(principal)).toMatchObject({
      type: 'FederatedUser',
      sessionContext: { sessionIssuer, attributes },
    });
    const byRoot = identityOf({ ...principal, issuedBy: own } as SessionPrincipal);
    expect(byRoot.sessionContext?.sessionIssuer).toMatchObject({ type: 'Root', arn: `arn:aws:iam::${own}:root` });
  });

  it('is anonymous: the record is of the owner of what he asked for', () => {
    const anonymous: Principal = { kind: 'anonymous', accountId: '', arn: '', userId: '', context: {} };
    const input = { QueueUrl: `http://x/${other}/q` };
    const call = callOf(sqs, 'GetQueueAttributes', {
      context: contextOf(anonymous, { accountId: '000000000000' }),
      input,
    });
    expect(only(call)).toMatchObject({
      userIdentity: { type: 'AWSAccount', principalId: '', accountId: 'ANONYMOUS_PRINCIPAL' },
      recipientAccountId: other,
    });
  });

  it('is a web identity, as the answer tells', () => {
    const anonymous: Principal = { kind: 'anonymous', accountId: '', arn: '', userId: '', context: {} };
    const output = {
      ...{ Provider: 'https://id.example', Audience: 'app', SubjectFromWebIdentityToken: 'bob' },
      Credentials: { AccessKeyId: 'ASIA', SecretAccessKey: 's', SessionToken: 't', Expiration: 0 },
    };
    const input = { RoleArn: `arn:aws:iam::${other}:role/web`, RoleSessionName: 's', WebIdentityToken: 'jwt' };
    const record = only(callOf(sts, 'AssumeRoleWithWebIdentity', { context: contextOf(anonymous), input, output }));
    expect(record).toMatchObject({
      userIdentity: { type: 'WebIdentityUser', principalId: 'https://id.example:app:bob', userName: 'bob' },
      recipientAccountId: other,
      responseElements: { credentials: { accessKeyId: 'ASIA', secretAccessKey: 'HIDDEN_DUE_TO_SECURITY_REASONS' } },
    });
  });

  it('is not known when the signature was refused: what it claims is on record, in the account that the key names', () => {
    const accessKeyId = newAccessKeyId('AKIA', other);
    const error = new AwsError('InvalidSignatureException', 'It does not match.', {
      queryCode: 'SignatureDoesNotMatch',
    });
    const { context: _, ...refused } = callOf(sqs, 'SendMessage', { accessKeyId, error });
    expect(only(refused)).toMatchObject({
      userIdentity: { type: 'Unknown', accessKeyId },
      ...{ errorCode: 'SignatureDoesNotMatch', errorMessage: 'It does not match.' },
      ...{ requestParameters: null, recipientAccountId: other, sourceIPAddress: '192.0.2.7' },
    });
  });
});

describe('refusals', () => {
  it('by a policy have one name, and the decision in their text', () => {
    const text = `User: ${user.arn} is not authorized to perform: sns:CreateTopic on resource: x because no identity-based policy allows the sns:CreateTopic action`;
    const error = new AwsError('AccessDeniedException', text, {
      queryCode: 'AuthorizationError',
      shapeNamespace: frontEndNamespace,
    });
    const record = only(callOf(sns, 'CreateTopic', { input: { Name: 'x' }, error }));
    expect(record).toMatchObject({ errorCode: 'AccessDenied', errorMessage: text, responseElements: null });
  });

  it('stay with the one who was refused', () => {
    const input = { TopicArn: `arn:aws:sns:eu-west-1:${other}:t` };
    const refused = callOf(sns, 'DeleteTopic', { input, error: new AwsError('AccessDenied', 'no') });
    expect(recordsOf(refused, recording).map(({ recipientAccountId }) => recipientAccountId)).toEqual([own]);
    const failed = callOf(sns, 'DeleteTopic', { input, error: new AwsError('InvalidParameter', 'no') });
    expect(recordsOf(failed, recording).map(({ recipientAccountId }) => recipientAccountId)).toEqual([own, other]);
  });
});

describe("what is another account's", () => {
  it('is on record there, too, without the name of the caller', () => {
    const RoleArn = `arn:aws:iam::${other}:role/shared`;
    const records = recordsOf(callOf(sts, 'AssumeRole', { input: { RoleArn, RoleSessionName: 's' } }), recording);
    expect(records.map(({ recipientAccountId, userIdentity }) => [recipientAccountId, userIdentity])).toEqual([
      [own, expect.objectContaining({ type: 'IAMUser', userName: 'alice' })],
      [other, { type: 'AWSAccount', principalId: 'AIDAALICE', accountId: own }],
    ]);
    const [first, second] = records;
    expect(first?.sharedEventID).toEqual(uuid);
    expect(second?.sharedEventID).toBe(first?.sharedEventID);
    expect(second?.eventID).not.toBe(first?.eventID);
  });
});

describe('resources', () => {
  const arnsOf = (contract: ServiceContract, operation: string, input: object, output?: object) =>
    only(callOf(contract, operation, { input, ...(output && { output }) })).resources?.map(({ ARN }) => ARN);
  const keyArn = `arn:aws:kms:eu-west-1:${own}:key/1234`;

  it('of KMS are keys, found by what the answer says where the request has an alias', () => {
    expect(arnsOf(kms, 'EnableKey', { KeyId: '1234' })).toEqual([keyArn]);
    expect(arnsOf(kms, 'Encrypt', { KeyId: 'alias/a' }, { KeyId: keyArn })).toEqual([keyArn]);
    expect(arnsOf(kms, 'DescribeKey', { KeyId: 'alias/a' }, { KeyMetadata: { Arn: keyArn } })).toEqual([keyArn]);
    expect(arnsOf(kms, 'CreateKey', {}, { KeyMetadata: { Arn: keyArn, KeyId: '1234' } })).toEqual([keyArn]);
    const aliasArn = `arn:aws:kms:eu-west-1:${own}:alias/a`;
    expect(arnsOf(kms, 'CreateAlias', { AliasName: 'alias/a', TargetKeyId: '1234' })?.sort()).toEqual([
      aliasArn,
      keyArn,
    ]);
  });

  it('of SNS are topics, subscriptions, applications and endpoints', () => {
    const of = (rest: string) => `arn:aws:sns:eu-west-1:${own}:${rest}`;
    const typeOf = (ResourceArn: string) =>
      only(callOf(sns, 'TagResource', { input: { ResourceArn } })).resources?.map(({ type }) => type);
    expect(['t', 't:5b0f', 'app/GCM/a', 'endpoint/GCM/a/5b0f'].map((rest) => typeOf(of(rest)))).toEqual([
      ['AWS::SNS::Topic'],
      ['AWS::SNS::Subscription'],
      ['AWS::SNS::PlatformApplication'],
      ['AWS::SNS::PlatformEndpoint'],
    ]);
  });

  it('of IAM are found by their names', () => {
    const record = only(
      callOf(iam, 'CreateAccessKey', {
        input: { UserName: 'bob' },
        output: { AccessKey: { UserName: 'bob', AccessKeyId: 'AKIANEW', SecretAccessKey: 'hidden', Status: 'Active' } },
      }),
    );
    expect(namedResources(record)).toEqual([
      { ResourceType: 'AWS::IAM::User', ResourceName: 'bob' },
      { ResourceType: 'AWS::IAM::AccessKey', ResourceName: 'AKIANEW' },
    ]);
  });
});
