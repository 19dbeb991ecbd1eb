/**
 * What publishers and subscribers were promised whose server dies again and again, and whether it is kept. It knows only
 * what they know: calls made, answers got, and what came.
 *
 * - What was acknowledged is in each queue that it is for, once, and in no other. So is every dead letter.
 * - A call that was not answered has stored its messages for all their subscribers, or for none; a batch is one call.
 * - Endpoints get what is stored at least once, and nothing else.
 * - On a FIFO topic a deduplication id stands for one message, whoever publishes it again: the answer is the first one's.
 *   Sequences grow with time, and in each queue within each group. What was not answered is published again until it is.
 */
import { type Copy, type Publication, type Subscriber, subscribers, subscribersOf } from './fanOutTopology.ts';
import type { PublishAnswer } from './snsClient.ts';

interface Tracked {
  readonly publication: Publication;
  /** What was published by the same call at first. */
  readonly call: readonly Publication[];
  readonly life: number;
  readonly publishedAt: number;
  /** The highest sequence that somebody knew before. */
  readonly floor: string;
  /** How often it was published. */
  tries: number;
  isAcknowledged: boolean;
  /** As the first answer or copy has it. */
  messageId: string;
  sequence: string;
  readonly foundIn: Set<string>;
  readonly arrivedAt: Set<string>;
}

const byQueue = new Map(subscribers.flatMap((each) => (each.queue === undefined ? [] : [[each.queue, each] as const])));

export class FanOutLedger {
  /** `inDoubt` and `inDoubtStored` count calls to standard topics; `repeated` publishes of what was stored before. */
  readonly counts = {
    ...{ published: 0, acknowledged: 0, repeated: 0, inDoubt: 0, inDoubtStored: 0 },
    ...{ copies: 0, arrivals: 0, arrivedAgain: 0, arrivedInLaterLife: 0 },
  };
  readonly #all = new Map<string, Tracked>();
  readonly #fifo: Publication[] = [];
  #highest = '';
  #life = 1;
  /** By queue and group, the sequence found last. */
  readonly #foundLast = new Map<string, string>();
  /** Copies that endpoints have still to get, once it is known what is stored. */
  #awaited: Set<string> | undefined;
  #allArrived: () => void = () => undefined;

  crashed(): void {
    this.#life += 1;
  }

