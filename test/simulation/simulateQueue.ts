import { joined } from '#std/splitBytes';
import type { DeliveredMessage, Partition, QueueHandle } from '../../src/runtime/index.ts';
import { required } from '../../src/std/assert.ts';
import type { WriteOperation } from '../../src/storage/store.ts';
import { type Holding, Ledger, type ReceiveCall } from '../ledger.ts';
import { Disk } from './disk.ts';
import { accountId, region, type Scenario, SimulatedServer } from './simulatedServer.ts';

const name = 'queue';
const retentionMs = 60_000;
const visibilityTimeoutMs = 10_000;

/**
 * One standard queue under clients, a clock and a disk that are all driven by a seed: sends, receives, deletes, changes of
 * visibility, clients that leave, commits that fail, and crashes at any moment. The ledger judges every answer.
 *
 * `fair`: most messages have a group, so that the queue has lanes.
 */
export class QueueSimulation implements Scenario {
  readonly server: SimulatedServer;
  readonly #ledger: Ledger;
  readonly #disk: Disk;
  readonly #fair: boolean;
  readonly #groups: number;
  readonly #expired = new Set<string>();
  #holdings: { holding: Holding; receipt: DeliveredMessage }[] = [];

  constructor(seed: number, { fair }: { fair: boolean }) {
    this.server = new SimulatedServer(seed);
    this.#fair = fair;
    this.#groups = 1 + this.server.random.below(12);
    const now = () => this.server.clock.now();
    this.#ledger = new Ledger({ now, retentionMs });
    this.#disk = new Disk({
      stored: () => undefined,
      moved: () => undefined,
      returned: () => undefined,
      gone: ({ id }) => this.#expired.add(id),
    });
  }

  async run(steps: number): Promise<void> {
    await this.server.run(this, steps);
    await this.#finish();
  }

  async act(): Promise<void> {
    const { random } = this.server;
    const choice = random.next();
    if (choice < 0.35) this.#send();
    else if (choice < 0.6) this.#receive();
    else if (choice < 0.8) this.#delete();
    else if (choice < 0.86) this.#changeVisibility();
    else if (choice < 0.87) this.#purge();
    else await this.server.advance(random.pick([1, 50, 900, 5_000, 12_000]) ?? 0);
  }

  async prepare(partition: Partition): Promise<void> {
    const settings = { visibilityTimeoutMs, delayMs: 0, retentionMs, maxInFlight: 120_000 };
    await partition.createQueue({ accountId, region, name, settings, attributes: {}, tags: {} });
  }

  committed(operations: readonly WriteOperation[]): void {
    this.#disk.apply(operations);
  }

  stateLost(): void {
    this.#ledger.stateLost();
  }

  crashed(): void {
    this.#ledger.crashed();
  }

  #send(): void {
    const { random } = this.server;
    const sent = Array.from({ length: 1 + random.below(3) }, () => {
      const id = String(this.server.nextId()).padStart(16, '0');
      const delaySeconds = random.chance(0.2) ? random.below(15) : 0;
      const groupId = this.#fair && random.chance(0.9) ? `group ${random.below(this.#groups)}` : '';
      return { id, delaySeconds, groupId, body: `${id} ${'x'.repeat(random.below(40))}` };
    });
    const nameOf = ({ id, delaySeconds, groupId }: (typeof sent)[number]) =>
      `${+id}${groupId && ` of ${groupId}`}${delaySeconds ? `+${delaySeconds}s` : ''}`;
    this.server.note(`send ${sent.map(nameOf).join(', ')}`);
    for (const message of sent) this.#ledger.sending(message);
    const messages = sent.map(({ id, delaySeconds, groupId, body }) => ({
      messageId: Buffer.from(id),
      payload: Buffer.from(body),
      delayMs: delaySeconds * 1000,
      groupId,
    }));
    const each = (tell: (id: string) => void) => {
      for (const { id } of sent) tell(id);
    };
    this.server.callQueue(name, (queue) => queue.send(messages), {
      answered: () => each((id) => this.#ledger.acknowledged(id)),
      refused: () => each((id) => this.#ledger.sendRefused(id)),
      lost: () => each((id) => this.#ledger.sendLost(id)),
    });
  }

  #receive(): void {
    const { random } = this.server;
    const number = this.server.nextId();
    const timeoutMs = random.chance(0.2) ? 1000 * random.below(20) : undefined;
    const request = {
      maxMessages: 1 + random.below(4),
      visibilityTimeoutMs: timeoutMs,
      waitMs: random.chance(0.5) ? 1000 * random.below(8) : 0,
    };
    const leaves = random.chance(0.15);
    this.server.note(`receive #${number} ${request.maxMessages} wait ${request.waitMs}${leaves ? ', leaves' : ''}`);
    const call = this.#ledger.receiving(timeoutMs ?? visibilityTimeoutMs);
    const receive = async (queue: QueueHandle) => {
      const { waiterId, answer } = queue.receive(request);
      if (leaves) queue.cancelReceive(waiterId);
      const received = await answer;
      if (received.kind !== 'received') throw new Error(`a receive is refused as ${received.kind}`);
      if (leaves) queue.release(received.messages);
      return received.messages;
    };
    this.server.callQueue(name, receive, {
      answered: (messages) => {
        if (leaves) this.#ledger.receiveAbandoned(call);
        else this.#take(call, number, messages);
      },
      refused: () => this.#ledger.receiveAbandoned(call),
      lost: () => this.#ledger.receiveLost(call),
    });
  }

  #take(call: ReceiveCall, number: number, messages: readonly DeliveredMessage[]): void {
    const names = messages.map(({ messageId, attempt }) => `${+messageId.toString()}@${attempt}`);
    this.server.note(`  #${number} got ${names.join(' ')}`);
    const received = messages.map((each) => ({
      id: Buffer.from(each.messageId).toString(),
      body: Buffer.from(joined(each.payload)).toString(),
      receiptHandle: `${each.sequence} ${each.attempt} ${each.nonce}`,
      receiveCount: each.attempt,
    }));
    for (const [index, holding] of this.#ledger.received(call, received).entries()) {
      this.#holdings.push({ holding, receipt: required(messages[index], 'a message for every holding') });
    }
  }

  #delete(): void {
    const { random } = this.server;
    const index = random.below(this.#holdings.length);
    const held = random.chance(0.8) ? this.#holdings.splice(index, 1)[0] : this.#holdings[index];
    if (held === undefined) return;
    this.server.note(`delete ${+held.holding.message.id}@${held.receipt.attempt}`);
    const call = this.#ledger.deleting(held.holding);
    this.server.callQueue(name, (queue) => queue.delete([held.receipt]), {
      answered: () => this.#ledger.deleted(call),
      refused: () => this.#ledger.deleteLost(call),
      lost: () => this.#ledger.deleteLost(call),
    });
  }

  #changeVisibility(): void {
    const { random } = this.server;
    const held = random.pick(this.#holdings);
    if (held === undefined) return;
    const { holding, receipt } = held;
    const timeoutMs = 1000 * random.below(20);
    this.server.note(`change visibility of ${+holding.message.id} to ${timeoutMs}`);
    this.#ledger.changingVisibility(holding, false);
    const over = () => this.#ledger.changingVisibility(holding, true);
    this.server.callQueue(name, (queue) => queue.changeVisibility([{ ...receipt, timeoutMs }]), {
      answered: over,
      refused: over,
      lost: over,
    });
  }

  #purge(): void {
    this.server.note('purge');
    this.#ledger.purging();
    const over = () => this.#ledger.purging();
    this.server.callQueue(name, (queue) => queue.purge(), { answered: over, refused: over, lost: over });
  }

  /** Everything heals: what must be there is received and deleted, or expires, and nothing is left on the disk. */
  async #finish(): Promise<void> {
    const { server } = this;
    await server.drainCommits();
    // A crash half-way and a look at the disk through new eyes.
    await server.crash();
    await server.advance(20_000);
    await server.drainCommits();
    this.#ledger.drain();
    if (server.random.chance(0.8)) await this.#drain();
    else await server.advanceInPeace(retentionMs + 70_000);
    const missing = this.#ledger.missing().find((id) => !this.#expired.has(id));
    if (missing !== undefined) throw new Error(`${+missing} is lost`);
    const depth = JSON.stringify(await server.complete(name, async (queue) => queue.depth()));
    if (depth !== '{"visible":0,"inFlight":0,"delayed":0}') throw new Error(`an empty queue counts ${depth}`);
    await server.advanceInPeace(70_000);
    const [leftover] = this.#disk.leftovers();
    if (leftover !== undefined) throw new Error(`the disk still has ${leftover}`);
    server.check();
  }

  async #drain(): Promise<void> {
    for (;;) {
      const call = this.#ledger.receiving(visibilityTimeoutMs);
      const messages = await this.server.complete(name, async (queue) => {
        const { answer } = queue.receive({ maxMessages: 10, visibilityTimeoutMs: undefined, waitMs: 0 });
        const received = await answer;
        return received.kind === 'received' ? received.messages : [];
      });
      this.#take(call, this.server.nextId(), messages);
      if (messages.length === 0) return;
      await this.server.complete(name, (queue) => queue.delete(messages));
    }
  }
}
