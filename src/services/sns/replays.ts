/**
 * Replays of archived messages: what is in a FIFO topic's log, once more to one subscription.
 *
 * A replay reads the log page by page. Each page is sent, and how far it has come is noted, by one commit: so after a crash
 * it goes on where it was, and nothing comes twice. New messages do not go to the subscription meanwhile, but are found in the
 * log. When nothing is left there the subscription gets new messages again, in the turn of a publish, so that none is missed;
 * if the replay has an ending point, it gets none.
 */
import { setTimeout } from 'node:timers/promises';
import { CommitFailed, KeyUnusable, type Partition, type PeekedMessage } from '#runtime';
import { opened, topicKey } from './encryption.ts';
import { attributesOf, FanOut, type Numbered } from './fanOut.ts';
import { replayedAtOnce } from './limits.ts';
import { filterable, type Publication } from './publication.ts';
import { findLog, sequenceNumber, takeTurn } from './publishing.ts';
import {
  isUnderWay,
  type Replay,
  replayKind,
  type SubscriptionRecord,
  subscriptionPath,
  topicPath,
} from './records.ts';
import type { Sns } from './service.ts';
import type { Subscription } from './subscription.ts';
import type { Topic } from './topics.ts';

/** After a failure that may pass: a commit that could not be made, a key that can't be used. */
const retryMs = 1_000;
const resumedAtOnce = 1_000;

type Which = Pick<SubscriptionRecord, 'topic' | 'subscriptionId'>;

interface UnderWay {
  readonly topic: Topic;
  readonly subscription: Subscription;
  readonly replay: Replay;
}

export class Replays {
  readonly #partition: Partition;
  readonly #report: (error: Error) => void;
  readonly #running = new Map<string, Promise<void>>();
  readonly #stop = new AbortController();
  #sns: Sns | undefined;

  constructor(partition: Partition, report: (error: Error) => void) {
    this.#partition = partition;
    this.#report = report;
  }

  /** Goes on with what was under way when the server stopped. */
  start(sns: Sns): void {
    this.#sns = sns;
    this.#resume().catch(this.#report);
  }

  /** Begins the replay that the subscription has been given; that there is one is stored with the subscription. */
  begin(record: SubscriptionRecord): void {
    this.#run(subscriptionPath(record));
  }

  async close(): Promise<void> {
    this.#stop.abort();
    await Promise.all(this.#running.values());
  }

  async #resume(): Promise<void> {
    let after: string | undefined;
    do {
      const found = await this.#partition.entities.list(replayKind, '', resumedAtOnce, after);
      for (const { path } of found) this.#run(path);
      after = found.length < resumedAtOnce ? undefined : found.at(-1)?.path;
    } while (after !== undefined);
  }

