/** Keys that are disabled and enabled while messages wait, by a clock that a test moves: what is in memory lasts a period. */

import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { joined } from '#std/splitBytes';
import type { CallContext, ServedService } from '../../src/aws/contract.ts';
import { DataKeys, Partition, type QueueEncoder } from '../../src/runtime/index.ts';
import { createSealer } from '../../src/runtime/sealing.ts';
import { createKms, type RunningKms } from '../../src/services/kms/index.ts';
import { DeliveryLoop } from '../../src/services/sns/deliveryLoop.ts';
import { defaultRetryPolicy } from '../../src/services/sns/deliveryPolicy.ts';
import { createSns, type RunningSns } from '../../src/services/sns/index.ts';
import { createQueueEncoder } from '../../src/services/sqs/encoder.ts';
import { createSqs } from '../../src/services/sqs/index.ts';
import { encodePayload } from '../../src/services/sqs/payload.ts';
import { MemoryStore } from '../../src/storage/memory.ts';
import { SimulatedClock } from '../simulation/simulatedClock.ts';

const context: CallContext = {
  ...{ accountId: '111122223333', region: 'eu-west-1', requestId: 'r', accessKeyId: '', endpoint: 'http://localhost' },
  client: { gone: false, onGone: () => undefined },
};

// biome-ignore lint/suspicious/noExplicitAny: codec: what the edge encodes
type Output = Record<string, any>;

let clock: SimulatedClock;
let partition: Partition;
let kms: RunningKms;
let sns: RunningSns;
let sqs: ServedService;
let errors: Error[];
let dataKeys: DataKeys;
let encoder: QueueEncoder;

beforeEach(async () => {
  errors = [];
  clock = new SimulatedClock(1_700_000_000_000);
  partition = await Partition.open(new MemoryStore(), { clock });
  const vault = createSealer(Buffer.alloc(32, 7));
  kms = createKms(partition, vault, { clock });
  dataKeys = new DataKeys(partition, { vault, keyRing: kms.keys, clock });
  const encryption = { dataKeys, managed: 'explicit' } as const;
  encoder = createQueueEncoder({ encryption, isEnforced: false });
  sns = createSns(partition, { encoder, dataKeys, vault, report: (error) => errors.push(error) });
  sqs = createSqs(partition, { encryption });
});
afterEach(async () => {
  await sns.close();
  await kms.close();
  await partition.close();
  expect(errors).toEqual([]);
});

async function call(service: ServedService, operation: string, input: object): Promise<Output> {
  return (await service.operations[operation]?.(input as never, context)) as Output;
}
const key = async () => (await call(kms.service, 'CreateKey', {})).KeyMetadata.KeyId as string;
const queue = async (QueueName: string, Attributes = {}) =>
  (await call(sqs, 'CreateQueue', { QueueName, Attributes })).QueueUrl as string;
const send = (QueueUrl: string, MessageBody: string, more = {}) =>
  call(sqs, 'SendMessage', { QueueUrl, MessageBody, ...more });
const receive = async (QueueUrl: string): Promise<string[]> => {
  const { Messages = [] } = await call(sqs, 'ReceiveMessage', { QueueUrl, MaxNumberOfMessages: 10 });
  return Messages.map(({ Body }: Output) => Body);
};
/** Lets everything happen that needs no time. */
const settle = async () => {
  for (let turn = 0; turn < 30; turn += 1) await clock.nextTurn();
};
const isDisabled = { code: 'KmsDisabled' };
const seconds = (count: number) => clock.advance(count * 1_000, () => clock.nextTurn());

