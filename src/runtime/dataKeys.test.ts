import { randomBytes } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { required } from '#std/assert';
import { MemoryStore } from '#storage/memory';
import type { Clock } from './clock.ts';
import { DataKeys, type SealingOrder } from './dataKeys.ts';
import { type KeyRing, KeyUnusable, type KeyUser } from './handles.ts';
import { Partition } from './partition.ts';
import type { DataKey } from './sealedPayload.ts';
import { createSealer } from './sealing.ts';

const dayMs = 86_400_000;
const plain = Buffer.from('secret');

/** Time passes when a test says so. */
class SteppedClock implements Clock {
  ms = 1_700_000_000_000;
  readonly #tasks: { at: number; run: () => void }[] = [];

  now(): number {
    return this.ms;
  }

  schedule(at: number, run: () => void): () => void {
    const task = { at, run };
    this.#tasks.push(task);
    return () => this.#tasks.splice(this.#tasks.indexOf(task) >>> 0, 1);
  }

  nextTurn(): Promise<void> {
    return new Promise((resolve) => setImmediate(resolve));
  }

  /** Gives how many were due. */
  ring(): number {
    const due = this.#tasks.filter(({ at }) => at <= this.ms);
    for (const task of due) {
      this.#tasks.splice(this.#tasks.indexOf(task), 1);
      task.run();
    }
    return due.length;
  }
}

/** KMS as it is asked here: it notes the calls, and refuses when it is told to. */
class FakeKms implements KeyRing {
  readonly calls: string[] = [];
  refused = false;

  async generateDataKey(reference: string, user: KeyUser, context: Readonly<Record<string, string>>) {
    this.#note(`generate ${reference} ${JSON.stringify(context)} ${user.accountId}`);
    const plaintext = randomBytes(32);
    return { plaintext, sealed: Buffer.from(plaintext.map((byte) => byte ^ 0xff)), keyArn: `arn:${reference}` };
  }

  async openDataKey(sealed: Uint8Array) {
    this.#note('open');
    return Buffer.from(sealed.map((byte) => byte ^ 0xff));
  }

  describe = () => Promise.reject(new Error('nobody asks'));

  #note(call: string): void {
    this.calls.push(call);
    if (this.refused) throw new KeyUnusable('disabled', 'The key is disabled.');
  }
}

let clock: SteppedClock;
let store: MemoryStore;
let partition: Partition;
let kms: FakeKms;
let keys: DataKeys;
const vault = createSealer(randomBytes(32));
const user: KeyUser = { accountId: '111122223333', region: 'eu-west-1' };

function orderOf(who: KeyUser = user, reuseMs = 300_000): SealingOrder {
  const context = ['aws:sqs:arn', 'arn:queue'] as const;
  return { kms: { reference: 'key', user: who, context }, reuseMs, keepMs: 14 * dayMs };
}
const managed: SealingOrder = { reuseMs: dayMs, keepMs: 14 * dayMs };

async function open(): Promise<void> {
  partition = await Partition.open(store, { clock });
  keys = new DataKeys(partition, { vault, keyRing: kms, clock });
}

/** As after a restart: nothing is known any more. */
async function reopen(): Promise<void> {
  await partition.close();
  store = store.reopen();
  await open();
}

beforeEach(async () => {
  clock = new SteppedClock();
  store = new MemoryStore();
  kms = new FakeKms();
  await open();
});
afterEach(async () => {
  await keys.close();
  await partition.close();
});

const stored = async () => (await partition.entities.list('data-key', '', 100)).length;
const sealBy = async (order: SealingOrder) => (await keys.sealing(order)).seal(plain);

