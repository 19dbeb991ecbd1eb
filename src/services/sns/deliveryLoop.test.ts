import { afterEach, describe, expect, it } from 'vitest';
import {
  type Clock,
  createSealer,
  DataKeys,
  type KeyRing,
  Partition,
  type QueueEncoder,
  type QueuePath,
} from '#runtime';
import { randomUuidBytes } from '#std/uuid';
import { MemoryStore } from '#storage/memory';
import type { Addressee } from './addressee.ts';
import type { Delivery, Outcome, SendContext, Sender } from './delivery.ts';
import { DeliveryLoop } from './deliveryLoop.ts';
import { defaultRetryPolicy } from './deliveryPolicy.ts';
import { SendSlots } from './sendSlots.ts';

/** Time that passes when the test says so. */
class ManualClock implements Clock {
  #now = 1_700_000_000_000;
  #tasks: { at: number; run: () => void }[] = [];

  now(): number {
    return this.#now;
  }

  schedule(at: number, run: () => void): () => void {
    const task = { at, run };
    this.#tasks.push(task);
    return () => {
      this.#tasks = this.#tasks.filter((each) => each !== task);
    };
  }

  nextTurn(): Promise<void> {
    return new Promise((resolve) => setImmediate(resolve));
  }

  async advance(milliseconds: number): Promise<void> {
    const until = this.#now + milliseconds;
    await this.settle();
    for (;;) {
      const next = this.#tasks.filter(({ at }) => at <= until).sort((a, b) => a.at - b.at)[0];
      if (next === undefined) break;
      this.#tasks = this.#tasks.filter((each) => each !== next);
      this.#now = Math.max(this.#now, next.at);
      next.run();
      await this.settle();
    }
    this.#now = until;
  }

  /** Lets everything happen that needs no time. */
  async settle(): Promise<void> {
    for (let turn = 0; turn < 30; turn += 1) await this.nextTurn();
  }
}

const region = 'eu-west-1';
const topicArn = `arn:aws:sns:${region}:111122223333:orders`;
const internal = (name: string): QueuePath => ({ accountId: 'sns', region, name });
const deadLetterQueue: QueuePath = { accountId: '111122223333', region, name: 'dead' };
const settings = { visibilityTimeoutMs: 30_000, delayMs: 0, retentionMs: 1_000_000_000, maxInFlight: 120_000 };

const encoder: QueueEncoder = {
  keys: () => ({ ready: () => undefined }),
  prepare:
    ({ body, attributes }) =>
    () => ({
      messageId: randomUuidBytes(),
      payload: Buffer.from(JSON.stringify({ body, attributes })),
    }),
};

const deliveryOf = (message: string, more: Partial<Delivery> = {}): Delivery => ({
  ...{ kind: 'notification', topicArn, subscriptionArn: `${topicArn}:one`, protocol: 'http', raw: false },
  ...{ endpoint: 'http://receiver/', messageId: `id-${message}`, publishedAt: 1_700_000_000_000, message },
  attributes: {},
  ...more,
});

const delivered: Outcome = { kind: 'delivered', statusCode: 200, providerResponse: 'thanks' };
const unavailable: Outcome = { kind: 'failed', permanent: false, statusCode: 503, reason: 'Service Unavailable' };
const forbidden: Outcome = { kind: 'failed', permanent: true, statusCode: 403, reason: 'Forbidden' };

