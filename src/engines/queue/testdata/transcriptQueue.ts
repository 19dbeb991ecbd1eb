import { required } from '#std/assert';
import { DigestRing } from '#std/digestRing';
import { countersOf, depthOf, newCounters, openQueue, type QueueState } from '../state.ts';
import { step } from '../step.ts';
import {
  before,
  type Counters,
  type Deduplication,
  type Delivery,
  type QueueCommand,
  type QueueEffect,
  type QueueReply,
  type QueueSettings,
  type Receipt,
  type ReceivedMessage,
  type StoredMessage,
} from '../types.ts';

interface Stored {
  messages: Map<number, StoredMessage>;
  deliveries: Map<number, Delivery>;
  deduplications: Map<number, Deduplication>;
  counters: Counters;
}

const start = 1_000_000;
const limits = {
  windowMessages: 4,
  windowBytes: 100,
  pageMessages: 3,
  pageBytes: 20,
  pageAhead: 1,
  expiriesPerStep: 2,
  lookAhead: 8,
};

/** As if somebody had asked for messages already; `look-away` is for what comes before. */
function read(state: QueueState): QueueState {
  state.isRead = true;
  return state;
}

/**
 * An engine that is talked to in words, with a store of its own. Everything is synced at once, except between `hold` and
 * `crash`: what was stored in between is lost. Messages are named by their payloads; `a@2` is the receipt
 * of `a` that receive 2 got.
 */
