/**
 * Messages with many copies. Handing them out takes longer than one turn of the event loop should, and all of them together
 * may not fit into memory; so the message is stored once, with the subscriptions that it is for, and that is what a publish
 * waits for. From then on it is promised to all of them: it is handed out bit by bit, each bit by one commit that also notes
 * how far it has come, so that after a crash it goes on there and nothing comes twice.
 *
 * A topic's messages are handed out in the order of their publishes, those of several topics side by side.
 */
import { setTimeout } from 'node:timers/promises';
import { CommitFailed, type EntityChange, KeyUnusable, type Partition } from '#runtime';
import { opened, sealed, topicKey } from './encryption.ts';
import { FanOut, type Way } from './fanOut.ts';
import { bitsInFlight, copiesInOneTurn, copiesPromised, copyBytesInOneTurn } from './limits.ts';
import type { Publication } from './publication.ts';
import { topicPath } from './records.ts';
import type { Sns } from './service.ts';
import type { Subscription } from './subscription.ts';
import type { Topic } from './topics.ts';

/** A message, and those who get it. */
export interface Wanted {
  readonly publication: Publication;
  readonly subscriptions: readonly Subscription[];
}

/** Kind `sns-fan-out`, path `<account>/<region>/<topic's name>/<when it was published>-<message id>`. */
interface LargeFanOut {
  /** Of a topic that encrypts, as `sealed` makes it with the path as the binding, in base64. */
  readonly publication: Publication | string;
  readonly publicUrl: string;
  readonly subscriptionIds: readonly string[];
}

const kind = 'sns-fan-out';
/** Of the same path: to how many of the subscriptions it has been handed out. Written often, so by itself. */
const progressKind = 'sns-fan-out-progress';

/** After a failure that may pass: a commit that could not be made, a key that can't be used. */
const retryMs = 1_000;
/** After one that nobody knows: each time it is reported. */
const retryAfterFaultMs = 30_000;
/** Each may have a megabyte of subscriptions. */
const resumedAtOnce = 10;

/** What is under way of one topic. */
interface Line {
  readonly waiting: { readonly path: string; readonly copies: number }[];
  promised: number;
  /** Publishes that wait until less is promised. */
  readonly blocked: (() => void)[];
}

export function isLarge(wanted: readonly Wanted[]): boolean {
  let [copies, bytes] = [0, 0];
  for (const { publication, subscriptions } of wanted) {
    copies += subscriptions.length;
    bytes += subscriptions.length * bytesOf(publication);
  }
  return copies > copiesInOneTurn || bytes > copyBytesInOneTurn;
}

export class LargeFanOuts {
  readonly #partition: Partition;
  readonly #report: (error: Error) => void;
  readonly #lines = new Map<string, Line>();
  readonly #running = new Set<Promise<void>>();
  readonly #stop = new AbortController();
  #sns: Sns | undefined;
  #isResuming = true;

  constructor(partition: Partition, report: (error: Error) => void) {
    this.#partition = partition;
    this.#report = report;
  }

