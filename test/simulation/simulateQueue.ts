import type { WindowLimits } from '../../src/engines/queue/index.ts';
import { type DeliveredMessage, Partition, type QueueHandle } from '../../src/runtime/index.ts';
import { required } from '../../src/std/assert.ts';
import { Prng } from '../../src/std/prng.ts';
import { type Holding, Ledger, type ReceiveCall } from '../ledger.ts';
import { FaultyStore } from './faultyStore.ts';
import { SimulatedClock } from './simulatedClock.ts';

const account = '000000000000';
const region = 'us-east-1';
const name = 'queue';
const retentionMs = 60_000;
const visibilityTimeoutMs = 10_000;

interface Endings<T> {
  answered(result: T): void;
  refused(): void;
  lost(): void;
}

/**
 * One standard queue under clients, a clock and a disk that are all driven by a seed: sends, receives, deletes, changes of
 * visibility, clients that leave, commits that fail, and crashes at any moment. The ledger judges every answer.
 */
export class QueueSimulation {
  readonly #random: Prng;
  readonly #clock: SimulatedClock;
  readonly #ledger: Ledger;
  readonly #log: string[] = [];
  readonly #holdings: { holding: Holding; receipt: DeliveredMessage }[] = [];
  #store = new FaultyStore();
  #partition: Partition | undefined;
  /** Small enough that a few messages are a backlog. */
  readonly #windowLimits: WindowLimits;
  #violation: Error | undefined;
  #step = 0;
  #nextId = 1;

