import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { required } from '#std/assert';
import { copyOf, joined } from '#std/splitBytes';
import { lettersFrom } from '#storage/keys';
import { encodeLetter } from '#storage/letterRecords';
import { MemoryStore } from '#storage/memory';
import { GroupCommit } from './groupCommit.ts';
import { Inbox } from './inbox.ts';
import { type Elsewhere, type Letter, type LettersTaken, type NewQueue, Partition, type QueueHandle } from './index.ts';
import { DataKey, newDataKeyId } from './sealedPayload.ts';

const path = (name: string) => ({ accountId: '000000000000', region: 'us-east-1', name });
const target = { maxReceiveCount: 1, target: path('dead') };
const settings = { visibilityTimeoutMs: 30_000, delayMs: 0, retentionMs: 345_600_000, maxInFlight: 120_000 };
const message = (text: string) => ({ messageId: Buffer.alloc(16, text), payload: Buffer.from(text) });
const nothing = () => undefined;

/** Where `source` is. */
let here: Partition;
let store: MemoryStore;
/** Where `dead` is. */
let there: Partition;
let keysMoved: NonNullable<Elsewhere['keysMoved']>;
let ship: Elsewhere['ship'];
let asked: string[];
let errors: Error[];

function queue(name: string, deadLetter?: typeof target): NewQueue {
  return { ...path(name), settings: { ...settings, ...(deadLetter && { deadLetter }) }, attributes: {}, tags: {} };
}

async function handleIn(partition: Partition, name: string): Promise<QueueHandle> {
  const { accountId, region } = path(name);
  return required(await partition.queue(accountId, region, name), name);
}

function open(opened: MemoryStore): Promise<Partition> {
  const elsewhere: Elsewhere = {
    known: nothing,
    find: async ({ name }) => {
      asked.push(name);
      const found = await there.queue('000000000000', 'us-east-1', name);
      return found && { partition: 1, record: found.record };
    },
    ship: (to, letters) => ship(to, letters),
    keysMoved: (ids) => keysMoved(ids),
  };
  return Partition.open(opened, { elsewhere, onError: (error) => errors.push(error) });
}

beforeEach(async () => {
  [asked, errors] = [[], []];
  keysMoved = async () => undefined;
  ship = (to, letters) => {
    expect(to).toBe(1);
    return there.takeLetters(0, structuredClone(letters));
  };
  store = new MemoryStore();
  there = await Partition.open(new MemoryStore(), { firstId: 2 ** 40 + 1 });
  here = await open(store);
  await here.createQueue(queue('source', target));
  await there.createQueue(queue('dead'));
});

afterEach(async () => {
  await here.close();
  await there.close();
});

const receive = async (handle: QueueHandle, waitMs = 0) => {
  const request = { maxMessages: 10, visibilityTimeoutMs: 0, waitMs };
  const answer = await handle.receive(request).answer;
  return answer.kind === 'received' ? answer.messages : [];
};

const storedLetters = () => here.inOneCommit(nothing).then(() => store.scan({ ...lettersFrom(0), limit: 10 }));

test('a dead letter goes to the queue of another partition, and nothing stays of it', async () => {
  const source = await handleIn(here, 'source');
  const dead = await handleIn(there, 'dead');
  await source.send([message('one'), message('two')]);
  const [first] = await receive(source);
  const waiting = receive(dead, 20_000);
  expect(await receive(source)).toEqual([]);
  const [arrived] = await waiting;
  expect(Buffer.from(copyOf(required(arrived, 'a message').payload)).toString()).toBe('one');
  expect(arrived).toMatchObject({ sentAt: first?.sentAt, origin: path('source'), receiveCount: 2 });
  await vi.waitFor(async () => expect(await storedLetters()).toEqual([]));
  expect(source.depth().visible).toBe(0);
  expect(here.counts().lettersWaiting).toBe(0);
});

test('what was not shipped is shipped after the next start, and what was shipped is taken once', async () => {
  let shipments = 0;
  let shipped: () => void = nothing;
  const second = new Promise<void>((resolve) => {
    shipped = resolve;
  });
  ship = async (_to, letters) => {
    await there.takeLetters(0, letters);
    shipments += 1;
    if (shipments === 2) shipped();
    return new Promise(() => undefined);
  };
  await here.inOneCommit((one) => one.queues([path('dead')])[0]?.enqueue([message('one')]));
  await vi.waitFor(() => expect(shipments).toBe(1));
  expect(here.counts().lettersWaiting).toBe(1);
  await here.close();
  store = store.reopen();
  expect(await store.scan({ ...lettersFrom(0), limit: 10 })).toHaveLength(1);
  here = await open(store);
  await second;
  expect((await handleIn(there, 'dead')).depth().visible).toBe(1);
});