  #run(path: string): void {
    // One that runs already finds that its replay has been replaced by another.
    if (this.#running.has(path) || this.#stop.signal.aborted) return;
    const [accountId = '', region = '', name = '', subscriptionId = ''] = path.split('/');
    const running = this.#replay({ topic: { accountId, region, name }, subscriptionId })
      .catch(this.#report)
      .finally(() => this.#running.delete(path));
    this.#running.set(path, running);
  }

  async #replay(which: Which): Promise<void> {
    const { signal } = this.#stop;
    while (!signal.aborted) {
      try {
        if (await this.#step(which)) return;
      } catch (error) {
        if (!(error instanceof CommitFailed || error instanceof KeyUnusable)) throw error;
        await setTimeout(retryMs, undefined, { signal, ref: false }).catch(() => undefined);
      }
    }
  }

  /** One page; gives whether that was the end. */
  async #step(which: Which): Promise<boolean> {
    const sns = this.#sns as Sns;
    const found = await this.#find(which);
    if (found === undefined) {
      const path = `${topicPath(which.topic)}/${which.subscriptionId}`;
      await this.#partition.entities.write({ kind: replayKind, path });
      return true;
    }
    const { messages, next } = await this.#page(sns, found);
    if (next === undefined) return this.#finish(which);
    const publications = (await this.#read(sns, messages)).filter((each) => isInRange(found.replay, each.publication));
    const { endingAt = Number.POSITIVE_INFINITY } = found.replay;
    const isBeyondEnd = messages.some(({ sentAt }) => sentAt > endingAt);
    if (!(await this.#isReachable(found.subscription))) return this.#end(found, 'Failed');
    await this.#send(sns, found, publications, next);
    return isBeyondEnd ? this.#finish(which, true) : false;
  }

  #page(sns: Sns, { topic, replay }: UnderWay) {
    return findLog(sns, topic.record).then((log) =>
      log.peek({ ...(replay.after !== undefined && { after: replay.after }), limit: replayedAtOnce }),
    );
  }

  /** Nothing, of a message that was published when there was no archive. */
  async #read(sns: Sns, messages: readonly PeekedMessage[]): Promise<Numbered[]> {
    const read: Numbered[] = [];
    for (const { payload, sequence } of messages) {
      if (payload.length === 0) continue;
      const publication = await opened<Publication>(sns, payload);
      read.push({ publication, sequenceNumber: sequenceNumber(sequence) });
    }
    return read;
  }

  async #send(
    sns: Sns,
    { topic, subscription, replay }: UnderWay,
    numbered: readonly Numbered[],
    next: string,
  ): Promise<void> {
    const wanted = numbered
      .map((each) => ({ ...each, replayId: replay.replayId }))
      .filter((each) => passes(subscription, each));
    const way = { key: await topicKey(sns, topic), publicUrl: replay.publicUrl };
    const fanOuts = await Promise.all(
      wanted.map(({ publication }) => FanOut.prepare(sns, topic, publication, [subscription], way)),
    );
    await sns.partition.inOneCommit((one) => {
      for (const fanOut of fanOuts) fanOut.open(one);
      const current = topic.subscriptions.get(subscription.record.subscriptionId);
      // Unsubscribed meanwhile, given another replay, or read anew after a commit that failed.
      if (topic.isGone || current?.record.replay?.replayId !== replay.replayId) return;
      const record = { ...current.record, replay: { ...replay, status: 'In progress' as const, after: next } };
      // Written in this very turn; whoever waits for the whole commit hears of its failure.
      sns.topics.putSubscription(topic, record).catch(() => undefined);
      for (const [index, each] of wanted.entries()) fanOuts[index]?.send(one, each);
    });
  }

  /** Nothing is left, or what is left is not wanted: looks once more while no publish hands out messages. */
  async #finish(which: Which, isBeyondEnd = false): Promise<boolean> {
    const topic = await (this.#sns as Sns).topics.find(which.topic);
    const endTurn = topic && (await takeTurn(topic));
    try {
      const found = await this.#find(which);
      if (found === undefined) return false;
      const { next } = await this.#page(this.#sns as Sns, found);
      if (next !== undefined && !isBeyondEnd) return false;
      return await this.#end(found, 'Completed');
    } finally {
      endTurn?.();
    }
  }

  async #end({ topic, subscription: { record }, replay }: UnderWay, status: 'Completed' | 'Failed'): Promise<boolean> {
    if (topic.isGone) return false;
    await (this.#sns as Sns).topics.putSubscription(topic, { ...record, replay: { ...replay, status } });
    return true;
  }

  async #find({ topic: path, subscriptionId }: Which): Promise<UnderWay | undefined> {
    const topic = await (this.#sns as Sns).topics.find(path);
    const subscription = topic?.subscriptions.get(subscriptionId);
    const replay = subscription?.record.replay;
    if (topic === undefined || subscription === undefined || replay === undefined) return undefined;
    return isUnderWay(replay) ? { topic, subscription, replay } : undefined;
  }

  async #isReachable({ target }: Subscription): Promise<boolean> {
    if (target === undefined) return true;
    return (await this.#partition.find(target)) !== undefined;
  }
}

function isInRange({ startingAt, endingAt = Number.POSITIVE_INFINITY }: Replay, { publishedAt }: Publication): boolean {
  return publishedAt >= startingAt && publishedAt <= endingAt;
}

/** The filter policy can ask for `Replayed`, too. */
function passes({ filter }: Subscription, numbered: Numbered): boolean {
  return (
    filter === undefined || filter.matches(filterable({ ...numbered.publication, attributes: attributesOf(numbered) }))
  );
}
