import { afterAll, beforeAll, expect, test } from 'vitest';
import type { CallContext } from '#aws/contract';
import { sns as contract } from '#aws/generated/sns';
import { Partition } from '#runtime';
import { MemoryStore } from '#storage/memory';
import { accessOf } from './access.ts';
import type { Sns } from './service.ts';
import { Topics } from './topics.ts';

const context: CallContext = {
  ...{ accountId: '111122223333', region: 'eu-west-1', requestId: 'r', accessKeyId: 'key', endpoint: 'http://here' },
  client: { gone: false, onGone: () => undefined },
};
const scope = 'arn:aws:sns:eu-west-1:111122223333';
const topicArn = `${scope}:news`;
const onTopic = { TopicArn: topicArn };
const onResource = { ResourceArn: topicArn };
const onSubscription = { SubscriptionArn: `${topicArn}:6f0d7a5c-1111-4222-8333-444455556666` };
const onApplication = { PlatformApplicationArn: `${scope}:app/GCM/phones` };
const onEndpoint = { EndpointArn: `${scope}:endpoint/GCM/phones/1` };

let partition: Partition;
let sns: Sns;
beforeAll(async () => {
  partition = await Partition.open(new MemoryStore());
  sns = { partition, topics: new Topics(partition) } as unknown as Sns;
  await sns.topics.create({
    ...{ accountId: '111122223333', region: 'eu-west-1', name: 'news', topicId: 'id', createdAt: 0 },
    ...{ attributes: {}, tags: { team: 'a' }, subscriptionsDeleted: 0 },
  });
});
afterAll(() => partition.close());

/** What each operation needs; those about SMS are about no resource. */
const needs: Readonly<Record<string, readonly [input: object, ...needed: string[]]>> = {
  AddPermission: [onTopic, `SNS:AddPermission ${topicArn}`],
  ConfirmSubscription: [onTopic],
  CreatePlatformEndpoint: [onApplication, `SNS:CreatePlatformEndpoint ${scope}:app/GCM/phones`],
  CreateTopic: [{ Name: 'news' }, `SNS:CreateTopic ${topicArn}`],
  DeleteEndpoint: [onEndpoint, `SNS:DeleteEndpoint ${scope}:endpoint/GCM/phones/1`],
  DeletePlatformApplication: [onApplication, `SNS:DeletePlatformApplication ${scope}:app/GCM/phones`],
  DeleteTopic: [onTopic, `SNS:DeleteTopic ${topicArn}`],
  GetDataProtectionPolicy: [onResource, `SNS:GetDataProtectionPolicy ${topicArn}`],
  GetEndpointAttributes: [onEndpoint, `SNS:GetEndpointAttributes ${scope}:endpoint/GCM/phones/1`],
  GetPlatformApplicationAttributes: [onApplication, `SNS:GetPlatformApplicationAttributes ${scope}:app/GCM/phones`],
  GetSubscriptionAttributes: [onSubscription, `SNS:GetSubscriptionAttributes ${topicArn}`],
  GetTopicAttributes: [onTopic, `SNS:GetTopicAttributes ${topicArn}`],
  ListEndpointsByPlatformApplication: [onApplication, `SNS:ListEndpointsByPlatformApplication ${scope}:app/GCM/phones`],
  ListPlatformApplications: [{}, `SNS:ListPlatformApplications ${scope}:*`],
  ListSubscriptions: [{}, `SNS:ListSubscriptions ${scope}:*`],
  ListSubscriptionsByTopic: [onTopic, `SNS:ListSubscriptionsByTopic ${topicArn}`],
  ListTagsForResource: [onResource, `SNS:ListTagsForResource ${topicArn}`],
  ListTopics: [{}, `SNS:ListTopics ${scope}:*`],
  Publish: [onTopic, `SNS:Publish ${topicArn}`],
  PublishBatch: [onTopic, `SNS:Publish ${topicArn}`],
  PutDataProtectionPolicy: [onResource, `SNS:PutDataProtectionPolicy ${topicArn}`],
  RemovePermission: [onTopic, `SNS:RemovePermission ${topicArn}`],
  SetEndpointAttributes: [onEndpoint, `SNS:SetEndpointAttributes ${scope}:endpoint/GCM/phones/1`],
  SetPlatformApplicationAttributes: [onApplication, `SNS:SetPlatformApplicationAttributes ${scope}:app/GCM/phones`],
  SetSubscriptionAttributes: [onSubscription, `SNS:SetSubscriptionAttributes ${topicArn}`],
  SetTopicAttributes: [onTopic, `SNS:SetTopicAttributes ${topicArn}`],
  Subscribe: [onTopic, `SNS:Subscribe ${topicArn}`],
  TagResource: [onResource, `SNS:TagResource ${topicArn}`],
  Unsubscribe: [onSubscription, `SNS:Unsubscribe ${topicArn}`],
  UntagResource: [onResource, `SNS:UntagResource ${topicArn}`],
};

const ask = (operation: string, input: object, as = context) => accessOf(sns, operation, input, as);

test.each(Object.keys(contract.operations))('%s needs what the table says', async (operation) => {
  const [input = {}, ...needed] = needs[operation] ?? [{}, `SNS:${operation} *`];
  expect((await ask(operation, input)).map(({ action, resource }) => `${action} ${resource}`)).toEqual(needed);
});

test('a topic comes with its policy, or the default one, and with its tags', async () => {
  const [access] = await ask('Publish', { TargetArn: topicArn });
  expect(access?.policy?.statements[0]).toBeDefined();
  expect(access).toMatchObject({ resourceAccountId: '111122223333', context: { 'aws:ResourceTag/team': 'a' } });
  const [foreign] = await ask('Publish', { TopicArn: 'arn:aws:sns:eu-west-1:444455556666:news' });
  expect(foreign).toMatchObject({ resourceAccountId: '444455556666' });
  expect(foreign?.policy).toBeUndefined();
});

test('a subscription says what is subscribed', async () => {
  const [access] = await ask('Subscribe', { ...onTopic, Protocol: 'sqs', Endpoint: 'arn' });
  expect(access?.context).toMatchObject({ 'sns:Protocol': 'sqs', 'sns:Endpoint': 'arn' });
});

test('a device is about itself, a telephone about nothing', async () => {
  const [device] = await ask('Publish', { TargetArn: onEndpoint.EndpointArn });
  expect(device).toMatchObject({ resource: onEndpoint.EndpointArn, resourceAccountId: '111122223333' });
  const [telephone] = await ask('Publish', { PhoneNumber: '+12065550100' });
  expect(telephone).toMatchObject({ resource: '*', resourceAccountId: '111122223333' });
});

test('the link in a message is followed without a signature', async () => {
  const principal = { kind: 'anonymous', accountId: '', arn: '', userId: '', context: {} } as const;
  const anonymous = { ...context, caller: { principal, policies: [] } };
  expect(await ask('Unsubscribe', onSubscription, anonymous)).toEqual([]);
  expect(await ask('Publish', onTopic, anonymous)).toHaveLength(1);
});