export class TranscriptQueue {
  #now = start;
  #settings: QueueSettings = {
    visibilityTimeoutMs: 30_000,
    delayMs: 0,
    retentionMs: 345_600_000,
    maxInFlight: 120_000,
  };
  #stored: Stored = {
    messages: new Map(),
    deliveries: new Map(),
    deduplications: new Map(),
    counters: newCounters,
  };
  #held: Stored | undefined;
  #state: QueueState = read(openQueue(this.#settings, newCounters, [], undefined, limits));
  #timerAt = Number.POSITIVE_INFINITY;
  #nextId = 1;
  /** Pages that are read but have not come: between `keep-pages` and `bring-pages`. */
  #kept: (QueueCommand & { kind: 'page-loaded' })[] | undefined;
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
      const maxReceiveCount = option('max-receives');
      const settings: QueueSettings = {
        ...this.#settings,
        visibilityTimeoutMs: seconds('visibility', this.#settings.visibilityTimeoutMs),
        delayMs: seconds('delay', this.#settings.delayMs),
        retentionMs: seconds('retention', this.#settings.retentionMs),
        maxInFlight: option('max-in-flight') ?? this.#settings.maxInFlight,
        ...(maxReceiveCount !== undefined && { deadLetter: { maxReceiveCount } }),
      };
      this.#settings = settings;
      this.#step({ kind: 'configure', settings });
    },
    fifo: () => {
      this.#settings = { ...this.#settings, fifo: true };
      this.#state = read(openQueue(this.#settings, newCounters, [], undefined, limits));
    },
    send: (names, option) => this.#send(names, option('delay')),
    receive: (_, option) => {
      const waiterId = this.#nextId++;
      const visibility = option('visibility');
      const attempt = option('attempt');
      const reply = this.#step({
        kind: 'receive',
        waiterId,
        maxMessages: option('max') ?? 1,
        visibilityTimeoutMs: visibility === undefined ? undefined : visibility * 1000,
        waitMs: (option('wait') ?? 0) * 1000,
        nonce: attempt ?? waiterId,
        repeatable: attempt !== undefined,
        forMove: option('for-move') === 1,
      });
      if (reply.kind === 'rejected') this.#out.push(`refused: ${reply.code}`);
      else if (this.#state.waiters?.has(waiterId)) this.#out.push(`receive ${waiterId} waits`);
    },
    cancel: ([waiter]) => this.#step({ kind: 'cancel-receive', waiterId: Number(waiter) }),
    release: (names) => this.#step({ kind: 'release', receipts: names.map((name) => this.#receipt(name)) }),
    delete: (names) => this.#delete(names.map((name) => this.#receipt(name))),
    visibility: (names, option) => {
      const timeoutMs = (option('to') ?? 0) * 1000;
      const receipts = names.map((name) => ({ ...this.#receipt(name), timeoutMs }));
      const reply = this.#step({ kind: 'change-visibility', receipts });
      if (reply.kind === 'visibility-changed') this.#out.push(reply.outcomes.join(' '));
    },
    leave: (names) => this.#step({ kind: 'leave', sequences: names.map((name) => this.#receipt(name).sequence) }),
    stay: (names, option) => {
      const sequences = names.map((name) => this.#receipt(name).sequence);
      this.#step({ kind: 'stay', sequences, giveOut: option('give-out') === 1 });
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
      const { messages, deliveries, deduplications } = this.#stored;
      const keys = deduplications.size === 0 ? '' : `, ${deduplications.size} deduplications`;
      this.#out.push(`stored: ${messages.size} messages, ${deliveries.size} deliveries${keys}`);
    },
    hold: () => {
      const { messages, deliveries, deduplications, counters } = this.#stored;
      this.#held = {
        messages: new Map(messages),
        deliveries: new Map(deliveries),
        deduplications: new Map(deduplications),
        counters,
      };
    },
    crash: () => {
      this.#stored = this.#held ?? this.#stored;
      this.#held = undefined;
      this.#timerAt = Number.POSITIVE_INFINITY;
      const { counters, deliveries, deduplications } = this.#stored;
      const ring = new DigestRing();
      for (const { key, messageId, sequence, acceptedAt } of deduplications.values()) {
        ring.push(key, { value: sequence, time: acceptedAt, label: messageId });
      }
      this.#state = read(openQueue(this.#settings, counters, deliveries.values(), ring, limits));
    },
    'keep-pages': () => {
      this.#kept = [];
    },
    'bring-pages': () => {
      const kept = this.#kept ?? [];
      this.#kept = undefined;
      for (const each of kept) this.#step(each);
    },
    'look-away': () => this.#step({ kind: 'look-away' }),
    'look-through': () => this.#step({ kind: 'look-through' }),
  };

  /** `group:name` is a message of a group, `group:name#key` one with a deduplication key. */
  #send(names: string[], delay: number | undefined): void {
    const messages = names.map((word) => {
      const [, groupId, name = '', key] = required(/^(?:(.*):)?(.*?)(?:#(.*))?$/.exec(word), 'a message');
      return {
        messageId: Buffer.from(name.padEnd(16, '\0')),
        payload: Buffer.from(name),
        ...(groupId !== undefined && { groupId }),
        ...(key !== undefined && { deduplicationKey: Buffer.from(key.padEnd(16)) }),
        ...(delay !== undefined && { delayMs: delay * 1000 }),
      };
    });
    const reply = this.#step({ kind: 'send', messages });
    if (reply.kind !== 'sent') return;
    for (const [index, { messageId, sequence, isDuplicate }] of reply.outcomes.entries()) {
      const original = Buffer.from(messageId).toString().replaceAll('\0', '');
      if (isDuplicate) this.#out.push(`${names[index]} repeats message ${sequence}, ${original}`);
    }
  }

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
    const { reply, effects } = step(this.#state, command, {
      now: this.#now,
      isCrowded: false,
      batch: 1,
      durableBatch: 1,
    });
    for (const effect of effects) this.#apply(effect);
    // Pages come after everything else that the step wanted, as from a store that takes its time.
    for (const effect of effects) if (effect.kind === 'load-page') this.#load(effect);
    this.#stored.counters = countersOf(this.#state);
    return reply;
  }

  #apply(effect: QueueEffect): void {
    const { messages, deliveries, deduplications } = this.#stored;
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
        deduplications.clear();
        break;
      case 'put-deduplication':
        deduplications.set(effect.deduplication.sequence, effect.deduplication);
        break;
      case 'delete-deduplication':
        deduplications.delete(effect.sequence);
        break;
      case 'dead-letters':
        this.#out.push(`dead letters: ${effect.messages.map((each) => this.#noteReceipt(each)).join(', ')}`);
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
      const name = this.#noteReceipt(each);
      this.#receipts.set(`${name}@${waiterId}`, each);
      return each.receiveCount <= 1 ? name : `${name} (receive ${each.receiveCount})`;
    });
    this.#out.push(`receive ${waiterId} got ${got.length === 0 ? 'nothing' : got.join(', ')}`);
  }

  #noteReceipt(received: ReceivedMessage): string {
    const name = required(this.#stored.messages.get(received.sequence), 'a received message').payload.toString();
    this.#receipts.set(name, received);
    return name;
  }

  #load({ lane, load, after, until, limits }: QueueEffect & { kind: 'load-page' }): void {
    const ahead = [...this.#stored.messages.values()]
      .filter((message) => message.lane === lane && before(after, message))
      .sort((a, b) => (before(a, b) ? -1 : 1));
    const available = ahead.filter(({ availableAt }) => availableAt <= until);
    const page = available.slice(0, limits.pageMessages);
    const exhausted = page.length === available.length;
    this.#out.push(`page of ${page.length}${exhausted ? ', the last' : ''}`);
    const nextAvailableAt = ahead[available.length]?.availableAt ?? Number.POSITIVE_INFINITY;
    const loaded = { kind: 'page-loaded', lane, load, page: { messages: page, exhausted, nextAvailableAt } } as const;
    if (this.#kept === undefined) this.#step(loaded);
    else this.#kept.push(loaded);
  }
}