describe('a disabled key', () => {
  it('is noticed by who sends and who receives when the period of the queue is over', async () => {
    const KeyId = await key();
    const url = await queue('q', { KmsMasterKeyId: KeyId, KmsDataKeyReusePeriodSeconds: '60', VisibilityTimeout: '0' });
    await send(url, 'one');
    await call(kms.service, 'DisableKey', { KeyId });
    await seconds(59);
    await send(url, 'two');
    expect(await receive(url)).toEqual(['one', 'two']);
    await seconds(1);
    await expect(send(url, 'three')).rejects.toMatchObject(isDisabled);
    await expect(receive(url)).rejects.toMatchObject(isDisabled);
    await call(kms.service, 'EnableKey', { KeyId });
    await send(url, 'four');
    expect(await receive(url)).toEqual(['one', 'two', 'four']);
  });

  it('takes nothing from the messages that it protects: they were not received', async () => {
    const KeyId = await key();
    const dead = await queue('dead');
    const RedrivePolicy = JSON.stringify({
      ...{ deadLetterTargetArn: 'arn:aws:sqs:eu-west-1:111122223333:dead', maxReceiveCount: 1 },
    });
    const url = await queue('q', { KmsMasterKeyId: KeyId, KmsDataKeyReusePeriodSeconds: '60', RedrivePolicy });
    await send(url, 'one');
    await call(kms.service, 'DisableKey', { KeyId });
    await seconds(60);
    for (let times = 0; times < 3; times += 1) await expect(receive(url)).rejects.toMatchObject(isDisabled);
    await call(kms.service, 'EnableKey', { KeyId });
    expect(await receive(url)).toEqual(['one']);
    expect(await receive(dead)).toEqual([]);
  });

  it('keeps back its own messages, and on a FIFO queue those behind them in their groups', async () => {
    const [bad, good] = [await key(), await key()];
    const period = { KmsDataKeyReusePeriodSeconds: '60' };
    const url = await queue('q.fifo', { FifoQueue: 'true', KmsMasterKeyId: bad, ...period });
    const ids = (MessageGroupId: string, id: string) => ({ MessageGroupId, MessageDeduplicationId: id });
    await send(url, 'a1', ids('a', '1'));
    await call(sqs, 'SetQueueAttributes', { QueueUrl: url, Attributes: { KmsMasterKeyId: good } });
    await send(url, 'a2', ids('a', '2'));
    await send(url, 'b1', ids('b', '3'));
    await call(kms.service, 'DisableKey', { KeyId: bad });
    await seconds(60);
    expect(await receive(url)).toEqual(['b1']);
    await call(kms.service, 'EnableKey', { KeyId: bad });
    expect(await receive(url)).toEqual(['a1', 'a2']);
  });

  it('keeps deliveries waiting, and takes none of their attempts', async () => {
    const KeyId = await key();
    const order = {
      kms: { reference: KeyId, user: context, context: ['aws:sns:topicArn', 'arn:aws:sns:eu-west-1:1:t'] as const },
      ...{ reuseMs: 300_000, keepMs: 300_000 },
    };
    const sealed = (await dataKeys.sealing(order)).seal(Buffer.from('{"protocol":"http","kind":"notification"}'));
    await call(kms.service, 'DisableKey', { KeyId });
    await seconds(300);
    const path = { accountId: 'sns', region: 'eu-west-1', name: 'deliveries' };
    const settings = { visibilityTimeoutMs: 0, delayMs: 0, retentionMs: 86_400_000, maxInFlight: 10 };
    const { handle } = await partition.createQueue({ ...path, settings, attributes: {}, tags: {} });
    await handle.send([{ messageId: Buffer.alloc(16), payload: sealed }]);
    const sent: string[] = [];
    const report = (error: Error) => errors.push(error);
    const loop = new DeliveryLoop(partition, encoder, { clock, dataKeys, report });
    const sendContext = { envelope: () => '', headers: {}, contentType: '', publicUrl: '' };
    loop.start({
      find: async (delivery) => ({
        ...{ delivery, retries: defaultRetryPolicy, successSampleRate: 0, logName: 't' },
        context: (signal) => ({ ...sendContext, signal }),
      }),
      senderOf: () => async (delivery) => {
        sent.push(delivery.protocol);
        return { kind: 'delivered' };
      },
      queues: async function* () {
        yield path;
      },
    });
    const pass = async (milliseconds: number) => {
      await clock.advance(milliseconds, settle);
      await settle();
    };
    await pass(60_000);
    expect(sent).toEqual([]);
    const { messages } = await handle.peek({ limit: 1 });
    expect(messages).toMatchObject([{ state: 'waiting', receiveCount: 0 }]);
    await call(kms.service, 'EnableKey', { KeyId });
    await pass(5_000);
    expect(sent).toEqual(['http']);
    await loop.close();
  });
});

it('messages that were stored before there was encryption are received', async () => {
  const url = await queue('q', { KmsMasterKeyId: await key(), VisibilityTimeout: '0' });
  const handle = await partition.queue('111122223333', 'eu-west-1', 'q');
  const second = encodePayload({
    ...{ body: 'of version 2', bodyBytes: 12, senderId: '1', deduplicationId: '', traceHeader: '' },
    attributes: Buffer.alloc(0),
  });
  // As the version before it was drawn; see `payload.test.ts`.
  const first = Buffer.concat([
    ...[
      Buffer.of(1),
      joined(second.bytes).subarray(1, 17),
      Buffer.from([1, 0, 0, 0, 0, 0, 0, 0]),
      Buffer.from('1of version 1'),
    ],
  ]);
  for (const payload of [first, second.bytes]) await handle?.send([{ messageId: Buffer.alloc(16), payload }]);
  await send(url, 'encrypted');
  expect(await receive(url)).toEqual(['of version 1', 'of version 2', 'encrypted']);
});
