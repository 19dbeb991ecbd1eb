import type { EntityChange, Partition } from '#runtime';
import { type TopicPath, topicArn } from './arn.ts';
import type { FilterableMessage } from './filterPolicy/filterableMessage.ts';
import { FilterIndex } from './filterPolicy/filterIndex.ts';
import {
  isUnderWay,
  type Replay,
  replayKind,
  type SubscriptionRecord,
  subscriberKind,
  subscriberPath,
  subscriptionKind,
  subscriptionPath,
  type TopicRecord,
  topicKind,
  topicPath,
  unsubscribedKind,
} from './records.ts';
import { compileSubscription, type Subscription } from './subscription.ts';

/** What a page of entities holds when a topic is read. */
const loadedAtOnce = 1_000;

/**
 * A topic with its subscriptions, as it is stored plus what is on its way there. Who changes it does so in one turn of the
 * event loop, through `Topics`.
 */
export class Topic {
  record: TopicRecord;
  readonly arn: string;
  /** Deleted, or superseded by what the store says after a failed commit: who still holds it must not write any more. */
  isGone = false;
  /** Ends when the last message of a FIFO topic has been handed to all queues: the next one waits for it. */
  lastFanOut: Promise<void> = Promise.resolve();
  readonly #subscriptions = new Map<string, Subscription>();
  readonly #idsByEndpoint = new Map<string, string>();
  readonly #confirmedIds = new Set<string>();
  /** Of those who get new messages, those with a filter policy, and the others. */
  readonly #filtered = new FilterIndex<Subscription>();
  readonly #unfiltered = new Set<Subscription>();

  constructor(record: TopicRecord) {
    this.record = record;
    this.arn = topicArn(record);
  }

  get isFifo(): boolean {
    return this.record.attributes.FifoTopic === 'true';
  }

  /** In the order of their ids. */
  get subscriptions(): ReadonlyMap<string, Subscription> {
    return this.#subscriptions;
  }

  get confirmedCount(): number {
    return this.#confirmedIds.size;
  }

  /** How many get new messages that their filters let through: all confirmed ones without a replay. */
  get listeningCount(): number {
    return this.#unfiltered.size + this.#filtered.size;
  }

  /** The listening subscriptions whose filter policies let the message through, and those that have none. */
  matching(message: FilterableMessage): Subscription[] {
    const unfiltered = [...this.#unfiltered];
    return this.#filtered.size === 0 ? unfiltered : [...unfiltered, ...this.#filtered.matching(message)];
  }

  subscriptionOf(protocol: string, endpoint: string): Subscription | undefined {
    const id = this.#idsByEndpoint.get(endpointKey(protocol, endpoint));
    return id === undefined ? undefined : this.#subscriptions.get(id);
  }

  /** Adds it, or puts it in the place of what it was. For `Topics`. */
  put(subscription: Subscription): void {
    const { subscriptionId, protocol, endpoint, status } = subscription.record;
    this.#unlist(subscriptionId);
    this.#subscriptions.set(subscriptionId, subscription);
    this.#idsByEndpoint.set(endpointKey(protocol, endpoint), subscriptionId);
    if (status !== 'confirmed') return;
    this.#confirmedIds.add(subscriptionId);
    if (!subscription.isListening) return;
    if (subscription.filter === undefined) this.#unfiltered.add(subscription);
    else this.#filtered.set(subscription, subscription.filter);
  }

  /** For `Topics`. */
  drop({ subscriptionId, protocol, endpoint }: SubscriptionRecord): void {
    this.#unlist(subscriptionId);
    this.#subscriptions.delete(subscriptionId);
    this.#idsByEndpoint.delete(endpointKey(protocol, endpoint));
  }

  #unlist(subscriptionId: string): void {
    const subscription = this.#subscriptions.get(subscriptionId);
    if (subscription === undefined) return;
    this.#confirmedIds.delete(subscriptionId);
    this.#unfiltered.delete(subscription);
    this.#filtered.delete(subscription);
  }
}

function endpointKey(protocol: string, endpoint: string): string {
  return `${protocol} ${endpoint}`;
}

/**
 * All topics, read from the store when they are first asked for, and kept. Changes are made here and in the store in the same
 * turn, so that nobody sees one without the other; when a commit fails, all that is known is forgotten and read again.
 */
export class Topics {
  readonly #partition: Partition;
  readonly #known = new Map<string, Topic>();
  readonly #loading = new Map<string, Promise<Topic | undefined>>();
  #lost = 0;