test.each([false, true])(
  'a message whose queue is gone goes back to the queue it left, if that is the same (%j)',
  async (isMadeAnew) => {
    let mayShip: () => void = nothing;
    const deleted = new Promise<void>((resolve) => {
      mayShip = resolve;
    });
    const takeLetters = ship;
    ship = (to, letters) => deleted.then(() => takeLetters(to, letters));
    const source = await handleIn(here, 'source');
    await source.send([message('one')]);
    const [first] = await receive(source);
    await receive(source);
    await vi.waitFor(async () => expect(await storedLetters()).toHaveLength(1));
    await (await handleIn(there, 'dead')).deleteQueue();
    if (isMadeAnew) {
      await source.deleteQueue();
      await here.createQueue(queue('source', target));
    }
    mayShip();
    await vi.waitFor(async () => expect(await storedLetters()).toEqual([]));
    const back = await receive(await handleIn(here, 'source'));
    const same = { messageId: first?.messageId, sentAt: first?.sentAt, receiveCount: 2, origin: undefined };
    expect(back).toMatchObject(isMadeAnew ? [] : [same]);
  },
);

test('who could write many letters waits while too many wait', async () => {
  const shipments: (() => void)[] = [];
  ship = (_to, letters) => {
    return new Promise((resolve) => shipments.push(() => resolve({ upTo: required(letters.at(-1), 'a letter').id })));
  };
  const publish = () =>
    here.inOneCommit((one) => {
      const [dead] = one.queues([path('dead')]);
      for (let each = 0; each < 10_000; each += 1) dead?.enqueue([message('one')]);
    });
  await publish();
  await publish();
  expect(here.counts().lettersWaiting).toBe(20_000);
  let isThrough = false;
  const third = publish().then(() => {
    isThrough = true;
  });
  await vi.waitFor(() => expect(shipments).toHaveLength(1));
  expect(isThrough).toBe(false);
  shipments[0]?.();
  await third;
  expect(here.counts().lettersWaiting).toBeGreaterThan(20_000);
});

test('who writes to queues of two partitions asks once where they are', async () => {
  const act = vi.fn();
  const reached = await here.inOneCommit((one) => {
    act();
    const queues = one.queues([path('source'), path('dead'), path('nowhere')]);
    for (const each of queues) each?.enqueue([message('to all')]);
    return queues.map((each) => each?.record.name);
  });
  expect(reached).toEqual(['source', 'dead', undefined]);
  expect(act).toHaveBeenCalledTimes(2);
  expect(asked).toEqual(['dead', 'nowhere']);
  expect(await receive(await handleIn(there, 'dead'), 20_000)).toHaveLength(1);
});

test('nothing sealed moves before it is stored where the keys are, and that is asked for once a day', async () => {
  const noted: string[][] = [];
  let mayMove: () => void = nothing;
  keysMoved = (ids) => {
    noted.push([...ids]);
    return new Promise((resolve) => {
      mayMove = resolve;
    });
  };
  const id = newDataKeyId();
  const payload = new DataKey(id, Buffer.alloc(32)).seal(Buffer.from('secret'));
  const source = await handleIn(here, 'source');
  const dead = await handleIn(there, 'dead');
  await source.send([{ messageId: Buffer.alloc(16), payload }]);
  await receive(source);
  expect(await receive(source)).toEqual([]);
  await vi.waitFor(() => expect(noted).toEqual([[id.toString('hex')]]));
  expect(await storedLetters()).toEqual([]);
  mayMove();
  expect(await receive(dead, 20_000)).toHaveLength(1);
  await source.send([{ messageId: Buffer.alloc(16, 1), payload }]);
  await receive(source);
  await receive(source);
  await vi.waitFor(() => expect(dead.depth().visible).toBe(2));
  expect(noted).toHaveLength(1);
});

test('a message that can not be moved for an error elsewhere is received after all', async () => {
  keysMoved = () => Promise.reject(new Error('nobody is there'));
  const payload = new DataKey(newDataKeyId(), Buffer.alloc(32)).seal(Buffer.from('secret'));
  const source = await handleIn(here, 'source');
  await source.send([{ messageId: Buffer.alloc(16), payload }]);
  await receive(source);
  expect(await receive(source, 20_000)).toHaveLength(1);
  expect(errors.map(({ message }) => message)).toEqual(['nobody is there']);
});

test('letters before one that meets a bug are taken, that one is not, and they are known when it comes again', async () => {
  const commit = new GroupCommit(new MemoryStore(), { onFailure: nothing });
  const taken: string[] = [];
  let isBroken = true;
  const record = { queueId: 1 };
  const enqueue = ([{ payload }]: [{ payload: Buffer }]) => {
    if (isBroken && payload.toString() === 'two') throw new Error('a bug');
    taken.push(payload.toString());
  };
  const inbox = new Inbox({ commit, find: () => ({ record, enqueue }) as unknown as QueueHandle });
  const letters: Letter[] = ['one', 'two', 'three'].map((text, index) => {
    const record = joined(encodeLetter({ path: path('dead'), queueId: 1, message: message(text) }));
    return { id: index + 1, record };
  });
  await expect(inbox.take(0, letters)).rejects.toThrow('a bug');
  isBroken = false;
  const again: LettersTaken = await inbox.take(0, letters);
  expect(again).toEqual({ upTo: 3 });
  expect(taken).toEqual(['one', 'two', 'three']);
  expect(await inbox.take(0, letters)).toEqual({ upTo: 3 });
  expect(taken).toHaveLength(3);
});
