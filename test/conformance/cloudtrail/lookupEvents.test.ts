/** What was done, looked up as CloudTrail's clients do. Expectations are of the API reference, but for the texts. */

import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  CreateAccessKeyCommand,
  CreateRoleCommand,
  CreateUserCommand,
  PutRolePolicyCommand,
} from '@aws-sdk/client-iam';
import { CreateAliasCommand, CreateKeyCommand, EncryptCommand } from '@aws-sdk/client-kms';
import { CreateTopicCommand, PublishCommand } from '@aws-sdk/client-sns';
import { CreateQueueCommand, ListQueuesCommand, SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { AssumeRoleCommand } from '@aws-sdk/client-sts';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startPosthorn } from '../../../src/server.ts';
import { account, allow, outcome, policy, region } from '../../enforced/server.ts';
import { type Answer, type Audited, lookupAt, startAudited } from './lookups.ts';

let audited: Audited;
beforeAll(async () => {
  audited = await startAudited();
});
afterAll(() => audited.close());

const by = (AttributeKey: string, AttributeValue: string, more: object = {}) => ({
  LookupAttributes: [{ AttributeKey, AttributeValue }],
  ...more,
});
const namesOf = ({ events }: Answer) => events.map(({ EventName }) => EventName);
const recordOf = ({ events }: Answer) => JSON.parse(events[0]?.CloudTrailEvent ?? '{}');

