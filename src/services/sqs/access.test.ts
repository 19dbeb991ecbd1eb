import { afterAll, beforeAll, expect, test } from 'vitest';
import type { CallContext } from '#aws/contract';
import { sqs as contract } from '#aws/generated/sqs';
import { Partition } from '#runtime';
import { MemoryStore } from '#storage/memory';
import { accessOf } from './access.ts';
import { engineSettings } from './queueAttributes.ts';
import type { Sqs } from './service.ts';

const context: CallContext = {
  ...{ accountId: '111122223333', region: 'eu-west-1', requestId: 'r', accessKeyId: 'key', endpoint: 'http://here' },
  client: { gone: false, onGone: () => undefined },
};
const own = 'arn:aws:sqs:eu-west-1:111122223333:orders';
const foreign = 'arn:aws:sqs:eu-west-1:444455556666:orders';
const ownUrl = { QueueUrl: 'http://here/111122223333/orders' };
const foreignUrl = { QueueUrl: 'http://here/444455556666/orders' };
const taskHandle = Buffer.from(JSON.stringify({ taskId: 'id', sourceArn: own })).toString('base64');

let partition: Partition;
let sqs: Sqs;
beforeAll(async () => {
  partition = await Partition.open(new MemoryStore());
  sqs = { partition } as Partial<Sqs> as Sqs;
  const Policy = JSON.stringify({
    Statement: [{ Effect: 'Allow', Principal: '*', Action: 'sqs:*', Resource: own }],
  });
  await partition.createQueue({
    ...{ accountId: '111122223333', region: 'eu-west-1', name: 'orders' },
    ...{ attributes: { Policy }, tags: { team: 'a' }, settings: engineSettings({}) },
  });
});
afterAll(() => partition.close());

/** What each operation needs, given a queue of the caller's own; `!`: never across accounts. */
const needs: Readonly<Record<string, readonly [input: object, ...needed: string[]]>> = {
  AddPermission: [ownUrl, `!sqs:AddPermission ${own}`],
  CancelMessageMoveTask: [{ TaskHandle: taskHandle }, `!sqs:CancelMessageMoveTask ${own}`],
  ChangeMessageVisibility: [ownUrl, `sqs:ChangeMessageVisibility ${own}`],
  ChangeMessageVisibilityBatch: [ownUrl, `sqs:ChangeMessageVisibility ${own}`],
  CreateQueue: [{ QueueName: 'orders' }, `!sqs:CreateQueue ${own}`],
  DeleteMessage: [ownUrl, `sqs:DeleteMessage ${own}`],
  DeleteMessageBatch: [ownUrl, `sqs:DeleteMessage ${own}`],
  DeleteQueue: [ownUrl, `!sqs:DeleteQueue ${own}`],
  GetQueueAttributes: [ownUrl, `sqs:GetQueueAttributes ${own}`],
  GetQueueUrl: [{ QueueName: 'orders' }, `sqs:GetQueueUrl ${own}`],
  ListDeadLetterSourceQueues: [ownUrl, `sqs:ListDeadLetterSourceQueues ${own}`],
  ListMessageMoveTasks: [{ SourceArn: own }, `!sqs:ListMessageMoveTasks ${own}`],
  ListQueues: [{}, '!sqs:ListQueues arn:aws:sqs:eu-west-1:111122223333:'],
  ListQueueTags: [ownUrl, `!sqs:ListQueueTags ${own}`],
  PurgeQueue: [ownUrl, `sqs:PurgeQueue ${own}`],
  ReceiveMessage: [ownUrl, `sqs:ReceiveMessage ${own}`],
  RemovePermission: [ownUrl, `!sqs:RemovePermission ${own}`],
  SendMessage: [ownUrl, `sqs:SendMessage ${own}`],
  SendMessageBatch: [ownUrl, `sqs:SendMessage ${own}`],
  SetQueueAttributes: [ownUrl, `!sqs:SetQueueAttributes ${own}`],
  StartMessageMoveTask: [
    { SourceArn: own, DestinationArn: foreign },
    `!sqs:StartMessageMoveTask ${own}`,
    ...['ReceiveMessage', 'DeleteMessage', 'GetQueueAttributes'].map((each) => `sqs:${each} ${own}`),
    `sqs:SendMessage ${foreign}`,
  ],
  TagQueue: [ownUrl, `!sqs:TagQueue ${own}`],
  UntagQueue: [ownUrl, `!sqs:UntagQueue ${own}`],
};

const ask = async (operation: string, input: object) => accessOf(sqs, operation, input, context);

test.each(Object.keys(contract.operations))('%s needs what the table says', async (operation) => {
  const [input = {}, ...needed] = needs[operation] ?? [];
  const asked = await ask(operation, input);
  const shown = asked.map(
    ({ neverCrossAccount, action, resource }) => `${neverCrossAccount === true ? '!' : ''}${action} ${resource}`,
  );
  expect(shown).toEqual(needed);
  expect(needed.length).toBeGreaterThan(0);
});

test("another account's queue is that account's, whether it is there or not", async () => {
  const [access] = await ask('SendMessage', foreignUrl);
  expect(access).toMatchObject({ resource: foreign, resourceAccountId: '444455556666' });
  expect(access?.policy).toBeUndefined();
  const [named] = await ask('GetQueueUrl', { QueueName: 'orders', QueueOwnerAWSAccountId: '444455556666' });
  expect(named).toMatchObject({ resource: foreign, resourceAccountId: '444455556666' });
});

test('the policy and the tags of the queue go with it, and the tags that are asked for', async () => {
  const [access] = await ask('TagQueue', { ...ownUrl, Tags: { cost: '1' } });
  expect(access?.policy?.statements).toHaveLength(1);
  expect(access?.context).toEqual({
    'aws:ResourceTag/team': 'a',
    'aws:RequestTag/cost': '1',
    'aws:TagKeys': ['cost'],
  });
  expect((await ask('UntagQueue', { ...ownUrl, TagKeys: ['team'] }))[0]?.context).toMatchObject({
    'aws:TagKeys': ['team'],
  });
});

test('what names no queue is left to the operation to refuse', async () => {
  expect(await ask('StartMessageMoveTask', { SourceArn: 'nonsense' })).toEqual([]);
  expect(await ask('ListMessageMoveTasks', { SourceArn: 'nonsense' })).toEqual([]);
});