  /** Copies that are promised and not handed out; at least one while it is not known how many the last run has left. */
  get promised(): number {
    let promised = this.#isResuming ? 1 : 0;
    for (const line of this.#lines.values()) promised += line.promised;
    return promised;
  }

  /** Goes on with what was under way when the server stopped. */
  start(sns: Sns): void {
    this.#sns = sns;
    this.#resume()
      .catch(this.#report)
      .finally(() => {
        this.#isResuming = false;
      });
  }

  /** Promises the messages to those who get them; resolves once that is synced. */
  async begin(topic: Topic, wanted: readonly Wanted[], { key: dataKey, publicUrl }: Way): Promise<void> {
    const key = topicPath(topic.record);
    let line = this.#lineOf(key);
    while (line.promised >= copiesPromised && !this.#stop.signal.aborted) {
      await new Promise<void>((resolve) => line.blocked.push(resolve));
      // The line may have come to its end meanwhile.
      line = this.#lineOf(key);
    }
    const begun = wanted.map(({ publication, subscriptions }) => {
      const { messageId, publishedAt } = publication;
      const subscriptionIds = subscriptions.map(({ record }) => record.subscriptionId);
      const path = `${key}/${publishedAt}-${messageId}`;
      const stored = dataKey === undefined ? publication : sealed(dataKey, publication, path).toString('base64');
      const value: LargeFanOut = { publication: stored, publicUrl, subscriptionIds };
      return { kind, path, value };
    });
    for (const { value } of begun) line.promised += value.subscriptionIds.length;
    try {
      await this.#partition.entities.write(...begun);
    } catch (error) {
      for (const { value } of begun) this.#release(line, value.subscriptionIds.length);
      throw error;
    }
    for (const { path, value } of begun) this.#enqueue(key, { path, copies: value.subscriptionIds.length });
  }

  async close(): Promise<void> {
    this.#stop.abort();
    for (const line of this.#lines.values()) this.#release(line, 0);
    await Promise.all(this.#running);
  }

  async #resume(): Promise<void> {
    let after: string | undefined;
    do {
      const found = await this.#partition.entities.list<LargeFanOut>(kind, '', resumedAtOnce, after);
      for (const { path, value } of found) {
        const copies = value.subscriptionIds.length;
        const key = path.slice(0, path.lastIndexOf('/'));
        this.#lineOf(key).promised += copies;
        this.#enqueue(key, { path, copies });
      }
      after = found.length < resumedAtOnce ? undefined : found.at(-1)?.path;
    } while (after !== undefined);
  }

  #lineOf(key: string): Line {
    let line = this.#lines.get(key);
    if (line === undefined) {
      line = { waiting: [], promised: 0, blocked: [] };
      this.#lines.set(key, line);
    }
    return line;
  }

  #enqueue(key: string, one: Line['waiting'][number]): void {
    const line = this.#lineOf(key);
    line.waiting.push(one);
    if (line.waiting.length > 1 || this.#stop.signal.aborted) return;
    const running = this.#run(key, line).catch(this.#report);
    this.#running.add(running);
    running.finally(() => this.#running.delete(running));
  }

  async #run(key: string, line: Line): Promise<void> {
    const { signal } = this.#stop;
    for (let next = line.waiting[0]; next !== undefined && !signal.aborted; next = line.waiting[0]) {
      try {
        if (!(await this.#handOut(next.path))) return;
        line.waiting.shift();
        this.#release(line, next.copies);
      } catch (error) {
        // It is promised: whatever is in the way, nobody else would bring it.
        const isKnown = error instanceof CommitFailed || error instanceof KeyUnusable;
        if (!isKnown && !signal.aborted) this.#report(error as Error);
        await setTimeout(isKnown ? retryMs : retryAfterFaultMs, undefined, { signal, ref: false }).catch(
          () => undefined,
        );
      }
    }
    if (line.promised === 0) this.#lines.delete(key);
  }

  #release(line: Line, copies: number): void {
    line.promised -= copies;
    for (const go of line.blocked.splice(0)) go();
  }

  /** From where it has come to; gives whether that was to the end. */
  async #handOut(path: string): Promise<boolean> {
    const { entities } = this.#partition;
    const fanOut = await entities.get<LargeFanOut>(kind, path);
    if (fanOut === undefined) return true;
    const { length } = fanOut.subscriptionIds;
    const publication = await this.#publicationOf(path, fanOut);
    const inFlight: Promise<void>[] = [];
    try {
      let done = (await entities.get<number>(progressKind, path)) ?? 0;
      const step = Math.max(1, Math.min(copiesInOneTurn, Math.floor(copyBytesInOneTurn / bytesOf(publication))));
      while (done < length) {
        if (this.#stop.signal.aborted) return false;
        const from = done;
        done = Math.min(length, from + step);
        const changes =
          done < length
            ? [{ kind: progressKind, path, value: done }]
            : [
                { kind, path },
                { kind: progressKind, path },
              ];
        const { durable } = await this.#sendBit(path, { ...fanOut, publication }, from, done, changes);
        inFlight.push(durable);
        if (inFlight.length > bitsInFlight) await inFlight.shift();
      }
      return true;
    } finally {
      await Promise.all(inFlight);
    }
  }

  async #publicationOf(path: string, { publication }: LargeFanOut): Promise<Publication> {
    if (typeof publication !== 'string') return publication;
    return opened(this.#sns as Sns, Buffer.from(publication, 'base64'), path);
  }

  /** Resolves a turn after the bit was written, which the next one must not overtake; `durable`, when it is synced. */
  async #sendBit(
    path: string,
    { publication, publicUrl, subscriptionIds }: LargeFanOut & { readonly publication: Publication },
    from: number,
    to: number,
    changes: readonly EntityChange[],
  ): Promise<{ durable: Promise<void> }> {
    const sns = this.#sns as Sns;
    const [accountId = '', region = '', name = ''] = path.split('/');
    const topic = await sns.topics.find({ accountId, region, name });
    // Who has unsubscribed since then gets nothing any more, as with a topic that was deleted.
    const subscriptions = subscriptionIds.slice(from, to).flatMap((id) => topic?.subscriptions.get(id) ?? []);
    const way = { key: topic && (await topicKey(sns, topic)), publicUrl };
    const bit = topic && (await FanOut.prepare(sns, topic, publication, subscriptions, way));
    return new Promise((resolve, reject) => {
      const durable = sns.partition.inOneCommit((one) => {
        bit?.send(one, { publication });
        one.write(...changes);
        setImmediate(() => resolve({ durable }));
      });
      durable.catch(reject);
    });
  }
}

/** An estimate of what a copy takes: the text, twice where most of its characters need an escape. */
function bytesOf({ message, structure }: Publication): number {
  return 1_024 + 2 * (structure?.sqs ?? message).length;
}
