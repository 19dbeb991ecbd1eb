import { required } from '#std/assert';
import { countersOf, depthOf, newCounters, openQueue, type QueueState } from '../state.ts';
import { step } from '../step.ts';
import {
  before,
  type Counters,
  type Delivery,
  type QueueCommand,
  type QueueEffect,
  type QueueReply,
  type Receipt,
  type StoredMessage,
} from '../types.ts';

interface Stored {
  messages: Map<number, StoredMessage>;
  deliveries: Map<number, Delivery>;
  counters: Counters;
}

const start = 1_000_000;
const limits = {
  windowMessages: 4,
  windowBytes: 100,
  pageMessages: 3,
  pageBytes: 100,
  pageAhead: 1,
  expiriesPerStep: 2,
};

/**
 * An engine that is talked to in words, with a store of its own. Everything is synced at once, except between `hold` and
 * `crash`: what was stored in between is lost. Messages are named by their payloads; `a@2` is the receipt
 * of `a` that receive 2 got.
 */
export class TranscriptQueue {
  #now = start;
  #settings = { visibilityTimeoutMs: 30_000, delayMs: 0, retentionMs: 345_600_000, maxInFlight: 120_000 };
  #stored: Stored = { messages: new Map(), deliveries: new Map(), counters: newCounters };
  #held: Stored | undefined;
  #state: QueueState = openQueue(this.#settings, newCounters, [], limits);
  #timerAt = Number.POSITIVE_INFINITY;
  #nextId = 1;
  #out: string[] = [];
  readonly #receipts = new Map<string, Receipt>();

