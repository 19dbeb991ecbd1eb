/** What an administrator does with AWS's client for JavaScript: attributes, policies, permissions, pages of queues. */
import {
  AddPermissionCommand,
  CreateQueueCommand,
  DeleteQueueCommand,
  GetQueueAttributesCommand,
  paginateListQueues,
  QueueNameExists,
  RemovePermissionCommand,
  SetQueueAttributesCommand,
} from '@aws-sdk/client-sqs';
import { expect, it } from 'vitest';
import { client } from './posthorn.ts';

async function createQueue(QueueName: string, Attributes: Record<string, string> = {}): Promise<string> {
  return (await client().send(new CreateQueueCommand({ QueueName, Attributes }))).QueueUrl ?? '';
}

async function attributesOf(QueueUrl: string): Promise<Record<string, string>> {
  const get = new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ['All'] });
  return (await client().send(get)).Attributes ?? {};
}

const settable = {
  DelaySeconds: '5',
  MaximumMessageSize: '2048',
  MessageRetentionPeriod: '60',
  ReceiveMessageWaitTimeSeconds: '20',
  VisibilityTimeout: '43200',
};

it('keeps the attributes that it is given, at the creation and later', async () => {
  const given = await createQueue('given', settable);
  expect(await attributesOf(given)).toMatchObject(settable);
  expect(await createQueue('given', settable)).toBe(given);
  await expect(createQueue('given', { ...settable, DelaySeconds: '6' })).rejects.toBeInstanceOf(QueueNameExists);
  const changed = await createQueue('changed');
  await client().send(new SetQueueAttributesCommand({ QueueUrl: changed, Attributes: settable }));
  expect(await attributesOf(changed)).toMatchObject(settable);
});

it('keeps policies as JSON, and removes them with an empty text', async () => {
  const target = await attributesOf(await createQueue('target'));
  const QueueUrl = await createQueue('policies');
  const { QueueArn = '' } = await attributesOf(QueueUrl);
  const documents = {
    Policy: {
      Version: '2012-10-17',
      Statement: [
        {
          Sid: 'anyone',
          Effect: 'Allow',
          Principal: '*',
          Action: 'sqs:SendMessage',
          Resource: QueueArn,
          Condition: { ArnEquals: { 'aws:SourceArn': 'arn:aws:sns:eu-west-1:123456789012:topic' } },
        },
      ],
    },
    RedrivePolicy: { deadLetterTargetArn: target.QueueArn, maxReceiveCount: 4 },
    RedriveAllowPolicy: { redrivePermission: 'byQueue', sourceQueueArns: [QueueArn] },
  };
  const texts = Object.entries(documents).map(([name, document]) => [name, JSON.stringify(document)]);
  await client().send(new SetQueueAttributesCommand({ QueueUrl, Attributes: Object.fromEntries(texts) }));
  const found = await attributesOf(QueueUrl);
  for (const [name, document] of Object.entries(documents)) expect(JSON.parse(found[name] ?? '')).toEqual(document);
  const Attributes = Object.fromEntries(Object.keys(documents).map((name) => [name, '']));
  await client().send(new SetQueueAttributesCommand({ QueueUrl, Attributes }));
  for (const name of Object.keys(documents)) expect(await attributesOf(QueueUrl)).not.toHaveProperty(name);
});

it('adds and removes permissions', async () => {
  const QueueUrl = await createQueue('permissions');
  const { QueueArn } = await attributesOf(QueueUrl);
  const permission = { QueueUrl, AWSAccountIds: ['111122223333'], Actions: ['SendMessage', 'ReceiveMessage'] };
  await client().send(new AddPermissionCommand({ ...permission, Label: 'partner' }));
  const { Policy = '' } = await attributesOf(QueueUrl);
  expect(JSON.parse(Policy).Statement).toEqual([
    {
      Sid: 'partner',
      Effect: 'Allow',
      Principal: { AWS: 'arn:aws:iam::111122223333:root' },
      Action: ['SQS:SendMessage', 'SQS:ReceiveMessage'],
      Resource: QueueArn,
    },
  ]);
  await expect(client().send(new AddPermissionCommand({ ...permission, Label: 'partner' }))).rejects.toMatchObject({
    name: 'InvalidParameterValue',
  });
  await client().send(new RemovePermissionCommand({ QueueUrl, Label: 'partner' }));
  expect(await attributesOf(QueueUrl)).not.toHaveProperty('Policy');
});

it('lists many queues page by page', async () => {
  const urls = await Promise.all(Array.from({ length: 23 }, (_, n) => createQueue(`paged-${n}`)));
  const found: string[] = [];
  for await (const { QueueUrls = [] } of paginateListQueues(
    { client: client(), pageSize: 10 },
    { QueueNamePrefix: 'paged-' },
  )) {
    expect(QueueUrls.length).toBeLessThanOrEqual(10);
    found.push(...QueueUrls);
  }
  expect(found.sort()).toEqual(urls.sort());
  await Promise.all(urls.map((QueueUrl) => client().send(new DeleteQueueCommand({ QueueUrl }))));
});
