import type { Partition } from '../../src/runtime/index.ts';
import { required } from '../../src/std/assert.ts';
import type { WriteOperation } from '../../src/storage/store.ts';
import { Clients, visibilityTimeoutMs } from './clients.ts';
import { MessageLedger } from './messageLedger.ts';
import { accountId, region, type Scenario, SimulatedServer } from './simulatedServer.ts';

const name = 'queue.fifo';
const recentKeysMax = 60;
const times = [1, 50, 900, 5_000, 12_000];
const patientTimes = [...times, 12_000, 70_000, 299_000, 300_000];

/**
 * One FIFO queue under clients, a clock and a disk that are all driven by a seed: sends whose keys come again, receives
 * that are repeated, deletes by all sorts of receipts, changes of visibility and of the queue's delay, purges, clients that
 * leave, commits that fail, crashes and restarts.
 *
 * A seed is *patient*: messages live long, and time passes by minutes, so that deduplication ends; or messages expire.
 */
export class FifoSimulation implements Scenario {
  readonly server: SimulatedServer;
  readonly #ledger: MessageLedger;
  readonly #clients: Clients;
  readonly #isPatient: boolean;
  readonly #retentionMs: number;
  readonly #maxInFlight: number;
  readonly #groups: readonly string[];
  readonly #recentKeys: string[] = [];
  /** Attempt ids whose calls are over. */
  readonly #attemptIds: string[] = [];
  #delayMs = 0;

  constructor(seed: number) {
    this.server = new SimulatedServer(seed);
    const { random, windowLimits } = this.server;
    this.#isPatient = random.chance(0.6);
    this.#retentionMs = this.#isPatient ? 1_209_600_000 : 60_000;
    this.#maxInFlight = random.chance(0.2) ? 3 + random.below(8) : 20_000;
    this.#groups = ['a', 'b', 'c', 'd', 'e'].slice(0, 1 + random.below(5));
    this.#ledger = new MessageLedger(() => this.server.clock.now(), {
      judgesEmptyAnswers: this.#maxInFlight > 1_000,
      lookAhead: windowLimits.lookAhead,
    });
    this.#clients = new Clients(this.server, this.#ledger);
  }

  async run(steps: number): Promise<void> {
    await this.server.run(this, steps);
    await this.#finish();
  }

  async act(): Promise<void> {
    const { random } = this.server;
    const choice = random.next();
    if (choice < 0.3) this.#send();
    else if (choice < 0.58) this.#receive();
    else if (choice < 0.8) this.#clients.delete();
    else if (choice < 0.86) this.#clients.changeVisibility();
    else if (choice < 0.88) this.#configure();
    else if (choice < 0.885) this.#clients.drop(name, 'purge');
    else await this.server.advance(random.pick(this.#isPatient ? patientTimes : times) ?? 0);
  }

  async prepare(partition: Partition): Promise<void> {
    await partition.createQueue({ accountId, region, name, settings: this.#settings(), attributes: {}, tags: {} });
  }

  committed(operations: readonly WriteOperation[]): void {
    this.#ledger.disk.apply(operations);
  }

  stateLost(): void {
    this.#ledger.receipts.stateLost();
  }

  crashed(): void {
    this.#ledger.receipts.stateLost();
  }

  #settings() {
    const limits = { retentionMs: this.#retentionMs, maxInFlight: this.#maxInFlight };
    return { ...limits, visibilityTimeoutMs, delayMs: this.#delayMs, fifo: true } as const;
  }

  #send(): void {
    const { random } = this.server;
    const messages = Array.from({ length: random.chance(0.15) ? 10 : 1 + random.below(3) }, () =>
      this.#clients.newMessage(required(random.pick(this.#groups), 'a group'), this.#nextKey()),
    );
    this.#clients.send(name, messages);
  }

  /** Often one that was used before. */
  #nextKey(): string | undefined {
    const { random } = this.server;
    if (random.chance(0.1)) return undefined;
    const again = random.chance(0.3) ? random.pick(this.#recentKeys) : undefined;
    const key = again ?? `k${this.server.nextId()}`;
    this.#recentKeys.push(key);
    if (this.#recentKeys.length > recentKeysMax) this.#recentKeys.shift();
    return key;
  }

  #receive(): void {
    const { random } = this.server;
    const attemptId = random.chance(0.4) ? this.#nextAttemptId() : undefined;
    const asked = {
      maxMessages: 1 + random.below(4),
      timeoutMs: this.#visibilityTimeout(),
      waitMs: random.chance(0.5) ? 1000 * random.below(8) : 0,
      attemptId,
      leaves: random.chance(0.1),
    };
    this.#clients.receive(name, asked, () => {
      if (attemptId !== undefined) this.#attemptIds.push(attemptId);
    });
  }

  #visibilityTimeout(): number | undefined {
    const { random } = this.server;
    if (random.chance(0.7)) return undefined;
    return 1000 * (this.#isPatient && random.chance(0.3) ? random.below(400) : random.below(20));
  }

  /** A client names its receive anew, or as one that is over: perhaps it lost the answer. */
  #nextAttemptId(): string {
    const { random } = this.server;
    const recent = Math.max(0, this.#attemptIds.length - 3);
    if (random.chance(0.5)) {
      const [again] = this.#attemptIds.splice(recent + random.below(this.#attemptIds.length - recent), 1);
      if (again !== undefined) return again;
    }
    return `attempt ${this.server.nextId()}`;
  }

  #configure(): void {
    const { random } = this.server;
    this.#delayMs = 1000 * (random.chance(0.4) ? 0 : random.below(15));
    this.server.note(`delay ${this.#delayMs}`);
    const { receipts } = this.#ledger;
    receipts.settingsChange(false);
    const over = () => receipts.settingsChange(true);
    this.server.callQueue(name, (queue) => queue.update({ settings: this.#settings() }), {
      answered: over,
      refused: over,
      lost: over,
    });
  }

  /** Everything heals: what must be there is received and deleted, or expires, and nothing is left on the disk. */
  async #finish(): Promise<void> {
    const { server } = this;
    const { random } = server;
    await server.drainCommits();
    // Half of them with a look at the disk through new eyes.
    if (random.chance(0.5)) await server.crash();
    await server.endCalls(10_000);
    // Until then all that was received is visible again.
    await server.advanceInPeace(this.#isPatient ? 410_000 : 20_000);
    server.check();
    this.#ledger.drain();
    if (this.#isPatient || random.chance(0.5)) await this.#clients.drain(name);
    else await server.advanceInPeace(this.#retentionMs + 70_000);
    const [missing] = this.#ledger.missing();
    if (missing !== undefined) throw new Error(`${+missing} is lost`);
    await this.#clients.wake(name);
    const depth = JSON.stringify(await server.complete(name, async (queue) => queue.depth()));
    if (depth !== '{"visible":0,"inFlight":0,"delayed":0}') throw new Error(`an empty queue counts ${depth}`);
    await server.advanceInPeace(370_000);
    // A queue that has left memory forgets its keys when it is used again.
    await server.complete(name, async (queue) => queue.depth());
    const [leftover] = this.#ledger.disk.leftovers();
    if (leftover !== undefined) throw new Error(`the disk still has ${leftover}`);
    server.check();
  }
}
