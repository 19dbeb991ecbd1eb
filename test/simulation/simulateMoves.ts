import { MoveAlreadyRunning, type MoveTask, type Partition } from '../../src/runtime/index.ts';
import { required } from '../../src/std/assert.ts';
import type { WriteOperation } from '../../src/storage/store.ts';
import { Clients, visibilityTimeoutMs } from './clients.ts';
import { MessageLedger } from './messageLedger.ts';
import { accountId, region, type Scenario, SimulatedServer } from './simulatedServer.ts';
import { TaskLedger } from './taskLedger.ts';

const retentionMs = 1_209_600_000;
const queueNames = ['source', 'dead', 'other', 'wrong'] as const;
type QueueName = (typeof queueNames)[number];

/**
 * A queue with a dead-letter queue, and tasks that move dead letters back or elsewhere, under clients, a clock and a disk
 * that are all driven by a seed. Queues are deleted and created anew, dead letters have no place to go for a while, tasks
 * are cancelled or can't go on; commits fail, and the server crashes in the middle.
 *
 * All queues are FIFO in half of the seeds, but for the one that is of the wrong kind. In some, the dead-letter queue has
 * a dead-letter queue itself.
 */
export class MovesSimulation implements Scenario {
  readonly server: SimulatedServer;
  readonly #ledger: MessageLedger;
  readonly #tasks: TaskLedger;
  readonly #clients: Clients;
  readonly #isFifo: boolean;
  readonly #isChained: boolean;
  readonly #maxReceiveCount: number;
  readonly #maxInFlight: number;
  readonly #groups: readonly string[];
  readonly #prepared = new Set<number>();
  /** What is being done to queues at the moment. */
  #pendingChanges = 0;
  #target = 'dead';

  /** `partitions`: among so many the queues are spread. */
  constructor(seed: number, partitions = 1) {
    this.server = new SimulatedServer(seed, partitions);
    const { random, clock, windowLimits, places } = this.server;
    if (partitions > 1) for (const name of queueNames) places.set(name, random.below(partitions));
    this.#isFifo = random.chance(0.5);
    this.#isChained = random.chance(0.15);
    this.#maxReceiveCount = random.pick([1, 1, 2, 3]) ?? 1;
    this.#maxInFlight = random.chance(0.2) ? 3 + random.below(8) : 20_000;
    this.#groups = (this.#isFifo ? ['a', 'b', 'c'] : ['', 'a', 'b']).slice(0, 1 + random.below(3));
    const { lookAhead } = windowLimits;
    this.#ledger = new MessageLedger(() => clock.now(), { judgesEmptyAnswers: false, lookAhead });
    this.#tasks = new TaskLedger(this.#ledger, () => clock.now());
    this.#clients = new Clients(this.server, this.#ledger);
  }

  async run(steps: number): Promise<void> {
    await this.server.run(this, steps);
    await this.#finish();
  }