  constructor(seed: number) {
    this.#random = new Prng(seed);
    const pageMessages = 1 + this.#random.below(5);
    this.#windowLimits = {
      windowMessages: pageMessages + this.#random.below(6),
      windowBytes: this.#random.below(400),
      pageMessages,
      pageBytes: 1 + this.#random.below(400),
      pageAhead: 1 + this.#random.below(3),
      expiriesPerStep: 1 + this.#random.below(4),
      lookAhead: 8,
    };
    this.#clock = new SimulatedClock(1_700_000_000_000 + this.#random.below(1000));
    this.#ledger = new Ledger({ now: () => this.#clock.now(), retentionMs });
  }

  /** What happened, a line per event. */
  get transcript(): string {
    return this.#log.join('\n');
  }

  async run(steps: number): Promise<void> {
    await this.#start();
    for (this.#step = 1; this.#step <= steps; this.#step += 1) {
      await this.#act();
      if (this.#random.chance(0.6)) await this.#settle();
      if (this.#store.isCommitting && this.#random.chance(0.6)) await this.#finishCommit(this.#random.chance(0.04));
      if (this.#random.chance(0.02)) await this.#crash();
      if (this.#violation !== undefined) throw this.#violation;
    }
    await this.#end();
  }

  async #act(): Promise<void> {
    const choice = this.#random.next();
    if (choice < 0.35) this.#send();
    else if (choice < 0.6) this.#receive();
    else if (choice < 0.8) this.#delete();
    else if (choice < 0.86) this.#changeVisibility();
    else if (choice < 0.87) this.#purge();
    else await this.#advance(this.#random.pick([1, 50, 900, 5_000, 12_000]) ?? 0);
  }

  #send(): void {
    const count = 1 + this.#random.below(3);
    const sent = Array.from({ length: count }, () => {
      const id = String(this.#nextId++).padStart(16, '0');
      const delaySeconds = this.#random.chance(0.2) ? this.#random.below(15) : 0;
      return { id, delaySeconds, body: `body of ${id} ${'x'.repeat(this.#random.below(40))}` };
    });
    this.#note(
      `send ${sent.map(({ id, delaySeconds }) => `${+id}${delaySeconds ? `+${delaySeconds}s` : ''}`).join(' ')}`,
    );
    for (const message of sent) this.#ledger.sending(message);
    const messages = sent.map(({ id, delaySeconds, body }) => ({
      messageId: Buffer.from(id),
      payload: Buffer.from(body),
      delayMs: delaySeconds * 1000,
    }));
    const each = (tell: (id: string) => void) => {
      for (const { id } of sent) tell(id);
    };
    this.#call((queue) => queue.send(messages), {
      answered: () => each((id) => this.#ledger.acknowledged(id)),
      refused: () => each((id) => this.#ledger.sendRefused(id)),
      lost: () => each((id) => this.#ledger.sendLost(id)),
    });
  }

  #receive(): void {
    const number = this.#nextId++;
    const timeoutMs = this.#random.chance(0.2) ? 1000 * this.#random.below(20) : undefined;
    const request = {
      maxMessages: 1 + this.#random.below(4),
      visibilityTimeoutMs: timeoutMs,
      waitMs: this.#random.chance(0.5) ? 1000 * this.#random.below(8) : 0,
    };
    const leaves = this.#random.chance(0.15);
    this.#note(`receive #${number} ${request.maxMessages} wait ${request.waitMs}${leaves ? ', leaves' : ''}`);
    const call = this.#ledger.receiving(timeoutMs ?? visibilityTimeoutMs);
    const receive = async (queue: QueueHandle) => {
      const { waiterId, answer } = queue.receive(request);
      if (leaves) queue.cancelReceive(waiterId);
      const received = await answer;
      if (received.kind !== 'received') throw new Error(`the simulation never gets ${received.kind}`);
      if (leaves) queue.release(received.messages);
      return received.messages;
    };
    this.#call(receive, {
      answered: (messages) => {
        if (leaves) this.#ledger.receiveAbandoned(call);
        else this.#take(call, number, messages);
      },
      refused: () => this.#ledger.receiveAbandoned(call),
      lost: () => this.#ledger.receiveLost(call),
    });
  }

  #take(call: ReceiveCall, number: number, messages: readonly DeliveredMessage[]): void {
    this.#note(
      `  #${number} got ${messages.map(({ messageId, attempt }) => `${+messageId.toString()}@${attempt}`).join(' ')}`,
    );
    const received = messages.map((each) => ({
      id: Buffer.from(each.messageId).toString(),
      body: Buffer.from(each.payload).toString(),
      receiptHandle: `${each.sequence} ${each.attempt} ${each.nonce}`,
      receiveCount: each.attempt,
    }));
    for (const [index, holding] of this.#ledger.received(call, received).entries()) {
      this.#holdings.push({ holding, receipt: required(messages[index], 'a message for every holding') });
    }
  }

  #delete(): void {
    const index = this.#random.below(this.#holdings.length);
    const held = this.#random.chance(0.8) ? this.#holdings.splice(index, 1)[0] : this.#holdings[index];
    if (held === undefined) return;
    this.#note(`delete ${+held.holding.message.id}@${held.receipt.attempt}`);
    const call = this.#ledger.deleting(held.holding);
    this.#call((queue) => queue.delete([held.receipt]), {
      answered: () => this.#ledger.deleted(call),
      refused: () => this.#ledger.deleteLost(call),
      lost: () => this.#ledger.deleteLost(call),
    });
  }

  #changeVisibility(): void {
    const held = this.#random.pick(this.#holdings);
    if (held === undefined) return;
    const { holding, receipt } = held;
    const timeoutMs = 1000 * this.#random.below(20);
    this.#note(`change visibility of ${+holding.message.id} to ${timeoutMs}`);
    this.#ledger.changingVisibility(holding, false);
    const over = () => this.#ledger.changingVisibility(holding, true);
    this.#call((queue) => queue.changeVisibility([{ ...receipt, timeoutMs }]), {
      answered: over,
      refused: over,
      lost: over,
    });
  }

  #purge(): void {
    this.#note('purge');
    this.#ledger.purging();
    const over = () => this.#ledger.purging();
    this.#call((queue) => queue.purge(), { answered: over, refused: over, lost: over });
  }

  /** A call is answered, refused because a commit failed, or its process dies first. */
  #call<T>(act: (queue: QueueHandle) => Promise<T>, { answered, refused, lost }: Endings<T>): void {
    const partition = this.#partition;
    const run = async () => {
      const queue = await partition?.queue(account, region, name);
      if (queue === undefined) throw new Error('the queue is gone');
      return act(queue);
    };
    const crashes = this.#crashes;
    this.#pending.add(lost);
    run().then(
      (result) => this.#settled(crashes, lost, () => answered(result)),
      (error: Error) =>
        this.#settled(crashes, lost, () => {
          if (error.name !== 'CommitFailed') throw error;
          this.#note(`  refused: ${error.message}`);
          refused();
        }),
    );
  }

  readonly #pending = new Set<() => void>();
  #crashes = 0;

  #settled(crashes: number, lost: () => void, then: () => void): void {
    if (crashes !== this.#crashes) return;
    this.#pending.delete(lost);
    try {
      then();
    } catch (error) {
      this.#violation ??= error as Error;
    }
  }

  async #advance(milliseconds: number): Promise<void> {
    this.#note(`${milliseconds} ms pass`);
    await this.#clock.advance(milliseconds, () => this.#settle());
  }

  async #finishCommit(fails: boolean): Promise<void> {
    if (fails) {
      this.#note('a commit fails');
      this.#ledger.stateLost();
    }
    await this.#store.finish(fails ? 'failed' : 'synced');
    await this.#settle();
  }

  async #crash(): Promise<void> {
    const reachedDisk = this.#random.chance(0.5);
    this.#note(`crash; what was under way ${reachedDisk ? 'reached' : 'did not reach'} the disk`);
    this.#crashes += 1;
    for (const lost of this.#pending) lost();
    this.#pending.clear();
    this.#ledger.crashed();
    this.#store = await this.#store.crash(reachedDisk);
    await this.#start();
  }

  async #start(): Promise<void> {
    const options = { clock: this.#clock, nonce: () => this.#random.below(2 ** 48), windowLimits: this.#windowLimits };
    const opening = Partition.open(this.#store, options);
    await this.#drainCommits();
    this.#partition = await opening;
    const settings = { visibilityTimeoutMs, delayMs: 0, retentionMs, maxInFlight: 120_000 };
    const creating = this.#partition.createQueue({
      accountId: account,
      region,
      name,
      settings,
      attributes: {},
      tags: {},
    });
    await this.#drainCommits();
    await creating;
  }

  /** Everything heals: what must be there is received, then everything is deleted, and nothing is left on the disk. */
  async #end(): Promise<void> {
    await this.#drainCommits();
    // A crash half-way and a look at the disk through new eyes.
    await this.#crash();
    await this.#advance(20_000);
    await this.#drainCommits();
    this.#ledger.drain();
    for (;;) {
      const call = this.#ledger.receiving(visibilityTimeoutMs);
      const messages = await this.#receiveAll();
      this.#take(call, this.#nextId++, messages);
      if (messages.length === 0) break;
      await this.#complete((queue) => queue.delete(messages));
    }
    const [missing] = this.#ledger.missing();
    if (missing !== undefined) throw new Error(`${+missing} is lost`);
    const queue = await this.#partition?.queue(account, region, name);
    const depth = JSON.stringify(queue?.depth());
    if (depth !== '{"visible":0,"inFlight":0,"delayed":0}') throw new Error(`an empty queue counts ${depth}`);
    if (this.#violation !== undefined) throw this.#violation;
  }

  #receiveAll(): Promise<readonly DeliveredMessage[]> {
    return this.#complete(async (queue) => {
      const { answer } = queue.receive({ maxMessages: 10, visibilityTimeoutMs: undefined, waitMs: 0 });
      const received = await answer;
      return received.kind === 'received' ? received.messages : [];
    });
  }

  async #complete<T>(act: (queue: QueueHandle) => Promise<T>): Promise<T> {
    const queue = await this.#partition?.queue(account, region, name);
    if (queue === undefined) throw new Error('the queue is gone');
    const result = act(queue);
    await this.#drainCommits();
    return result;
  }

  async #drainCommits(): Promise<void> {
    do {
      await this.#settle();
      // What wants a tick at once, a run of expired messages, gets it.
      await this.#clock.advance(0, () => this.#settle());
      await this.#store.finish('synced');
      await this.#settle();
    } while (this.#store.isCommitting || this.#clock.hasDue);
  }

  /** Lets everything that is ready happen. The group commit starts its commits in a turn of its own. */
  async #settle(): Promise<void> {
    await this.#clock.nextTurn();
    await this.#clock.nextTurn();
  }

  #note(event: string): void {
    this.#log.push(`${this.#step} ${this.#clock.now()} ${event}`);
  }
}
