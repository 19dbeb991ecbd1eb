import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { CallContext, ServedService } from '#aws/contract';
import { type Clock, type DataKeys, Partition } from '#runtime';
import { MemoryStore } from '#storage/memory';
import { createSqs } from './index.ts';

/** Time passes when a test says so, and nothing happens by itself. */
const clock: Clock & { ms: number } = {
  ms: 1_700_000_000_000,
  now: () => clock.ms,
  schedule: () => () => undefined,
  nextTurn: () => new Promise<void>((resolve) => setImmediate(resolve)),
};

const context: CallContext = {
  accountId: '111122223333',
  region: 'eu-west-1',
  requestId: 'r',
  accessKeyId: '',
  endpoint: 'http://localhost',
  client: { gone: false, onGone: () => undefined },
};

// No queue here is encrypted.
const encryption = { dataKeys: {} as DataKeys, managed: 'explicit' } as const;
let partition: Partition;
beforeAll(async () => {
  partition = await Partition.open(new MemoryStore(), { clock });
});
afterAll(() => partition.close());

function call(sqs: ServedService, operation: string, input: object): Promise<unknown> {
  return sqs.operations[operation]?.(input as never, context) as Promise<unknown>;
}

async function newQueue(sqs: ServedService, QueueName: string): Promise<{ QueueUrl: string }> {
  return (await call(sqs, 'CreateQueue', { QueueName })) as { QueueUrl: string };
}

const tooSoonToPurge = (name: string) => ({
  code: 'PurgeQueueInProgress',
  queryCode: 'AWS.SimpleQueueService.PurgeQueueInProgress',
  httpStatus: 403,
  message: `Only one PurgeQueue operation on ${name} is allowed every 60 seconds.`,
});

const tooSoonToCreate = {
  code: 'QueueDeletedRecently',
  queryCode: 'AWS.SimpleQueueService.QueueDeletedRecently',
  httpStatus: 400,
  message: 'You must wait 60 seconds after deleting a queue before you can create another with the same name.',
};

// The texts and statuses are those that public suites have recorded at AWS.
describe('with strict timing', () => {
  it('a queue is purged once in 60 seconds', async () => {
    const sqs = createSqs(partition, { encryption, strictTiming: true });
    const queue = await newQueue(sqs, 'purged');
    const other = await newQueue(sqs, 'purged-too');
    await call(sqs, 'PurgeQueue', queue);
    await call(sqs, 'PurgeQueue', other);
    await expect(call(sqs, 'PurgeQueue', queue)).rejects.toMatchObject(tooSoonToPurge('purged'));
    clock.ms += 59_999;
    await expect(call(sqs, 'PurgeQueue', queue)).rejects.toMatchObject(tooSoonToPurge('purged'));
    clock.ms += 1;
    await call(sqs, 'PurgeQueue', queue);
    await expect(call(sqs, 'PurgeQueue', queue)).rejects.toMatchObject(tooSoonToPurge('purged'));
  });

  it('a name is free again 60 seconds after the deletion', async () => {
    const sqs = createSqs(partition, { encryption, strictTiming: true });
    const queue = await newQueue(sqs, 'deleted');
    await call(sqs, 'DeleteQueue', queue);
    await expect(newQueue(sqs, 'deleted')).rejects.toMatchObject(tooSoonToCreate);
    await newQueue(sqs, 'deleted-2');
    clock.ms += 59_999;
    await expect(newQueue(sqs, 'deleted')).rejects.toMatchObject(tooSoonToCreate);
    clock.ms += 1;
    expect(await newQueue(sqs, 'deleted')).toEqual(queue);
  });
});

describe('without', () => {
  it('neither waits', async () => {
    const sqs = createSqs(partition, { encryption });
    const queue = await newQueue(sqs, 'free');
    for (let times = 0; times < 3; times++) await call(sqs, 'PurgeQueue', queue);
    await call(sqs, 'DeleteQueue', queue);
    expect(await newQueue(sqs, 'free')).toEqual(queue);
  });
});

describe('with enforced quotas', () => {
  const sendTo = (sqs: ServedService, QueueUrl: string, groupId: string) => (_: unknown, index: number) =>
    call(sqs, 'SendMessage', {
      QueueUrl,
      MessageBody: 'x',
      MessageGroupId: groupId,
      MessageDeduplicationId: `${groupId}-${clock.ms}-${index}`,
    });

  it('a FIFO queue takes 300 sends a second, and more in the next', async () => {
    const sqs = createSqs(partition, { encryption, enforceQuotas: true });
    const input = { QueueName: 'busy.fifo', Attributes: { FifoQueue: 'true' } };
    const { QueueUrl } = (await call(sqs, 'CreateQueue', input)) as { QueueUrl: string };
    const burst = () => Promise.allSettled(Array.from({ length: 310 }, sendTo(sqs, QueueUrl, 'g')));
    for (let second = 0; second < 2; second++) {
      const refused = (await burst()).filter(({ status }) => status === 'rejected');
      expect(refused).toHaveLength(10);
      for (const each of refused) {
        expect(each).toMatchObject({ reason: { code: 'RequestThrottled', httpStatus: 403 } });
      }
      clock.ms += 1_000;
    }
  });
});