describe('LookupEvents', () => {
  it('tells who did what, newest first', async () => {
    const { sqs, sns } = audited.clients(audited.root);
    await sqs.send(new CreateQueueCommand({ QueueName: 'first' }));
    await sns.send(new CreateTopicCommand({ Name: 'second' }));
    const { events, nextToken } = await audited.lookup({ MaxResults: 2 });
    expect(nextToken).toEqual(expect.any(String));
    expect(events).toMatchObject([
      {
        ...{ EventName: 'CreateTopic', EventSource: 'sns.amazonaws.com', ReadOnly: 'false', Username: 'root' },
        Resources: [{ ResourceType: 'AWS::SNS::Topic', ResourceName: `arn:aws:sns:${region}:${account}:second` }],
      },
      { EventName: 'CreateQueue', AccessKeyId: audited.root.accessKeyId },
    ]);
    const record = JSON.parse(events[1]?.CloudTrailEvent ?? '');
    expect(record).toMatchObject({
      ...{ eventVersion: '1.11', eventID: events[1]?.EventId, eventName: 'CreateQueue', recipientAccountId: account },
      ...{ sourceIPAddress: '127.0.0.1', userAgent: expect.stringContaining('aws-sdk-js') },
      userIdentity: { type: 'Root', arn: `arn:aws:iam::${account}:root` },
      requestParameters: { queueName: 'first' },
    });
    expect(events[1]?.EventTime).toBe(Date.parse(record.eventTime) / 1000);
  });

  it('goes through all of them page by page', async () => {
    const { sqs } = audited.clients(audited.root);
    for (let index = 0; index < 5; index++) await sqs.send(new CreateQueueCommand({ QueueName: `paged-${index}` }));
    const question = by('EventName', 'CreateQueue', { MaxResults: 2 });
    const names: string[] = [];
    let NextToken: string | undefined;
    do {
      const page = await audited.lookup({ ...question, NextToken });
      expect(page.events.length).toBeLessThanOrEqual(2);
      names.push(...page.events.map(({ CloudTrailEvent }) => JSON.parse(CloudTrailEvent).requestParameters.queueName));
      NextToken = page.nextToken;
    } while (NextToken !== undefined);
    expect(names.slice(0, 5)).toEqual(['paged-4', 'paged-3', 'paged-2', 'paged-1', 'paged-0']);
    expect(new Set(names).size).toBe(names.length);
  });

  it('finds by each attribute', async () => {
    const { iam } = audited.clients(audited.root);
    await iam.send(new CreateUserCommand({ UserName: 'searched' }));
    const { AccessKey } = await iam.send(new CreateAccessKeyCommand({ UserName: 'searched' }));
    const [created] = (await audited.lookup(by('EventName', 'CreateUser'))).events;
    expect(namesOf(await audited.lookup(by('EventId', created?.EventId ?? '')))).toEqual(['CreateUser']);
    expect(namesOf(await audited.lookup(by('ResourceName', 'searched')))).toEqual(['CreateAccessKey', 'CreateUser']);
    expect(namesOf(await audited.lookup(by('ResourceType', 'AWS::IAM::AccessKey')))).toContain('CreateAccessKey');
    expect(namesOf(await audited.lookup(by('EventSource', 'iam.amazonaws.com'))).slice(0, 2)).toEqual([
      ...['CreateAccessKey', 'CreateUser'],
    ]);
    const key = { accessKeyId: AccessKey?.AccessKeyId ?? '', secretAccessKey: AccessKey?.SecretAccessKey ?? '' };
    expect(await outcome(audited.clients(key).sqs.send(new ListQueuesCommand({})))).toBe('AccessDenied');
    for (const question of [by('Username', 'searched'), by('AccessKeyId', key.accessKeyId)]) {
      expect(namesOf(await audited.lookup(question))).toEqual(['ListQueues']);
    }
    expect(namesOf(await audited.lookup(by('ReadOnly', 'true', { MaxResults: 1 })))).toEqual(['LookupEvents']);
    expect(namesOf(await audited.lookup(by('ReadOnly', 'false')))).not.toContain('LookupEvents');
    const text = JSON.stringify(await audited.records());
    expect(text).toContain(key.accessKeyId);
    expect(text).not.toContain(key.secretAccessKey);
  });

  it('takes times, both ends included', async () => {
    const [event] = (await audited.lookup({ MaxResults: 1 })).events;
    const at = event?.EventTime ?? 0;
    const during = await audited.lookup({ StartTime: at, EndTime: at });
    expect(during.events.map(({ EventId }) => EventId)).toContain(event?.EventId);
    expect((await audited.lookup({ EndTime: at - 3600 })).events).toEqual([]);
    expect((await audited.lookup({ StartTime: at + 3600 })).events).toEqual([]);
  });

  it('tells nothing of other accounts and regions', async () => {
    const elsewhere = await audited.lookup({}, { region: 'eu-west-3' });
    expect(namesOf(elsewhere)).toEqual([]);
    expect(namesOf(await audited.lookup({}, { region: 'eu-west-3' }))).toEqual(['LookupEvents']);
  });

  it('answers to both names of its target', async () => {
    const answer = await audited.lookup({ MaxResults: 1 }, { prefix: 'CloudTrail_20131101' });
    expect(answer).toMatchObject({ status: 200, events: [expect.anything()] });
  });

  it('needs the permission', async () => {
    const key = await audited.user('curious');
    const refused = await audited.lookup({}, { key });
    expect(refused).toMatchObject({ status: 400, code: 'AccessDeniedException' });
    expect(refused.message).toContain('is not authorized to perform: cloudtrail:LookupEvents');
    const allowed = await audited.user('auditor', allow('cloudtrail:LookupEvents'));
    expect((await audited.lookup({}, { key: allowed })).status).toBe(200);
  });

  const cases: readonly (readonly [what: string, input: object, code: string])[] = [
    [
      'two attributes',
      { LookupAttributes: [...by('EventName', 'a').LookupAttributes, ...by('EventId', 'b').LookupAttributes] },
      'InvalidLookupAttributesException',
    ],
    ['an unknown attribute', by('Colour', 'blue'), 'InvalidLookupAttributesException'],
    ['an empty value', by('EventName', ''), 'InvalidLookupAttributesException'],
    ['a value of 2001 characters', by('EventName', 'x'.repeat(2_001)), 'InvalidLookupAttributesException'],
    ['ReadOnly that is neither', by('ReadOnly', 'maybe'), 'InvalidLookupAttributesException'],
    ['a start after the end', { StartTime: 2, EndTime: 1 }, 'InvalidTimeRangeException'],
    ['no results', { MaxResults: 0 }, 'InvalidMaxResultsException'],
    ['51 results', { MaxResults: 51 }, 'InvalidMaxResultsException'],
    ['a token that is none', { NextToken: 'x' }, 'InvalidNextTokenException'],
    ['an unknown category', { EventCategory: 'rumour' }, 'InvalidEventCategoryException'],
  ];
  it.each(cases)('refuses %s', async (_what, input, code) => {
    expect(await audited.lookup(input)).toMatchObject({ status: 400, code, message: expect.any(String) });
  });

  it('refuses a token of another lookup', async () => {
    const { nextToken: NextToken } = await audited.lookup({ MaxResults: 1 });
    expect(await audited.lookup({ NextToken, MaxResults: 2 })).toMatchObject({ status: 200 });
    const other = await audited.lookup(by('EventName', 'CreateQueue', { NextToken }));
    expect(other.code).toBe('InvalidNextTokenException');
  });

  it('knows no insights', async () => {
    expect(await audited.lookup({ EventCategory: 'insight' })).toMatchObject({ status: 200, events: [] });
  });
});