  /** Call it before the request leaves. */
  publishing(call: readonly Publication[]): void {
    for (const publication of call) {
      const known = this.#all.get(publication.id);
      if (known !== undefined) {
        known.tries += 1;
        continue;
      }
      if (publication.groupId !== '') this.#fifo.push(publication);
      this.#all.set(publication.id, {
        ...{ publication, call, life: this.#life, publishedAt: Date.now(), floor: this.#highest },
        ...{ tries: 1, isAcknowledged: false, messageId: '', sequence: '' },
        ...{ foundIn: new Set<string>(), arrivedAt: new Set<string>() },
      });
      this.counts.published += 1;
    }
  }

  acknowledged(call: readonly Publication[], answers: readonly PublishAnswer[]): void {
    let before = '';
    for (const [index, { id, groupId }] of call.entries()) {
      const tracked = this.#tracked(id);
      const { messageId, sequence } = answers[index] as PublishAnswer;
      if (groupId !== '') {
        if (!/^\d{20}$/.test(sequence)) throw new Error(`${id} was acknowledged with the sequence "${sequence}"`);
        if (sequence <= tracked.floor) throw new Error(`${id} has ${sequence}, but ${tracked.floor} was given before`);
        if (tracked.tries === 1 && sequence <= before) throw new Error(`${id} has ${sequence}, behind ${before}`);
        if (tracked.tries === 1) before = sequence;
        else if (tracked.isAcknowledged) this.counts.repeated += 1;
      }
      this.#learn(tracked, { messageId, sequence });
      if (!tracked.isAcknowledged) this.counts.acknowledged += 1;
      tracked.isAcknowledged = true;
      if (sequence > this.#highest) this.#highest = sequence;
    }
  }

  /** What was published to the FIFO topic since then. */
  fifoSince(time: number): Publication[] {
    return this.#fifo.filter(({ id }) => this.#tracked(id).publishedAt > time);
  }

  /** A queue gave it, and will not again. */
  found(queue: string, copy: Copy): void {
    const tracked = this.#tracked(copy.id);
    const { publication, foundIn } = tracked;
    const subscriber = byQueue.get(queue);
    if (subscriber === undefined || !isFor(publication, subscriber)) throw new Error(`${copy.id} is in ${queue}`);
    if (foundIn.has(queue)) throw new Error(`${this.#tell(tracked)} is twice in ${queue}`);
    foundIn.add(queue);
    this.#compare(tracked, copy);
    this.counts.copies += 1;
    if (!queue.endsWith('.fifo')) return;
    const group = `${queue} ${publication.groupId}`;
    const last = this.#foundLast.get(group) ?? '';
    if (tracked.sequence <= last) throw new Error(`${copy.id}, ${tracked.sequence}, comes after ${last} in ${group}`);
    this.#foundLast.set(group, tracked.sequence);
  }

  /** An endpoint has taken it, as far as it knows itself. */
  arrived(endpoint: string, copy: Copy): void {
    const tracked = this.#tracked(copy.id);
    const { publication, arrivedAt } = tracked;
    const isRight = subscribersOf(publication).some((each) => each.endpoint?.name === endpoint);
    if (!isRight) throw new Error(`${copy.id} came to ${endpoint}`);
    this.#compare(tracked, copy);
    this.counts.arrivals += 1;
    if (arrivedAt.has(endpoint)) this.counts.arrivedAgain += 1;
    else if (tracked.life < this.#life) this.counts.arrivedInLaterLife += 1;
    arrivedAt.add(endpoint);
    if (this.#awaited?.delete(`${copy.id} ${endpoint}`) && this.#awaited.size === 0) this.#allArrived();
  }

  /** Once all queues are empty: what is not right about what was found in them. Decides what calls in doubt have done. */
  settle(): string[] {
    const problems: string[] = [];
    const calls = new Set<readonly Publication[]>();
    this.#awaited = new Set();
    for (const tracked of this.#all.values()) {
      const { publication, call, foundIn, arrivedAt } = tracked;
      const isStored = this.#isStored(tracked);
      if (!tracked.isAcknowledged && !calls.has(call)) {
        calls.add(call);
        this.counts.inDoubt += 1;
        if (isStored) this.counts.inDoubtStored += 1;
      }
      if (!isStored) {
        if (arrivedAt.size > 0) problems.push(`${this.#tell(tracked)} came to ${[...arrivedAt]} and is in no queue`);
        continue;
      }
      const direct = subscribersOf(publication).flatMap(({ isDirect, queue }) => (isDirect && queue ? [queue] : []));
      const missing = direct.filter((queue) => !foundIn.has(queue));
      if (missing.length > 0) problems.push(`${this.#tell(tracked)} is not in ${missing}, but in ${[...foundIn]}`);
      for (const { endpoint } of subscribersOf(publication)) {
        if (endpoint !== undefined && !arrivedAt.has(endpoint.name)) {
          this.#awaited.add(`${publication.id} ${endpoint.name}`);
        }
      }
    }
    return problems;
  }

  /** After `settle`: what endpoints have still to get. */
  get awaited(): string[] {
    return [...(this.#awaited ?? [])];
  }

  /** After `settle`: resolves when the endpoints have got all that is stored. */
  allArrived(): Promise<void> {
    if (this.#awaited?.size === 0) return Promise.resolve();
    return new Promise((resolve) => {
      this.#allArrived = resolve;
    });
  }

  /** After `settle`: how many dead letters will be found in the queue. */
  lettersOf(queue: string): number {
    const subscriber = byQueue.get(queue);
    const stored = [...this.#all.values()].filter((each) => this.#isStored(each));
    return stored.filter(({ publication }) => subscriber !== undefined && isFor(publication, subscriber)).length;
  }

  /** At least one copy of the call's was in a queue. */
  #isStored({ call, isAcknowledged }: Tracked): boolean {
    if (isAcknowledged) return true;
    return call.some(({ id }) => this.#tracked(id).foundIn.size > 0);
  }

  #compare(tracked: Tracked, { id, body, messageId, sequence }: Copy): void {
    if (body !== tracked.publication.body) throw new Error(`${id} came with another body`);
    this.#learn(tracked, { messageId, sequence });
  }

  /** Raw messages do not show all. */
  #learn(tracked: Tracked, { messageId, sequence }: PublishAnswer): void {
    if (tracked.messageId === '') tracked.messageId = messageId;
    if (tracked.sequence === '') tracked.sequence = sequence;
    const isOther = (one: string, other: string) => one !== '' && one !== other;
    if (isOther(messageId, tracked.messageId) || isOther(sequence, tracked.sequence)) {
      const before = `${tracked.messageId} ${tracked.sequence}`;
      throw new Error(`${this.#tell(tracked)} is two messages: ${before}, and ${messageId} ${sequence}`);
    }
  }

  #tell({ publication: { id, topic }, call, isAcknowledged, tries, life }: Tracked): string {
    const kind = isAcknowledged ? 'acknowledged' : 'in doubt';
    return `${id} (${topic}, ${kind}, published in life ${life} with ${call.length - 1} others, ${tries} times)`;
  }

  #tracked(id: string): Tracked {
    const tracked = this.#all.get(id);
    if (tracked === undefined) throw new Error(`${id} was never published`);
    return tracked;
  }
}

function isFor(publication: Publication, subscriber: Subscriber): boolean {
  return publication.topic === subscriber.topic && subscriber.filter.passes(publication);
}