/** A sender that is told what to answer, and remembers what it was given. */
class Endpoint {
  readonly attempts: { message: string; at: number }[] = [];
  readonly held: ((outcome: Outcome) => void)[] = [];
  answer: Outcome | 'hold' = delivered;
  readonly #clock: Clock;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  readonly send: Sender = ({ message }, { signal }) => {
    this.attempts.push({ message, at: this.#clock.now() - 1_700_000_000_000 });
    if (this.answer !== 'hold') return Promise.resolve(this.answer);
    return new Promise((resolve) => {
      this.held.push(resolve);
      signal.addEventListener('abort', () => resolve(unavailable));
    });
  };

  get messages(): string[] {
    return this.attempts.map(({ message }) => message);
  }

  get times(): number[] {
    return this.attempts.map(({ at }) => at);
  }
}

interface Scene {
  readonly clock: ManualClock;
  readonly partition: Partition;
  readonly loop: DeliveryLoop;
  readonly endpoints: Record<'http' | 'other', Endpoint>;
  /** What is known of the addressees, if anything. */
  readonly known: { addressee: Partial<Addressee> | undefined };
  readonly errors: Error[];
}

const scenes: Scene[] = [];
afterEach(async () => {
  for (const { loop, partition } of scenes.splice(0)) {
    await loop.close();
    await partition.close();
  }
});

async function open(store = new MemoryStore(), slots = new SendSlots(), clock = new ManualClock()): Promise<Scene> {
  const partition = await Partition.open(store, { clock });
  const endpoints = { http: new Endpoint(clock), other: new Endpoint(clock) };
  const known: Scene['known'] = { addressee: {} };
  const errors: Error[] = [];
  const report = (error: Error) => errors.push(error);
  const dataKeys = new DataKeys(partition, { vault: createSealer(Buffer.alloc(32, 1)), keyRing: {} as KeyRing });
  const loop = new DeliveryLoop(partition, encoder, { clock, slots, report, dataKeys });
  const context = (delivery: Delivery, signal: AbortSignal): SendContext => ({
    ...{ envelope: () => `envelope of ${delivery.message}`, headers: {}, contentType: 'text/plain' },
    ...{ signal, publicUrl: 'http://localhost' },
  });
  loop.start({
    find: async (delivery) =>
      known.addressee && {
        ...{ delivery, retries: defaultRetryPolicy, successSampleRate: 100, logName: delivery.topicArn },
        context: (signal) => context(delivery, signal),
        ...known.addressee,
      },
    senderOf: (protocol) => (endpoints as Record<string, Endpoint>)[protocol]?.send,
    queues: async function* () {
      for (const { name } of await partition.listQueues({ accountId: 'sns', region, prefix: '' }, 100)) {
        yield internal(name);
      }
    },
  });
  const scene = { clock, partition, loop, endpoints, known, errors };
  scenes.push(scene);
  return scene;
}

async function publish({ partition, loop, clock }: Scene, name: string, ...deliveries: Delivery[]): Promise<void> {
  const { handle } = await partition.createQueue({ ...internal(name), settings, attributes: {}, tags: {} });
  loop.watch(internal(name));
  await handle.send(
    deliveries.map((delivery) => ({
      messageId: randomUuidBytes(),
      payload: Buffer.from(JSON.stringify(delivery)),
    })),
  );
  await clock.settle();
}

async function left({ partition }: Scene, { accountId, region: at, name }: QueuePath): Promise<string[]> {
  const handle = await partition.queue(accountId, at, name);
  const { messages = [] } = (await handle?.peek({ limit: 100 })) ?? {};
  return messages.map(({ payload }) => Buffer.from(payload).toString());
}

async function makeDeadLetterQueue({ partition }: Scene): Promise<void> {
  await partition.createQueue({ ...deadLetterQueue, settings, attributes: {}, tags: {} });
}

describe('a delivery', () => {
  it('is sent once, and gone when it has arrived', async () => {
    const scene = await open();
    await publish(scene, 'one', deliveryOf('hello'));
    expect(scene.endpoints.http.messages).toEqual(['hello']);
    await scene.clock.advance(3_600_000);
    expect(scene.endpoints.http.messages).toEqual(['hello']);
    expect(await left(scene, internal('one'))).toEqual([]);
    expect(scene.loop.totals.of(topicArn)).toMatchObject({ delivered: 1, failed: 0 });
  });

  it('is tried again after the delays of its policy, and then no more', async () => {
    const scene = await open();
    scene.endpoints.http.answer = unavailable;
    await publish(scene, 'one', deliveryOf('hello'));
    await scene.clock.advance(3_600_000);
    expect(scene.endpoints.http.times).toEqual([0, 20_000, 40_000, 60_000]);
    expect(await left(scene, internal('one'))).toEqual([]);
    expect(scene.loop.totals.of(topicArn)).toMatchObject({ delivered: 0, failed: 1, redriven: 0 });
  });

  it('is not tried again behind the end of all retries', async () => {
    const scene = await open();
    scene.endpoints.http.answer = unavailable;
    scene.known.addressee = { retriesEndAt: 1_700_000_000_000 + 30_000 };
    await publish(scene, 'one', deliveryOf('hello'));
    await scene.clock.advance(3_600_000);
    expect(scene.endpoints.http.times).toEqual([0, 20_000]);
  });

  it('is given up at once when the endpoint says that it never will be taken', async () => {
    const scene = await open();
    scene.endpoints.http.answer = forbidden;
    await publish(scene, 'one', deliveryOf('hello'));
    await scene.clock.advance(3_600_000);
    expect(scene.endpoints.http.messages).toEqual(['hello']);
  });

  it('is forgotten when its subscription is gone', async () => {
    const scene = await open();
    scene.known.addressee = undefined;
    await publish(scene, 'one', deliveryOf('hello'));
    expect(scene.endpoints.http.messages).toEqual([]);
    expect(await left(scene, internal('one'))).toEqual([]);
  });

  it('ends with its queue, and the queue can come back', async () => {
    const scene = await open();
    scene.endpoints.http.answer = unavailable;
    await publish(scene, 'one', deliveryOf('hello'));
    const handle = await scene.partition.queue('sns', region, 'one');
    await handle?.deleteQueue();
    scene.loop.unwatch(internal('one'));
    await scene.clock.advance(3_600_000);
    expect(scene.endpoints.http.messages).toEqual(['hello']);
    scene.endpoints.http.answer = delivered;
    await publish(scene, 'one', deliveryOf('again'));
    expect(scene.endpoints.http.messages).toEqual(['hello', 'again']);
    expect(scene.errors).toEqual([]);
  });

  it('is not given up for a bug in its sender, which is told', async () => {
    const scene = await open();
    scene.endpoints.http.answer = unavailable;
    const send = scene.endpoints.http.send;
    let bugs = 1;
    Object.assign(scene.endpoints.http, {
      send: ((delivery, context) => {
        if (bugs-- > 0) throw new Error('a bug');
        return send(delivery, context);
      }) satisfies Sender,
    });
    await publish(scene, 'one', deliveryOf('hello'));
    scene.endpoints.http.answer = delivered;
    await scene.clock.advance(20_000);
    expect(scene.endpoints.http.messages).toEqual(['hello']);
    expect(scene.errors.map(({ message }) => message)).toEqual(['a bug']);
  });

  it('whose sender never comes back is an attempt that failed, and does not keep the loop from ending', async () => {
    const scene = await open();
    const { attempts } = scene.endpoints.http;
    Object.assign(scene.endpoints.http, {
      send: (({ message }) => {
        attempts.push({ message, at: 0 });
        return new Promise(() => undefined);
      }) satisfies Sender,
    });
    await publish(scene, 'one', deliveryOf('hello'));
    await scene.clock.advance(139_000);
    expect(attempts).toHaveLength(1);
    await scene.clock.advance(2_000);
    expect(attempts).toHaveLength(2);
    await scene.loop.close();
    expect(await left(scene, internal('one'))).toHaveLength(1);
  });

  it('of a protocol that nothing here delivers to fails with that reason', async () => {
    const scene = await open();
    await publish(scene, 'one', deliveryOf('hello', { protocol: 'lambda' }));
    expect(scene.loop.log.list(topicArn, 1)[0]?.delivery.providerResponse).toBe(
      'Nothing here delivers to the protocol lambda.',
    );
  });
});

describe('a dead letter', () => {
  it('is in the dead-letter queue by the commit that ends its delivery, and says why', async () => {
    const scene = await open();
    await makeDeadLetterQueue(scene);
    scene.endpoints.http.answer = forbidden;
    scene.known.addressee = { deadLetterQueue };
    await publish(scene, 'one', deliveryOf('hello'));
    const [letter = ''] = await left(scene, deadLetterQueue);
    expect(JSON.parse(letter)).toEqual({
      body: 'envelope of hello',
      attributes: {
        RequestID: { DataType: 'String', StringValue: 'id-hello' },
        ErrorCode: { DataType: 'Number', StringValue: '403' },
        ErrorMessage: { DataType: 'String', StringValue: 'Forbidden' },
      },
    });
    expect(await left(scene, internal('one'))).toEqual([]);
    expect(scene.loop.totals.of(topicArn)).toMatchObject({ failed: 1, redriven: 1 });
    expect(scene.loop.log.list(topicArn, 1)[0]).toMatchObject({ status: 'FAILURE', delivery: { redriven: true } });
  });

  it('of a raw delivery is the message with its attributes, and with ten of them says nothing else', async () => {
    const scene = await open();
    await makeDeadLetterQueue(scene);
    scene.endpoints.http.answer = forbidden;
    scene.known.addressee = { deadLetterQueue };
    const attributes = Object.fromEntries(
      Array.from({ length: 10 }, (_, n) => [`a${n}`, { Type: 'String', Value: 'x' }]),
    );
    await publish(scene, 'one', deliveryOf('hello', { raw: true, attributes }));
    const letter = JSON.parse((await left(scene, deadLetterQueue))[0] ?? '{}') as { attributes: object };
    expect(letter).toMatchObject({ body: 'hello', attributes: { a0: { DataType: 'String', StringValue: 'x' } } });
    expect(Object.keys(letter.attributes)).toHaveLength(10);
  });

  it('of a raw delivery with eleven attributes has none of them, as no queue would take it', async () => {
    const scene = await open();
    await makeDeadLetterQueue(scene);
    scene.endpoints.http.answer = forbidden;
    scene.known.addressee = { deadLetterQueue };
    const eleven = Array.from({ length: 11 }, (_, n) => [`a${n}`, { Type: 'String', Value: 'x' }]);
    await publish(scene, 'one', deliveryOf('hello', { raw: true, attributes: Object.fromEntries(eleven) }));
    const letter = JSON.parse((await left(scene, deadLetterQueue))[0] ?? '{}') as { attributes: object };
    expect(Object.keys(letter.attributes)).toEqual(['RequestID', 'ErrorCode', 'ErrorMessage']);
  });

  it('follows the last retry', async () => {
    const scene = await open();
    await makeDeadLetterQueue(scene);
    scene.endpoints.http.answer = unavailable;
    scene.known.addressee = { deadLetterQueue };
    await publish(scene, 'one', deliveryOf('hello'));
    await scene.clock.advance(59_999);
    expect(await left(scene, deadLetterQueue)).toEqual([]);
    await scene.clock.advance(1);
    expect(await left(scene, deadLetterQueue)).toHaveLength(1);
  });

  it('is lost with its queue, and a confirmation is none', async () => {
    const scene = await open();
    scene.endpoints.http.answer = forbidden;
    scene.known.addressee = { deadLetterQueue };
    await publish(scene, 'one', deliveryOf('hello'));
    expect(await left(scene, internal('one'))).toEqual([]);
    expect(scene.loop.log.list(topicArn, 1)[0]?.delivery.redriven).toBe(false);
    await makeDeadLetterQueue(scene);
    await publish(scene, 'one', deliveryOf('please', { kind: 'confirmation' }));
    expect(await left(scene, deadLetterQueue)).toEqual([]);
    expect(scene.loop.totals.of(topicArn)).toMatchObject({ failed: 1, redriven: 0 });
  });

  it('is nowhere else when the commit fails: the delivery is tried again', async () => {
    const store = new MemoryStore();
    const scene = await open(store);
    await makeDeadLetterQueue(scene);
    scene.endpoints.http.answer = 'hold';
    scene.known.addressee = { deadLetterQueue };
    await publish(scene, 'one', deliveryOf('hello'));
    store.failNextCommit('no-space');
    scene.endpoints.http.held[0]?.(forbidden);
    scene.endpoints.http.answer = forbidden;
    await scene.clock.settle();
    expect(await left(scene, deadLetterQueue)).toEqual([]);
    await scene.clock.advance(70_000);
    expect(await left(scene, deadLetterQueue)).toHaveLength(1);
    expect(scene.endpoints.http.messages).toEqual(['hello', 'hello']);
    expect(await left(scene, internal('one'))).toEqual([]);
  });
});

describe('a restart', () => {
  it('leaves a retry when it was due', async () => {
    const store = new MemoryStore();
    const clock = new ManualClock();
    const before = await open(store, new SendSlots(), clock);
    before.endpoints.http.answer = unavailable;
    await publish(before, 'one', deliveryOf('hello'));
    await clock.advance(25_000);
    expect(before.endpoints.http.times).toEqual([0, 20_000]);
    await before.loop.close();
    await before.partition.close();
    scenes.splice(0);
    const after = await open(store.reopen(), new SendSlots(), clock);
    after.endpoints.http.answer = unavailable;
    await clock.advance(3_600_000);
    // The third and the fourth attempt.
    expect(after.endpoints.http.times).toEqual([40_000, 60_000]);
  });

  it('breaks off what is under way, which comes again at once and is no attempt less', async () => {
    const store = new MemoryStore();
    const clock = new ManualClock();
    const before = await open(store, new SendSlots(), clock);
    before.endpoints.http.answer = 'hold';
    await publish(before, 'one', deliveryOf('hello'));
    expect(before.endpoints.http.messages).toEqual(['hello']);
    await before.loop.close();
    await before.partition.close();
    scenes.splice(0);
    const after = await open(store.reopen(), new SendSlots(), clock);
    after.endpoints.http.answer = unavailable;
    await clock.advance(3_600_000);
    expect(after.endpoints.http.times).toEqual([0, 20_000, 40_000, 60_000]);
  });

  it('by a crash brings what was under way 20 seconds later', async () => {
    const store = new MemoryStore();
    const clock = new ManualClock();
    const before = await open(store, new SendSlots(), clock);
    before.endpoints.http.answer = 'hold';
    await publish(before, 'one', deliveryOf('hello'));
    await clock.advance(2_000);
    const after = await open(store.reopen(), new SendSlots(), clock);
    // The one that crashed can't close: its store is gone.
    scenes.splice(0, 1);
    await clock.advance(17_999);
    expect(after.endpoints.http.messages).toEqual([]);
    await clock.advance(1);
    expect(after.endpoints.http.messages).toEqual(['hello']);
  });
});

describe('an endpoint', () => {
  it('gets no more a second than its policy says', async () => {
    const scene = await open();
    scene.known.addressee = { maxReceivesPerSecond: 2 };
    await publish(scene, 'one', deliveryOf('first'));
    await publish(scene, 'one', ...Array.from({ length: 9 }, (_, n) => deliveryOf(`${n}`)));
    await scene.clock.advance(4_000);
    const { times } = scene.endpoints.http;
    expect(times).toHaveLength(10);
    for (const at of times)
      expect(times.filter((each) => each >= at && each < at + 1_000).length).toBeLessThanOrEqual(3);
  });

  it('that hangs does not keep another waiting, however much waits for it', async () => {
    const scene = await open(new MemoryStore(), new SendSlots({ healthy: 20, unhealthy: 2 }));
    scene.endpoints.http.answer = 'hold';
    await publish(scene, 'slow', ...Array.from({ length: 10 }, (_, n) => deliveryOf(`slow ${n}`)));
    await publish(
      scene,
      'fast',
      ...Array.from({ length: 10 }, (_, n) => deliveryOf(`fast ${n}`, { protocol: 'other' })),
    );
    expect(scene.endpoints.http.attempts.length).toBe(8);
    expect(scene.endpoints.other.messages).toHaveLength(10);
  });

  it('that fails is tried by few deliveries at a time, and by more when it has recovered', async () => {
    const scene = await open();
    scene.endpoints.http.answer = unavailable;
    await publish(scene, 'one', deliveryOf('first'));
    scene.endpoints.http.answer = 'hold';
    await publish(scene, 'one', ...Array.from({ length: 9 }, (_, n) => deliveryOf(`${n}`)));
    expect(scene.endpoints.http.held.length).toBe(2);
    scene.endpoints.http.held[0]?.(delivered);
    await scene.clock.settle();
    expect(scene.endpoints.http.held.length).toBe(4);
  });

  it('whose deliveries wait for a slot gets them all in the end', async () => {
    const scene = await open(new MemoryStore(), new SendSlots({ healthy: 1, unhealthy: 1 }));
    scene.endpoints.http.answer = 'hold';
    await publish(scene, 'one', deliveryOf('a'), deliveryOf('b'), deliveryOf('c'));
    await scene.clock.advance(200_000);
    scene.endpoints.http.answer = delivered;
    for (const answer of scene.endpoints.http.held) answer(delivered);
    await scene.clock.advance(200_000);
    expect([...new Set(scene.endpoints.http.messages)].sort()).toEqual(['a', 'b', 'c']);
    expect(await left(scene, internal('one'))).toEqual([]);
  });

  it('whose token is dead is turned off', async () => {
    const scene = await open();
    let disabled = 0;
    scene.known.addressee = {
      disable: async () => {
        disabled += 1;
      },
    };
    scene.endpoints.http.answer = { ...forbidden, disableEndpoint: true };
    await publish(scene, 'one', deliveryOf('hello'));
    expect(disabled).toBe(1);
  });
});