describe('records', () => {
  it('of refused signatures say what they claimed', async () => {
    const { accessKeyId } = audited.root;
    const { sqs } = audited.clients({ accessKeyId, secretAccessKey: 'wrong' });
    expect(await outcome(sqs.send(new SendMessageCommand({ QueueUrl: 'http://x/1/q', MessageBody: 'psst' })))).not.toBe(
      'done',
    );
    await audited.lookup();
    const record = (await audited.records()).findLast(({ errorCode }) => errorCode === 'SignatureDoesNotMatch');
    expect(record).toMatchObject({
      ...{ eventName: 'SendMessage', userIdentity: { type: 'Unknown', accessKeyId }, requestParameters: null },
      ...{ sourceIPAddress: '127.0.0.1', recipientAccountId: account },
    });
  });

  it('of calls about messages are only made if they are refused', async () => {
    const { sns } = audited.clients(audited.root);
    const { TopicArn } = await sns.send(new CreateTopicCommand({ Name: 'quiet' }));
    await sns.send(new PublishCommand({ TopicArn, Message: 'psst' }));
    const nobody = await audited.user('voiceless');
    expect(await outcome(audited.clients(nobody).sns.send(new PublishCommand({ TopicArn, Message: 'psst' })))).not.toBe(
      'done',
    );
    await audited.lookup();
    const published = (await audited.records()).filter(({ eventName }) => eventName === 'Publish');
    expect(published).toMatchObject([
      {
        ...{
          errorCode: 'AccessDenied',
          managementEvent: false,
          userIdentity: { type: 'IAMUser', userName: 'voiceless' },
        },
        errorMessage: expect.stringContaining('because no identity-based policy allows the'),
        requestParameters: { topicArn: TopicArn, message: 'HIDDEN_DUE_TO_SECURITY_REASONS' },
      },
    ]);
  });

  it('of an assumed role name the role; the secrets of the session are nowhere', async () => {
    const { iam } = audited.clients(audited.root);
    const user = await audited.user('climber', allow('sts:AssumeRole'));
    const principal = { Principal: { AWS: `arn:aws:iam::${account}:user/climber` } };
    const AssumeRolePolicyDocument = policy({ Effect: 'Allow', Action: 'sts:AssumeRole', ...principal });
    const { Role } = await iam.send(new CreateRoleCommand({ RoleName: 'summit', AssumeRolePolicyDocument }));
    const PolicyDocument = policy(allow('sqs:ListQueues'));
    await iam.send(new PutRolePolicyCommand({ RoleName: 'summit', PolicyName: 'p', PolicyDocument }));
    const { sts } = audited.clients(user);
    const { Credentials } = await sts.send(new AssumeRoleCommand({ RoleArn: Role?.Arn, RoleSessionName: 'monday' }));
    const { AccessKeyId = '', SecretAccessKey = '', SessionToken = '' } = Credentials ?? {};
    const session = { accessKeyId: AccessKeyId, secretAccessKey: SecretAccessKey, sessionToken: SessionToken };
    await audited.clients(session).sqs.send(new ListQueuesCommand({}));
    expect(recordOf(await audited.lookup(by('AccessKeyId', AccessKeyId)))).toMatchObject({
      userIdentity: {
        ...{ type: 'AssumedRole', arn: `arn:aws:sts::${account}:assumed-role/summit/monday` },
        sessionContext: { sessionIssuer: { type: 'Role', arn: Role?.Arn, userName: 'summit' } },
      },
    });
    expect(recordOf(await audited.lookup(by('EventName', 'AssumeRole')))).toMatchObject({
      responseElements: { credentials: { accessKeyId: AccessKeyId } },
    });
    const text = JSON.stringify(await audited.records());
    expect(text).not.toContain(SecretAccessKey);
    expect(text).not.toContain(SessionToken.slice(0, 40));
  });

  it('of the use of keys name the key, and not what was encrypted', async () => {
    const { kms } = audited.clients(audited.root);
    const { KeyMetadata } = await kms.send(new CreateKeyCommand({}));
    await kms.send(new CreateAliasCommand({ AliasName: 'alias/safe', TargetKeyId: KeyMetadata?.KeyId }));
    const context = { EncryptionContext: { purpose: 'test' } };
    const Plaintext = Buffer.from('attack at dawn');
    const { CiphertextBlob } = await kms.send(new EncryptCommand({ KeyId: 'alias/safe', Plaintext, ...context }));
    const found = await audited.lookup(by('ResourceName', KeyMetadata?.Arn ?? ''));
    expect(namesOf(found)).toEqual(['Encrypt', 'CreateAlias', 'CreateKey']);
    expect(recordOf(found)).toMatchObject({
      ...{ eventName: 'Encrypt', readOnly: true, responseElements: null },
      requestParameters: { keyId: 'alias/safe', encryptionContext: { purpose: 'test' } },
      resources: [{ accountId: account, type: 'AWS::KMS::Key', ARN: KeyMetadata?.Arn }],
    });
    const text = JSON.stringify(await audited.records());
    for (const bytes of [Plaintext, Buffer.from(CiphertextBlob ?? [])])
      expect(text).not.toContain(bytes.toString('base64'));
    expect(text).not.toContain('attack at dawn');
  });
});