  run(line: string): string[] {
    this.#out = [];
    const [verb = '', ...words] = line.split(' ');
    const options = new Map(
      words.filter((word) => word.includes('=')).map((word) => word.split('=') as [string, string]),
    );
    const names = words.filter((word) => !word.includes('='));
    const run = required(this.#verbs[verb], `the verb ${verb}`);
    run(names, (name) => (options.has(name) ? Number(options.get(name)) : undefined));
    return this.#out.map((each) => `  ${each}`);
  }

  readonly #verbs: Record<string, (names: string[], option: (name: string) => number | undefined) => void> = {
    settings: (_, option) => {
      const seconds = (name: string, byDefault: number) => (option(name) ?? byDefault / 1000) * 1000;
      const settings = {
        visibilityTimeoutMs: seconds('visibility', this.#settings.visibilityTimeoutMs),
        delayMs: seconds('delay', this.#settings.delayMs),
        retentionMs: seconds('retention', this.#settings.retentionMs),
        maxInFlight: option('max-in-flight') ?? this.#settings.maxInFlight,
      };
      this.#settings = settings;
      this.#step({ kind: 'configure', settings });
    },
    send: (names, option) => {
      const delay = option('delay');
      const messages = names.map((name) => ({
        messageId: Buffer.from(name),
        payload: Buffer.from(name),
        ...(delay !== undefined && { delayMs: delay * 1000 }),
      }));
      this.#step({ kind: 'send', messages });
    },
    receive: (_, option) => {
      const waiterId = this.#nextId++;
      const visibility = option('visibility');
      const reply = this.#step({
        kind: 'receive',
        waiterId,
        maxMessages: option('max') ?? 1,
        visibilityTimeoutMs: visibility === undefined ? undefined : visibility * 1000,
        waitMs: (option('wait') ?? 0) * 1000,
        nonce: waiterId,
      });
      if (reply.kind === 'rejected') this.#out.push(`refused: ${reply.code}`);
      else if (this.#state.waiters.has(waiterId)) this.#out.push(`receive ${waiterId} waits`);
    },
    leave: ([waiter]) => this.#step({ kind: 'cancel-receive', waiterId: Number(waiter) }),
    release: (names) => this.#step({ kind: 'release', receipts: names.map((name) => this.#receipt(name)) }),
    delete: (names) => this.#delete(names.map((name) => this.#receipt(name))),
    visibility: (names, option) => {
      const timeoutMs = (option('to') ?? 0) * 1000;
      const receipts = names.map((name) => ({ ...this.#receipt(name), timeoutMs }));
      const reply = this.#step({ kind: 'change-visibility', receipts });
      if (reply.kind === 'visibility-changed') this.#out.push(reply.outcomes.join(' '));
    },
    purge: () => this.#step({ kind: 'purge' }),
    pass: ([seconds]) => {
      const until = this.#now + Number(seconds) * 1000;
      while (this.#timerAt <= until) {
        this.#now = Math.max(this.#now, this.#timerAt);
        // An alarm rings once.
        this.#timerAt = Number.POSITIVE_INFINITY;
        this.#step({ kind: 'tick' });
      }
      this.#now = until;
    },
    tick: () => this.#step({ kind: 'tick' }),
    depth: () => {
      this.#step({ kind: 'tick' });
      const { visible, inFlight, delayed } = depthOf(this.#state);
      this.#out.push(`${visible} visible, ${inFlight} in flight, ${delayed} delayed`);
      this.#out.push(`stored: ${this.#stored.messages.size} messages, ${this.#stored.deliveries.size} deliveries`);
    },
    hold: () => {
      const { messages, deliveries, counters } = this.#stored;
      this.#held = { messages: new Map(messages), deliveries: new Map(deliveries), counters };
    },
    crash: () => {
      this.#stored = this.#held ?? this.#stored;
      this.#held = undefined;
      this.#timerAt = Number.POSITIVE_INFINITY;
      this.#state = openQueue(this.#settings, this.#stored.counters, this.#stored.deliveries.values(), limits);
    },
  };

  #delete(receipts: (Receipt & { stored?: boolean })[]): void {
    const reply = this.#step({ kind: 'delete', receipts });
    if (reply.kind !== 'deleted') return;
    this.#out.push(reply.outcomes.join(' '));
    if (!reply.outcomes.includes('look-up')) return;
    this.#delete(receipts.map((each) => ({ ...each, stored: this.#stored.messages.has(each.sequence) })));
  }

  #receipt(name: string): Receipt {
    return required(this.#receipts.get(name), `a receipt of ${name}`);
  }

  #step(command: QueueCommand): QueueReply {
    const { reply, effects } = step(this.#state, command, { now: this.#now, batch: 1, durableBatch: 1 });
    for (const effect of effects) this.#apply(effect);
    // Pages come after everything else that the step wanted, as from a store that takes its time.
    for (const effect of effects) if (effect.kind === 'load-page') this.#load(effect);
    this.#stored.counters = countersOf(this.#state);
    return reply;
  }

  #apply(effect: QueueEffect): void {
    const { messages, deliveries } = this.#stored;
    switch (effect.kind) {
      case 'put-message':
        messages.set(effect.message.sequence, effect.message);
        break;
      case 'put-delivery':
        deliveries.set(effect.delivery.sequence, { ...effect.delivery });
        break;
      case 'delete-message':
        messages.delete(effect.position.sequence);
        deliveries.delete(effect.position.sequence);
        break;
      case 'discard-all':
        messages.clear();
        deliveries.clear();
        break;
      case 'set-timer':
        this.#timerAt = effect.at;
        break;
      case 'answer-receive':
        this.#answer(effect);
        break;
      case 'load-page':
        break;
      default:
        effect satisfies never;
    }
  }

  #answer({ waiterId, messages }: QueueEffect & { kind: 'answer-receive' }): void {
    const got = messages.map((each) => {
      const name = required(this.#stored.messages.get(each.sequence), 'a received message').payload.toString();
      this.#receipts.set(name, each);
      this.#receipts.set(`${name}@${waiterId}`, each);
      return each.receiveCount === 1 ? name : `${name} (receive ${each.receiveCount})`;
    });
    this.#out.push(`receive ${waiterId} got ${got.length === 0 ? 'nothing' : got.join(', ')}`);
  }

  #load({ load, after, until }: QueueEffect & { kind: 'load-page' }): void {
    const ahead = [...this.#stored.messages.values()]
      .filter((message) => before(after, message))
      .sort((a, b) => (before(a, b) ? -1 : 1));
    const available = ahead.filter(({ availableAt }) => availableAt <= until);
    const page = available.slice(0, limits.pageMessages);
    const exhausted = page.length === available.length;
    this.#out.push(`page of ${page.length}${exhausted ? ', the last' : ''}`);
    const nextAvailableAt = ahead[available.length]?.availableAt ?? Number.POSITIVE_INFINITY;
    this.#step({ kind: 'page-loaded', load, page: { messages: page, exhausted, nextAvailableAt } });
  }
}