  constructor(partition: Partition) {
    this.#partition = partition;
    partition.onStateLost(() => this.#forget());
  }

  /** Not a promise if the topic is known already. */
  find(path: TopicPath): Topic | Promise<Topic | undefined> {
    const key = topicPath(path);
    const known = this.#known.get(key);
    if (known !== undefined) return known;
    let loading = this.#loading.get(key);
    if (loading === undefined) {
      loading = this.#load(key).finally(() => this.#loading.delete(key));
      this.#loading.set(key, loading);
    }
    return loading;
  }

  /** The new topic, or the one that has the name already. */
  async create(record: TopicRecord): Promise<{ topic: Topic; isNew: boolean }> {
    const key = topicPath(record);
    const existing = await this.find(record);
    // Nothing happens between these lines, so two creations of one name meet here.
    const found = existing?.isGone === false ? existing : this.#known.get(key);
    if (found !== undefined) return { topic: found, isNew: false };
    const topic = new Topic(record);
    this.#known.set(key, topic);
    await this.#partition.entities.write({ kind: topicKind, path: key, value: record });
    return { topic, isNew: true };
  }

  /** Members that are undefined are taken away. */
  async update(topic: Topic, change: { readonly [Name in keyof TopicRecord]?: TopicRecord[Name] | undefined }) {
    const before = topic.record.attributes.DeliveryPolicy;
    topic.record = withoutUndefined({ ...topic.record, ...change }) as TopicRecord;
    // It is a part of each subscription's own effective policy.
    if (topic.record.attributes.DeliveryPolicy !== before) {
      for (const { record } of topic.subscriptions.values()) topic.put(compileSubscription(record, topic.record));
    }
    await this.#partition.entities.write({ kind: topicKind, path: topicPath(topic.record), value: topic.record });
  }

  /** With its subscriptions. Gives them, those that could be restored too: their queues of deliveries are left to the caller. */
  async remove(topic: Topic): Promise<readonly SubscriptionRecord[]> {
    topic.isGone = true;
    const key = topicPath(topic.record);
    this.#known.delete(key);
    const removed = [...topic.subscriptions.values()].map(({ record }) => record);
    const changes = removed.flatMap((record) => [
      { kind: subscriptionKind, path: subscriptionPath(record) },
      { kind: subscriberKind, path: subscriberPath(record) },
    ]);
    const { entities } = this.#partition;
    await entities.write({ kind: topicKind, path: key }, ...changes);
    for (;;) {
      const left = await entities.list<SubscriptionRecord>(unsubscribedKind, `${key}/`, loadedAtOnce);
      if (left.length === 0) return removed;
      removed.push(...left.map(({ value }) => value));
      await entities.write(...left.map(({ path }) => ({ kind: unsubscribedKind, path })));
    }
  }

  /** Adds a subscription, or changes one. */
  async putSubscription(topic: Topic, record: SubscriptionRecord): Promise<Subscription> {
    const stored = withoutUndefined(record);
    const subscription = compileSubscription(stored, topic.record);
    topic.put(subscription);
    await this.#partition.entities.write(
      { kind: subscriptionKind, path: subscriptionPath(stored), value: stored },
      { kind: subscriberKind, path: subscriberPath(stored), value: {} },
      { kind: unsubscribedKind, path: subscriptionPath(stored) },
      ...(stored.replay === undefined ? [] : [replayChange(stored, stored.replay)]),
    );
    return subscription;
  }

  /** `restorable`: what is kept of it, so that its token can restore it. */
  async removeSubscription(topic: Topic, record: SubscriptionRecord, restorable?: SubscriptionRecord): Promise<void> {
    topic.drop(record);
    topic.record = { ...topic.record, subscriptionsDeleted: topic.record.subscriptionsDeleted + 1 };
    await this.#partition.entities.write(
      { kind: subscriptionKind, path: subscriptionPath(record) },
      { kind: subscriberKind, path: subscriberPath(record) },
      { kind: topicKind, path: topicPath(topic.record), value: topic.record },
      ...(restorable === undefined
        ? []
        : [{ kind: unsubscribedKind, path: subscriptionPath(record), value: restorable }]),
    );
  }

  /** Of an account in a region, by name, of those behind the name `after`. */
  async list(scope: { accountId: string; region: string }, limit: number, after?: string): Promise<TopicRecord[]> {
    const prefix = `${scope.accountId}/${scope.region}/`;
    const behind = after === undefined ? undefined : `${prefix}${after}`;
    const found = await this.#partition.entities.list<TopicRecord>(topicKind, prefix, limit, behind);
    return found.map(({ value }) => value);
  }

  /** The subscription that a message in its queue of deliveries is for; undefined if it is gone. */
  async findSubscription(topic: TopicPath, subscriptionId: string): Promise<Subscription | undefined> {
    return (await this.find(topic))?.subscriptions.get(subscriptionId);
  }

  async #load(key: string): Promise<Topic | undefined> {
    for (;;) {
      const lost = this.#lost;
      const record = await this.#partition.entities.get<TopicRecord>(topicKind, key);
      if (record === undefined) return undefined;
      const topic = new Topic(record);
      let after: string | undefined;
      do {
        const page = await this.#partition.entities.list<SubscriptionRecord>(
          subscriptionKind,
          `${key}/`,
          loadedAtOnce,
          after,
        );
        for (const { value } of page) topic.put(compileSubscription(value, record));
        after = page.length < loadedAtOnce ? undefined : page.at(-1)?.path;
      } while (after !== undefined);
      // What was read may include a batch that has failed since: then it never was.
      if (lost !== this.#lost) continue;
      this.#known.set(key, topic);
      return topic;
    }
  }

  #forget(): void {
    this.#lost += 1;
    for (const topic of this.#known.values()) topic.isGone = true;
    this.#known.clear();
  }
}

/** What a start finds, to go on with a replay. */
function replayChange(record: SubscriptionRecord, replay: Replay): EntityChange {
  const path = subscriptionPath(record);
  return isUnderWay(replay) ? { kind: replayKind, path, value: {} } : { kind: replayKind, path };
}

/** Members that were taken away are not stored as such, and compare as absent. */
function withoutUndefined<T extends object>(value: T): T {
  return Object.fromEntries(Object.entries(value).filter(([, each]) => each !== undefined)) as T;
}