describe('an encrypted queue', () => {
  it('uses its key on behalf of who sends, and only the first of many messages asks KMS', async () => {
    const { kms, sqs } = audited.clients(audited.root);
    const { KeyMetadata } = await kms.send(new CreateKeyCommand({}));
    const Attributes = { KmsMasterKeyId: KeyMetadata?.KeyId ?? '' };
    const { QueueUrl } = await sqs.send(new CreateQueueCommand({ QueueName: 'encrypted', Attributes }));
    for (const MessageBody of ['one', 'two']) await sqs.send(new SendMessageCommand({ QueueUrl, MessageBody }));
    const found = await audited.lookup(by('ResourceName', KeyMetadata?.Arn ?? ''));
    expect(namesOf(found).filter((name) => name === 'GenerateDataKey')).toHaveLength(1);
    const made = found.events.find(({ EventName }) => EventName === 'GenerateDataKey');
    expect(JSON.parse(made?.CloudTrailEvent ?? '{}')).toMatchObject({
      ...{ userIdentity: { type: 'Root', invokedBy: 'sqs.amazonaws.com' }, sourceIPAddress: 'sqs.amazonaws.com' },
      requestParameters: { encryptionContext: { 'aws:sqs:arn': `arn:aws:sqs:${region}:${account}:encrypted` } },
    });
  });
});

