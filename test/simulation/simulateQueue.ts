import type { WindowLimits } from '../../src/engines/queue/index.ts';
import { type DeliveredMessage, Partition, type QueueHandle } from '../../src/runtime/index.ts';
import { Prng } from '../../src/std/prng.ts';
import { Checker, type Holding, type TrackedMessage } from './checker.ts';
import { FaultyStore } from './faultyStore.ts';
import { SimulatedClock } from './simulatedClock.ts';

const account = '000000000000';
const region = 'us-east-1';
const name = 'queue';
const retentionMs = 60_000;
const visibilityTimeoutMs = 10_000;

interface ReceiveCall {
  readonly receive: number;
  readonly startedAtStep: number;
  readonly timeoutMs: number;
  readonly incarnation: number;
}

/**
 * One standard queue under clients, a clock and a disk that are all driven by a seed: sends, receives, deletes, changes of
 * visibility, clients that leave, commits that fail, and crashes at any moment. The checker judges every answer.
 */
export class QueueSimulation {
  readonly #random: Prng;
  readonly #clock: SimulatedClock;
  readonly #checker = new Checker(retentionMs);
  readonly #log: string[] = [];
  readonly #holdings: { id: string; message: TrackedMessage; holding: Holding; receipt: DeliveredMessage }[] = [];
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
    };
    this.#clock = new SimulatedClock(1_700_000_000_000 + this.#random.below(1000));
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
      const delayMs = this.#random.chance(0.2) ? 1000 * this.#random.below(15) : 0;
      const body = `body of ${id} ${'x'.repeat(this.#random.below(40))}`;
      const message: TrackedMessage = {
        body,
        delayMs,
        sentAfter: this.#clock.now(),
        state: 'pending',
        answeredAt: Number.POSITIVE_INFINITY,
        deletion: 'none',
        excused: new Set(),
        newest: undefined,
        touchedAtStep: -1,
      };
      this.#checker.messages.set(id, message);
      return { id, message, wire: { messageId: Buffer.from(id), payload: Buffer.from(body), delayMs } };
    });
    this.#note(
      `send ${sent.map(({ id, message }) => `${+id}${message.delayMs ? `+${message.delayMs}` : ''}`).join(' ')}`,
    );
    this.#call(
      (queue) => queue.send(sent.map(({ wire }) => wire)),
      (ok) => {
        for (const { message } of sent) {
          message.state = ok ? 'acknowledged' : 'refused';
          message.answeredAt = this.#clock.now();
        }
      },
      () => {
        for (const { message } of sent) message.state = 'in-doubt';
      },
    );
  }

  #receive(): void {
    const receive = this.#nextId++;
    const timeoutMs = this.#random.chance(0.2) ? 1000 * this.#random.below(20) : undefined;
    const request = {
      maxMessages: 1 + this.#random.below(4),
      visibilityTimeoutMs: timeoutMs,
      waitMs: this.#random.chance(0.5) ? 1000 * this.#random.below(8) : 0,
    };
    const leaves = this.#random.chance(0.15);
    const { incarnation } = this.#checker;
    const startedAtStep = this.#step;
    this.#note(`receive #${receive} ${request.maxMessages} wait ${request.waitMs}${leaves ? ', leaves' : ''}`);
    this.#checker.receiving.add(receive);
    for (const excused of this.#checker.deleting) excused.add(receive);
    const finish = (lost: boolean) => {
      this.#checker.receiving.delete(receive);
      if (!lost) return;
      this.#checker.lastLostReceive = this.#step;
      this.#checker.lostReceives.add(receive);
    };
    this.#call(
      async (queue) => {
        const { waiterId, answer } = queue.receive(request);
        if (leaves) queue.cancelReceive(waiterId);
        const received = await answer;
        if (received.kind === 'over-limit') throw new Error('the simulation never has that many in flight');
        if (leaves) {
          queue.release(received.messages);
          return [];
        }
        return received.messages;
      },
      (ok, messages) => {
        if (ok && !leaves && messages.length === 0 && request.waitMs === 0) this.#note(`  #${receive} empty`);
        for (const message of messages ?? [])
          this.#take(message, { receive, startedAtStep, timeoutMs: timeoutMs ?? visibilityTimeoutMs, incarnation });
        finish(leaves || !ok);
      },
      () => finish(true),
    );
  }

  /** The timeout counts from the step, which was not later than the answer; nobody waits for longer than a commit. */
  #take(received: DeliveredMessage, { receive, startedAtStep, timeoutMs, incarnation }: ReceiveCall): void {
    const id = Buffer.from(received.messageId).toString();
    const now = this.#clock.now();
    this.#note(`  #${receive} got ${+id}, receive ${received.receiveCount}`);
    const body = Buffer.from(received.payload).toString();
    const { attempt } = received;
    const message = this.#checker.received(id, body, receive, attempt, { now, lag: this.#lag });
    const holding: Holding = {
      attempt,
      answeredAtStep: this.#step,
      incarnation,
      // Time may have passed between the step and the answer; only an upper bound of the lost part is known.
      invisibleUntil: message.touchedAtStep >= startedAtStep ? 0 : now + timeoutMs - this.#lag,
    };
    // Answers can overtake each other: the one that was given out later stays the newest.
    const { newest } = message;
    const overtaken = newest !== undefined && newest.incarnation === incarnation && newest.attempt > attempt;
    if (!overtaken) message.newest = holding;
    this.#holdings.push({ id, message, holding, receipt: received });
  }

  /** The longest that an answer may have waited for its commit: reset whenever nothing is under way. */
  #lag = 0;

  #delete(): void {
    const index = this.#random.below(this.#holdings.length);
    const held = this.#random.chance(0.8) ? this.#holdings.splice(index, 1)[0] : this.#holdings[index];
    if (held === undefined) return;
    const { id, message, holding, receipt } = held;
    const sure = this.#checker.isSurelyNewest(message, holding);
    const excused = new Set(this.#checker.receiving);
    this.#checker.deleting.add(excused);
    this.#note(`delete ${+id}${sure ? '' : ' (perhaps stale)'}`);
    if (message.deletion === 'none') message.deletion = 'in-doubt';
    this.#call(
      (queue) => queue.delete([receipt]),
      (ok) => {
        this.#checker.deleting.delete(excused);
        // A newer receive that was answered meanwhile makes the receipt stale, or its message was seen again: no promise.
        if (!ok || !sure || message.newest !== holding || message.deletion === 'acknowledged') return;
        message.deletion = 'acknowledged';
        message.excused = excused;
      },
      () => undefined,
    );
  }

  #changeVisibility(): void {
    const held = this.#random.pick(this.#holdings);
    if (held === undefined) return;
    const timeoutMs = 1000 * this.#random.below(20);
    this.#note(`change visibility of ${+held.id} to ${timeoutMs}`);
    // Any receipt changes it, at some moment until the answer. Receives of before and meanwhile say nothing any more.
    const { message } = held;
    const forget = (step: number) => {
      message.touchedAtStep = step;
      if (message.newest !== undefined) message.newest.invisibleUntil = 0;
    };
    forget(Number.POSITIVE_INFINITY);
    this.#call(
      (queue) => queue.changeVisibility([{ ...held.receipt, timeoutMs }]),
      () => forget(this.#step),
      () => forget(this.#step),
    );
  }

  #purge(): void {
    this.#note('purge');
    for (const message of this.#checker.messages.values()) {
      // A send that is under way may lie before or behind the purge.
      if (message.deletion === 'none') message.deletion = 'in-doubt';
    }
    this.#call(
      (queue) => queue.purge(),
      () => undefined,
      () => undefined,
    );
  }

  /** A call whose process dies first is never answered: `lost` says what that leaves open. */
  #call<T>(
    act: (queue: QueueHandle) => Promise<T>,
    answered: (ok: boolean, result: T) => void,
    lost: () => void,
  ): void {
    const { incarnation } = this.#checker;
    const partition = this.#partition;
    const run = async () => {
      const queue = await partition?.queue(account, region, name);
      if (queue === undefined) throw new Error('the queue is gone');
      return act(queue);
    };
    const crashes = this.#crashes;
    this.#pending.add(lost);
    run().then(
      (result) => this.#settled(crashes, lost, () => answered(true, result)),
      (error: Error) =>
        this.#settled(crashes, lost, () => {
          if (error.name !== 'CommitFailed') throw error;
          if (this.#checker.incarnation === incarnation) this.#checker.incarnation += 1;
          this.#note(`  refused: ${error.message}`);
          answered(false, [] as T);
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
    this.#lag += milliseconds;
    await this.#clock.advance(milliseconds, () => this.#settle());
  }

  async #finishCommit(fails: boolean): Promise<void> {
    if (fails) {
      this.#note('a commit fails');
      this.#checker.incarnation += 1;
      this.#checker.lastLostReceive = this.#step;
    }
    await this.#store.finish(fails ? 'failed' : 'synced');
    await this.#settle();
    if (!this.#store.isCommitting) this.#lag = 0;
  }

  async #crash(): Promise<void> {
    const reachedDisk = this.#random.chance(0.5);
    this.#note(`crash; what was under way ${reachedDisk ? 'reached' : 'did not reach'} the disk`);
    this.#crashes += 1;
    this.#checker.incarnation += 1;
    for (const lost of this.#pending) lost();
    this.#pending.clear();
    this.#checker.receiving.clear();
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
    const before = this.#clock.now();
    const seen = new Set<string>();
    for (;;) {
      const messages = await this.#receiveAll();
      if (messages.length === 0) break;
      for (const message of messages) {
        seen.add(Buffer.from(message.messageId).toString());
        this.#take(message, {
          receive: this.#nextId++,
          startedAtStep: this.#step,
          timeoutMs: visibilityTimeoutMs,
          incarnation: this.#checker.incarnation,
        });
      }
      await this.#complete((queue) => queue.delete(messages));
    }
    for (const [id, message] of this.#checker.messages) {
      if (this.#checker.mustExist(message, before) && !seen.has(id)) throw new Error(`${+id} is lost`);
    }
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
    this.#lag = 0;
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