  async act(): Promise<void> {
    const { random } = this.server;
    const choice = random.next();
    if (choice < 0.2) this.#send();
    else if (choice < 0.5) this.#receive();
    else if (choice < 0.6) this.#clients.delete();
    else if (choice < 0.65) this.#clients.changeVisibility();
    // There is little to see of a task that has nothing to move.
    else if (choice < (this.#ledger.disk.count('dead') > 0 ? 0.72 : 0.66)) this.#startTask();
    else if (choice < 0.75) this.#cancelTask();
    else if (choice < 0.76) this.#listTasks();
    else if (choice < 0.79) this.#retarget();
    else if (choice < 0.81) this.#deleteOrCreate();
    else if (choice < 0.813) this.#clients.drop('dead', 'purge');
    else if (choice < 0.84) this.#publish();
    else await this.server.advance(random.pick([1, 50, 900, 900, 2_000, 5_000, 12_000]) ?? 0);
  }

  async prepare(partition: Partition, place: number): Promise<void> {
    // Those that were deleted stay so; the others were there from the first start.
    if (this.#prepared.has(place)) return;
    this.#prepared.add(place);
    for (const name of queueNames) {
      if (this.server.placeOf(name) === place) await this.#create(partition, name);
    }
  }

  committed(operations: readonly WriteOperation[], place: number): void {
    this.#ledger.disk.apply(operations, place);
    this.#tasks.committed();
  }

  stateLost(): void {
    this.#ledger.receipts.stateLost();
    this.#tasks.interrupted();
  }

  crashed(): void {
    this.stateLost();
    // What reached the disk with the crash, nobody was told.
    if (!this.#isTroubleOver()) this.#ledger.receipts.deadLetterTrouble(false);
  }

  #create(partition: Partition, name: QueueName) {
    const settings = this.#settings(name);
    return partition.createQueue({ accountId, region, name, settings, attributes: {}, tags: {} });
  }

  #settings(name: QueueName) {
    const isFifo = this.#isFifo !== (name === 'wrong');
    const deadLetter = (target: string) => ({
      deadLetter: { maxReceiveCount: this.#maxReceiveCount, target: { accountId, region, name: target } },
    });
    return {
      visibilityTimeoutMs,
      delayMs: 0,
      retentionMs,
      maxInFlight: this.#maxInFlight,
      ...(isFifo && { fifo: true as const }),
      ...(name === 'source' && deadLetter(this.#target)),
      ...(name === 'dead' && this.#isChained && deadLetter('other')),
    };
  }

  #send(): void {
    const { random } = this.server;
    const messages = Array.from({ length: 1 + random.below(3) }, () =>
      this.#clients.newMessage(random.pick(this.#groups) ?? ''),
    );
    const isDirect = random.chance(0.03);
    if (isDirect) this.#tasks.hasOrphans = true;
    this.#clients.send(isDirect ? 'dead' : 'source', messages);
  }

  /** As a topic does. */
  #publish(): void {
    const { random } = this.server;
    const names = ['source', 'dead', 'other'] as const;
    const first = random.below(names.length);
    const chosen = [...names.slice(first), ...names.slice(0, first)].slice(0, 2 + random.below(2));
    if (chosen.includes('dead')) this.#tasks.hasOrphans = true;
    this.#clients.publish(
      chosen.map((queueName) => ({ ...this.#clients.newMessage(random.pick(this.#groups) ?? ''), queueName })),
    );
  }

  #receive(): void {
    const { random } = this.server;
    const name = random.chance(0.8) ? 'source' : required(random.pick(queueNames), 'a name');
    this.#clients.receive(name, {
      maxMessages: 1 + random.below(4),
      timeoutMs: random.chance(0.8) ? random.pick([0, 0, 1_000, 2_000, 3_000]) : undefined,
      waitMs: random.chance(0.3) ? 1000 * random.below(8) : 0,
      leaves: random.chance(0.1),
    });
  }

  #startTask(): void {
    const { random } = this.server;
    const destination = random.chance(0.4) ? random.pick(['other', 'other', 'other', 'wrong', 'nowhere']) : undefined;
    const messagesPerSecond = random.chance(0.6) ? 1 + random.below(10) : undefined;
    const number = this.server.nextId();
    this.server.note(`start task #${number} to ${destination ?? 'origins'}, rate ${messagesPerSecond ?? 'free'}`);
    const call = this.#tasks.starting();
    this.server.callQueue(
      'dead',
      (source) =>
        this.server.partitionOf('dead').moves.start({
          source,
          ...(destination !== undefined && { destination: { accountId, region, name: destination } }),
          ...(messagesPerSecond !== undefined && { messagesPerSecond }),
        }),
      {
        answered: (task) => {
          this.server.note(`  #${number} to move ${task.toMove}`);
          this.#tasks.started(call, task);
        },
        refused: (error) => this.#tasks.notStarted(call, error instanceof MoveAlreadyRunning),
        lost: () => this.#tasks.notStarted(call, false),
      },
    );
  }

  #cancelTask(): void {
    const taskId = this.#tasks.lastStarted;
    if (taskId === undefined) return;
    const number = this.server.nextId();
    this.server.note(`cancel #${number} the task`);
    const over = () => undefined;
    this.server.callQueue('dead', (source) => this.server.partitionOf('dead').moves.cancel(source, taskId), {
      answered: (task) => {
        this.server.note(`  #${number} ${task === undefined ? 'is not running' : `cancelled, moved ${task.moved}`}`);
        if (task !== undefined) this.#tasks.cancelled(task);
      },
      refused: over,
      lost: over,
    });
  }

  #listTasks(): void {
    const over = () => undefined;
    this.server.callQueue('dead', (source) => this.server.partitionOf('dead').moves.list(source, 5), {
      answered: (tasks) => judgeList(tasks, 5),
      refused: over,
      lost: over,
    });
  }

