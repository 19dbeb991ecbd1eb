/** Queues of several processes, as the edge finds them. */
import { expect, it, onTestFinished } from 'vitest';
import { AnsweredElsewhere } from '../../src/aws/index.ts';
import { Channel } from '../../src/edge/channel.ts';
import { OwnerLost } from '../../src/edge/ownerLost.ts';
import { Places } from '../../src/edge/places.ts';
import { QueueCalls, type QueueCallsOptions } from '../../src/edge/queueCalls.ts';
import { RemoteQueues, StaleQueue } from '../../src/edge/remoteQueues.ts';
import { type NewQueue, Partition } from '../../src/runtime/index.ts';
import { MemoryStore } from '../../src/storage/memory.ts';
import { socketPair } from './socketPair.ts';

const settings = { visibilityTimeoutMs: 30_000, delayMs: 0, retentionMs: 345_600_000, maxInFlight: 120_000 };
const scope = { accountId: '111122223333', region: 'eu-west-1' };
const queueNamed = (name: string): NewQueue => ({ ...scope, name, settings, attributes: {}, tags: {} });
const message = (text: string) => ({ messageId: Buffer.alloc(16, text), payload: Buffer.from(text) });

type Found = ReturnType<QueueCallsOptions['partition']['queue']>;

async function openPartition(): Promise<Partition> {
  const partition = await Partition.open(new MemoryStore());
  onTestFinished(() => partition.close());
  return partition;
}

/** The far side of a pipe answers for what `find` finds. */
async function serve(find: (name: string) => Found, options: Partial<QueueCallsOptions> = {}) {
  const { near, far } = await socketPair();
  const calls: QueueCalls = new QueueCalls(
    new Channel(
      far,
      (frame) => calls.take(frame),
      () => calls.close(),
    ),
    {
      ...{
        partition: { queue: (_account, _region, name) => find(name) },
        isPlain: () => true,
        mustForward: () => false,
      },
      log: { error: (details, text) => expect.unreachable(`${text}: ${JSON.stringify(details)}`) },
      ...options,
    },
  );
  return { near, far };
}

/** Home, and two partitions elsewhere; `places` says which queues home knows to be where. */
async function open(places: Map<string, number>, options: Partial<QueueCallsOptions> = {}) {
  const [own, first, second] = [await openPartition(), await openPartition(), await openPartition()];
  const asked: string[] = [];
  const at = (partition: Partition) => (name: string) => partition.queue(scope.accountId, scope.region, name) as Found;
  const home = await serve((name) => {
    asked.push(name);
    const partition = places.get(name);
    return partition === undefined ? at(own)(name) : { partition };
  });
  const others = [await serve(at(first), options), await serve(at(second), options)];
  let calls = 0;
  const nextCall = () => ++calls;
  const owners = others.map(({ near }) => {
    const owner: RemoteQueues = new RemoteQueues(
      new Channel(
        near,
        (frame) => owner.take(frame),
        () => owner.lose(new OwnerLost()),
      ),
      nextCall,
    );
    return owner;
  });
  const found: Places = new Places(
    new Channel(
      home.near,
      (frame) => found.home.take(frame),
      () => undefined,
    ),
    owners,
    nextCall,
  );
  const queue = async (name: string) => {
    const each = await found.queue(scope.accountId, scope.region, name);
    return each ?? expect.unreachable(`there is no queue ${name}`);
  };
  return { places: found, queue, asked, partitions: [own, first, second] as const, others };
}

it('home is asked once where a queue is', async () => {
  const { queue, asked, partitions } = await open(new Map([['far', 2]]));
  await partitions[0].createQueue(queueNamed('near'));
  const { handle } = await partitions[2].createQueue(queueNamed('far'));
  for (const name of ['near', 'far', 'near', 'far']) await (await queue(name)).send([message(name)]);
  expect(asked).toEqual(['near', 'far']);
  expect(handle.depth().visible).toBe(2);
  const { answer } = (await queue('far')).receive({ maxMessages: 10, visibilityTimeoutMs: 0, waitMs: 0 });
  expect(await answer).toMatchObject({ kind: 'received', messages: [{ groupId: '' }, { groupId: '' }] });
});

it('home is asked again when a queue was deleted, and made anew elsewhere', async () => {
  const known = new Map([['moved', 1]]);
  const { queue, places, asked, partitions } = await open(known);
  const { handle } = await partitions[1].createQueue(queueNamed('moved'));
  const before = await queue('moved');
  await handle.deleteQueue();
  known.set('moved', 2);
  await partitions[2].createQueue(queueNamed('moved'));
  await expect(before.send([message('late')])).rejects.toThrow(StaleQueue);
  await (await queue('moved')).send([message('anew')]);
  expect(asked).toEqual(['moved', 'moved']);
  // Nowhere any more: home says so.
  known.delete('moved');
  const again = await partitions[2].queue(scope.accountId, scope.region, 'moved');
  await again?.deleteQueue();
  await expect((await queue('moved')).send([])).rejects.toThrow(StaleQueue);
  expect(await places.queue(scope.accountId, scope.region, 'moved')).toBeUndefined();
});

it('what an owner must not answer, or can not, is for home', async () => {
  let mustForward = false;
  const known = new Map([
    ['far', 1],
    ['sealed', 1],
  ]);
  const { queue, partitions } = await open(known, {
    isPlain: ({ name }) => name !== 'sealed',
    mustForward: () => mustForward,
  });
  for (const name of known.keys()) await partitions[1].createQueue(queueNamed(name));
  await expect(queue('sealed')).rejects.toThrow(AnsweredElsewhere);
  const far = await queue('far');
  mustForward = true;
  await expect(far.send([message('struck')])).rejects.toThrow(AnsweredElsewhere);
  mustForward = false;
  await far.send([message('not any more')]);
});

it('what an owner was asked when it ended, nobody is asked again', async () => {
  const { queue, partitions, others } = await open(
    new Map([
      ['far', 1],
      ['other', 2],
    ]),
  );
  await partitions[1].createQueue(queueNamed('far'));
  await partitions[2].createQueue(queueNamed('other'));
  const [far, other] = [await queue('far'), await queue('other')];
  const { answer } = far.receive({ maxMessages: 1, visibilityTimeoutMs: 0, waitMs: 20_000 });
  others[0]?.far.destroy();
  await expect(answer).rejects.toThrow(OwnerLost);
  await expect(far.send([message('late')])).rejects.toThrow(OwnerLost);
  await other.send([message('nothing happened here')]);
});
