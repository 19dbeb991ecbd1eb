import {
  CreateQueueCommand,
  DeleteMessageCommand,
  GetQueueAttributesCommand,
  ReceiveMessageCommand,
  SendMessageCommand,
  SQSClient,
} from '@aws-sdk/client-sqs';
import { GetCallerIdentityCommand, STSClient } from '@aws-sdk/client-sts';
import { expect, test } from 'vitest';
import { startPosthorn } from './server.ts';

test('serves the AWS SDK from memory', async () => {
  const server = await startPosthorn({ port: 0, memory: true });
  const settings = {
    endpoint: server.endpoint,
    region: 'eu-west-1',
    credentials: { accessKeyId: '123456789012', secretAccessKey: 'x' },
  };
  const sqs = new SQSClient(settings);
  const { QueueUrl } = await sqs.send(new CreateQueueCommand({ QueueName: 'orders' }));
  expect(QueueUrl).toBe(`${server.endpoint}/123456789012/orders`);
  await sqs.send(new SendMessageCommand({ QueueUrl, MessageBody: 'hello' }));
  const { Messages } = await sqs.send(new ReceiveMessageCommand({ QueueUrl, MessageSystemAttributeNames: ['All'] }));
  expect(Messages).toMatchObject([{ Body: 'hello', Attributes: { ApproximateReceiveCount: '1' } }]);
  await sqs.send(new DeleteMessageCommand({ QueueUrl, ReceiptHandle: Messages?.[0]?.ReceiptHandle }));
  const { Attributes } = await sqs.send(new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ['All'] }));
  expect(Attributes).toMatchObject({
    ApproximateNumberOfMessages: '0',
    QueueArn: 'arn:aws:sqs:eu-west-1:123456789012:orders',
  });
  const identity = await new STSClient(settings).send(new GetCallerIdentityCommand({}));
  expect(identity.Account).toBe('123456789012');
  await server.close();
});

test('makes the queues of the configuration, dead-letter queues before those that name them', async () => {
  const target = 'arn:aws:sqs:us-east-1:000000000000:dead';
  const redrive = JSON.stringify({ deadLetterTargetArn: target, maxReceiveCount: 3 });
  const queues = [{ name: 'orders', attributes: { RedrivePolicy: redrive } }, { name: 'dead' }];
  const server = await startPosthorn({ port: 0, memory: true, queues });
  await server.close();
  const alone = [{ name: 'orders', attributes: { RedrivePolicy: redrive } }];
  const refused = startPosthorn({ port: 0, memory: true, queues: alone });
  await expect(refused).rejects.toThrow("The configuration's queue orders can't be made");
});

test('has one owner of queues in memory', async () => {
  const refused = startPosthorn({ port: 0, memory: true, owners: 2 });
  await expect(refused).rejects.toMatchObject({ exitCode: 2, message: /^In memory all queues are in one process/ });
});