  /** Dead letters go elsewhere: to the right place, to one of the wrong kind, or to one that is not there. */
  #retarget(): void {
    const { random } = this.server;
    this.#target = random.chance(0.6) ? 'dead' : (random.pick(['wrong', 'nowhere']) ?? '');
    this.server.note(`dead letters go to ${this.#target}`);
    const over = this.#change();
    this.server.callQueue('source', (queue) => queue.update({ settings: this.#settings('source') }), {
      answered: over,
      refused: over,
      lost: over,
    });
  }

  #deleteOrCreate(): void {
    const { random } = this.server;
    const name = random.chance(0.7) ? 'other' : 'dead';
    const over = this.#change();
    if (this.#ledger.disk.queue(name) !== undefined && random.chance(0.6)) {
      if (name === 'other') this.#tasks.otherWasMissing = true;
      this.#clients.drop(name, 'deleteQueue', over);
      return;
    }
    this.server.note(`create ${name}`);
    this.server.call(name, (partition) => this.#create(partition, name), { answered: over, refused: over, lost: over });
  }

  /** Between this and the call of what it gives, dead letters may have no place to go. */
  #change(): () => void {
    this.#pendingChanges += 1;
    this.#ledger.receipts.deadLetterTrouble(false);
    return () => {
      this.#pendingChanges -= 1;
      if (this.#pendingChanges === 0 && this.#isTroubleOver()) this.#ledger.receipts.deadLetterTrouble(true);
    };
  }

  #isTroubleOver(): boolean {
    const { disk } = this.#ledger;
    const target = disk.queue('source')?.settings.deadLetter?.target.name;
    return target === 'dead' && disk.queue('dead') !== undefined && disk.queue('other') !== undefined;
  }

  /** Everything heals: tasks come to their end, and every message that must be there is in one queue, once. */
  async #finish(): Promise<void> {
    const { server } = this;
    await server.drainCommits();
    // Half of them with a look at the disk through new eyes.
    if (server.random.chance(0.5)) await server.crash();
    await server.endCalls(10_000);
    for (const name of queueNames) await this.#heal(name);
    for (let rounds = 0; this.#ledger.disk.activeTasks().length > 0; rounds += 1) {
      if (rounds > 100) throw new Error('a task does not come to its end');
      await server.advanceInPeace(2_000);
    }
    await server.advanceInPeace(20_000);
    server.check();
    await this.#drain();
    const [missing] = this.#ledger.missing();
    if (missing !== undefined) throw new Error(`${+missing} is lost`);
    for (const name of queueNames) {
      await this.#clients.wake(name);
      const depth = JSON.stringify(await server.complete(name, async (queue) => queue.depth()));
      if (depth !== '{"visible":0,"inFlight":0,"delayed":0}')
        throw new Error(`the empty queue ${name} counts ${depth}`);
    }
    const listed = await server.complete('dead', (source) => server.partitionOf('dead').moves.list(source, 10));
    judgeList(listed, 10);
    await server.advanceInPeace(70_000);
    const [leftover] = this.#ledger.disk.leftovers();
    if (leftover !== undefined) throw new Error(`the disk still has ${leftover}`);
    server.check();
  }

  async #heal(name: QueueName): Promise<void> {
    const { server } = this;
    this.#target = 'dead';
    const over = this.#change();
    server.note(`${name} is as it should be`);
    server.call(
      name,
      async (partition) => {
        const { handle } = await this.#create(partition, name);
        await handle.update({ settings: this.#settings(name) });
      },
      { answered: over, refused: over, lost: over },
    );
    await server.endCalls(0);
  }

  /** What a receive of the source finds too often received goes to the next queue. */
  async #drain(): Promise<void> {
    this.#ledger.drain();
    for (let empty = 0; empty < 4; ) {
      let drained = 0;
      for (const name of queueNames) drained += await this.#clients.drain(name);
      empty = drained === 0 ? empty + 1 : 0;
      await this.server.advanceInPeace(1_000);
    }
  }
}

function judgeList(tasks: readonly MoveTask[], limit: number): void {
  if (tasks.length > limit) throw new Error(`${tasks.length} tasks are listed of ${limit} that were asked for`);
  for (const [index, { startedAt }] of tasks.entries()) {
    const newer = tasks[index - 1];
    if (newer !== undefined && newer.startedAt < startedAt) throw new Error('the tasks are not listed newest first');
  }
}