describe('a server', () => {
  it('that records calls about messages hides what they say, and tells of them in the files alone', async () => {
    const busy = await startAudited({ auditDataEvents: true });
    try {
      const { sqs } = busy.clients(busy.root);
      const { QueueUrl } = await sqs.send(new CreateQueueCommand({ QueueName: 'q' }));
      await sqs.send(new SendMessageCommand({ QueueUrl, MessageBody: 'psst' }));
      expect(namesOf(await busy.lookup())).toEqual(['CreateQueue']);
      const sent = (await busy.records()).find(({ eventName }) => eventName === 'SendMessage');
      expect(sent).toMatchObject({
        ...{
          eventCategory: 'Data',
          requestParameters: { queueUrl: QueueUrl, messageBody: expect.stringMatching(/^HIDDEN/) },
        },
        responseElements: { messageId: expect.any(String) },
      });
    } finally {
      await busy.close();
    }
  });

  it('that keeps no records says so', async () => {
    const silent = await startAudited({ auditDir: 'off' });
    try {
      const target = 'CloudTrail_20131101.LookupEvents';
      const answer = await lookupAt(silent.server.endpoint, {}, { key: silent.root, region, target });
      expect(answer).toMatchObject({ status: 400, code: 'UnsupportedOperationException' });
    } finally {
      await silent.close();
    }
  });

  it('that believes everybody records what everybody claims to be', async () => {
    const directory = await mkdtemp(join(tmpdir(), 'posthorn-open-audit-'));
    const server = await startPosthorn({ port: 0, memory: true, auditDir: directory });
    try {
      const key = { accessKeyId: '111122223333', secretAccessKey: 'any' };
      const target = 'CloudTrail_20131101.LookupEvents';
      await lookupAt(server.endpoint, {}, { key, region, target });
      const other = await lookupAt(
        server.endpoint,
        {},
        { key: { ...key, accessKeyId: '444455556666' }, region, target },
      );
      expect(other.events).toEqual([]);
      const { events } = await lookupAt(server.endpoint, {}, { key, region, target });
      expect(JSON.parse(events[0]?.CloudTrailEvent ?? '{}')).toMatchObject({
        userIdentity: { type: 'Root', arn: 'arn:aws:iam::111122223333:root', accessKeyId: '111122223333' },
      });
    } finally {
      await server.close();
      await rm(directory, { recursive: true, force: true });
    }
  });

  it('keeps its records in the data directory, and finds them after a restart', async () => {
    const dataDir = await mkdtemp(join(tmpdir(), 'posthorn-kept-audit-'));
    const key = { accessKeyId: '111122223333', secretAccessKey: 'any' };
    const namesAfter = async (act: (endpoint: string) => Promise<unknown>) => {
      const server = await startPosthorn({ port: 0, dataDir });
      try {
        await act(server.endpoint);
        const target = 'CloudTrail_20131101.LookupEvents';
        return namesOf(await lookupAt(server.endpoint, {}, { key, region, target }));
      } finally {
        await server.close();
      }
    };
    try {
      const client = (endpoint: string) => new SQSClient({ endpoint, region, credentials: key });
      const create = (name: string) => (endpoint: string) =>
        client(endpoint).send(new CreateQueueCommand({ QueueName: name }));
      expect(await namesAfter(create('before'))).toEqual(['CreateQueue']);
      expect(await namesAfter(create('after'))).toEqual(['CreateQueue', 'LookupEvents', 'CreateQueue']);
      expect(await readdir(join(dataDir, 'audit'))).toEqual([expect.stringMatching(/\.jsonl$/)]);
    } finally {
      await rm(dataDir, { recursive: true, force: true });
    }
  });
});