describe('a key of KMS', () => {
  it('is used for its period without a promise, and another one afterwards', async () => {
    const first = await keys.sealing(orderOf());
    expect(kms.calls).toEqual(['generate key {"aws:sqs:arn":"arn:queue"} 111122223333', 'open']);
    clock.ms += 299_999;
    expect(keys.sealing(orderOf())).toBe(first);
    clock.ms += 1;
    expect((await keys.sealing(orderOf())).id).not.toEqual(first.id);
    expect(kms.calls).toHaveLength(4);
  });

  it('is made once for all who ask at a time', async () => {
    const [one, other] = await Promise.all([keys.sealing(orderOf()), keys.sealing(orderOf())]);
    expect(one).toBe(other);
    expect(await stored()).toBe(1);
  });

  it('is not used longer for a clock that was set back, or by a queue whose period has become shorter', async () => {
    const first = await keys.sealing(orderOf());
    clock.ms -= 1;
    const second = await keys.sealing(orderOf());
    expect(second).not.toBe(first);
    clock.ms += 60_000;
    expect(keys.sealing(orderOf())).toBe(second);
    expect(keys.sealing(orderOf(user, 60_000))).toBeInstanceOf(Promise);
  });

  it('opens what it has sealed after a restart, asking KMS once a period', async () => {
    const sealed = await sealBy(orderOf());
    await reopen();
    kms.calls.length = 0;
    const key = await keys.opening(sealed, 300_000, user);
    expect(key.open(sealed)).toEqual(plain);
    expect(keys.opening(sealed, 300_000, user)).toBe(key);
    clock.ms += 300_000;
    expect(await keys.opening(sealed, 300_000, user)).toBe(key);
    expect(kms.calls).toEqual(['open', 'open']);
  });

  it('that can not be used is noticed after its period, and works again at once', async () => {
    const sealed = await sealBy(orderOf());
    kms.refused = true;
    expect((keys.sealing(orderOf()) as DataKey).id).toBeDefined();
    clock.ms += 300_000;
    await expect(keys.sealing(orderOf())).rejects.toThrow('The key is disabled.');
    await expect(keys.opening(sealed, 300_000, user)).rejects.toThrow('The key is disabled.');
    kms.refused = false;
    await keys.sealing(orderOf());
    expect((await keys.opening(sealed, 300_000, user)).open(sealed)).toEqual(plain);
  });

  it('that one caller was given is not another one’s', async () => {
    const [alice, bob] = [
      { ...user, caller: { name: 'alice' } },
      { ...user, caller: { name: 'bob' } },
    ];
    const key = await keys.sealing(orderOf(alice));
    const sealed = key.seal(plain);
    expect(keys.opening(sealed, 300_000, alice)).toBe(key);
    kms.refused = true;
    await expect(keys.sealing(orderOf(bob))).rejects.toThrow(KeyUnusable);
    await expect(keys.opening(sealed, 300_000, bob)).rejects.toThrow(KeyUnusable);
    expect(keys.sealing(orderOf(alice))).toBe(key);
  });
});

describe('the server’s own key', () => {
  it('is one for all, and is found again after a restart', async () => {
    const key = await keys.sealing(managed);
    expect(keys.sealing(managed)).toBe(key);
    const sealed = key.seal(plain);
    await reopen();
    expect((await keys.opening(sealed, 0)).open(sealed)).toEqual(plain);
    expect(await keys.isManaged(sealed)).toBe(true);
    expect(await keys.isManaged(await sealBy(orderOf()))).toBe(false);
    expect(kms.calls.filter((call) => call === 'open')).toHaveLength(1);
  });

  it('lies in the store sealed', async () => {
    const key = await keys.sealing(managed);
    const id = key.id.toString('hex');
    const record = required(await partition.entities.get<{ sealed: string }>('data-key', id), 'a data key');
    const sealed = Buffer.from(record.sealed, 'base64');
    expect(vault.open(sealed, `data-key/${id}`)).toHaveLength(32);
    expect(() => createSealer(randomBytes(32)).open(sealed, `data-key/${id}`)).toThrow();
  });

  it('that is not in the store opens nothing', async () => {
    const sealed = await sealBy(managed);
    sealed[1] = (sealed[1] ?? 0) ^ 1;
    await expect(keys.opening(sealed, 0)).rejects.toThrow('is not there');
  });
});

describe('a sweep', () => {
  const path = (name: string) => ({ accountId: '111122223333', region: 'eu-west-1', name });

  async function queue(name: string) {
    const settings = { visibilityTimeoutMs: 0, delayMs: 0, retentionMs: 14 * dayMs, maxInFlight: 10 };
    return (await partition.createQueue({ ...path(name), settings, attributes: {}, tags: {} })).handle;
  }

  it('removes a key when nothing can need it any more', async () => {
    await sealBy(managed);
    clock.ms += 15.9 * dayMs;
    await keys.sweep();
    expect(await stored()).toBe(1);
    clock.ms += 0.1 * dayMs;
    await keys.sweep();
    expect(await stored()).toBe(0);
  });

  it('leaves one by which something was sealed that has been moved since', async () => {
    const source = await queue('source');
    await source.send([{ messageId: randomBytes(16), payload: await sealBy(managed) }]);
    clock.ms += 13 * dayMs;
    await queue('target');
    const moved = partition.moves.start({ source: await queue('source'), destination: path('target') });
    await moved;
    await untilEmpty();
    clock.ms += 15 * dayMs;
    await keys.sweep();
    expect(await stored()).toBe(1);
    clock.ms += 1 * dayMs;
    await keys.sweep();
    expect(await stored()).toBe(0);
    expect(await partition.entities.list('data-key-moved', '', 10)).toEqual([]);
  });

  /** The task takes turns of the event loop, and commits. */
  async function untilEmpty(): Promise<void> {
    const source = await queue('source');
    while (source.depth().visible + source.depth().inFlight > 0) await clock.nextTurn();
  }

  it('happens at the start and once a day', async () => {
    await sealBy(managed);
    clock.ms += 16 * dayMs;
    keys.start();
    await clock.nextTurn();
    while ((await stored()) > 0) await clock.nextTurn();
    await sealBy({ ...managed, reuseMs: 0 });
    clock.ms += 17 * dayMs;
    while (clock.ring() === 0) await clock.nextTurn();
    while ((await stored()) > 0) await clock.nextTurn();
  });
});
