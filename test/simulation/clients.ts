import { joined } from '#std/splitBytes';
import type { DeliveredMessage, OneCommit, QueueHandle } from '../../src/runtime/index.ts';
import { required } from '../../src/std/assert.ts';
import { digestOf } from '../../src/std/digestRing.ts';
import type { MessageLedger, Sending } from './messageLedger.ts';
import type { ReceiveCall } from './receiptLedger.ts';
import { accountId, NoQueue, region, type SimulatedServer } from './simulatedServer.ts';
import type { Holding, Stay } from './stays.ts';

/** How the queues' visibility timeout is set; the ledger has to know. */
export const visibilityTimeoutMs = 10_000;

export interface Receiving {
  readonly maxMessages: number;
  readonly timeoutMs?: number | undefined;
  readonly waitMs: number;
  readonly attemptId?: string | undefined;
  /** The client goes away before the answer. */
  readonly leaves: boolean;
}

/** The calls of all clients: each is noted, told to the ledger before and after, and its receipts are kept. */
export class Clients {
  readonly #server: SimulatedServer;
  readonly #ledger: MessageLedger;
  #holdings: Holding[] = [];

  constructor(server: SimulatedServer, ledger: MessageLedger) {
    this.#server = server;
    this.#ledger = ledger;
  }

  newMessage(groupId: string, key?: string): Sending {
    const id = String(this.#server.nextId()).padStart(16, '0');
    return { id, key, groupId, body: `${id} ${'x'.repeat(this.#server.random.below(40))}` };
  }

  send(queueName: string, sent: readonly Sending[]): void {
    const names = sent.map(({ id, groupId, key }) => `${groupId}:${+id}${key === undefined ? '' : ` key ${key}`}`);
    this.#server.note(`send to ${queueName}: ${names.join(', ')}`);
    for (const message of sent) this.#ledger.sending(message);
    const messages = sent.map(({ id, key, groupId, body }) => ({
      messageId: Buffer.from(id),
      payload: Buffer.from(body),
      groupId,
      ...(key !== undefined && { deduplicationKey: digestOf(key) }),
    }));
    const ids = sent.map(({ id }) => id);
    this.#server.callQueue(queueName, (queue) => queue.send(messages), {
      answered: (outcomes) => {
        const sequences = outcomes.map(({ sequence, isDuplicate }) => `${sequence}${isDuplicate ? ' again' : ''}`);
        this.#server.note(`  sent ${sequences.join(', ')}`);
        this.#ledger.sent(ids, outcomes);
      },
      refused: () => this.#ledger.sendRefused(ids),
      lost: () => this.#ledger.sendLost(ids),
    });
  }

  /** One message to each of the queues, by one commit of the first one's partition. */
  publish(sent: readonly (Sending & { readonly queueName: string })[]): void {
    this.#server.note(
      `publish to ${sent.map(({ id, queueName, groupId }) => `${queueName} ${groupId}:${+id}`).join(', ')}`,
    );
    for (const message of sent) this.#ledger.sending(message);
    const ids = sent.map(({ id }) => id);
    const act = (one: OneCommit) => {
      const queues = one.queues(sent.map(({ queueName }) => ({ accountId, region, name: queueName })));
      for (const [index, { id, body, groupId }] of sent.entries()) {
        queues[index]?.enqueue([{ messageId: Buffer.from(id), payload: Buffer.from(body), groupId }]);
      }
      return sent.filter((_, index) => queues[index] !== undefined);
    };
    this.#server.call(sent[0]?.queueName ?? '', (partition) => partition.inOneCommit(act), {
      answered: (reached) => {
        this.#server.note(`  published ${reached.map(({ id }) => +id).join(', ')}`);
        this.#ledger.posted(reached);
        this.#ledger.sendRefused(ids.filter((id) => !reached.some((each) => each.id === id)));
      },
      refused: () => this.#ledger.sendRefused(ids),
      lost: () => this.#ledger.sendLost(ids),
    });
  }

  /** `over` comes with the end of the call, whatever it is. */
  receive(queueName: string, asked: Receiving, over: () => void = () => undefined): void {
    const { maxMessages, timeoutMs, waitMs, attemptId, leaves } = asked;
    const number = this.#server.nextId();
    const details = [timeoutMs === undefined ? '' : `timeout ${timeoutMs}`, attemptId ?? '', leaves ? 'leaves' : ''];
    const about = details.filter((each) => each !== '').map((each) => `, ${each}`);
    this.#server.note(`receive #${number} from ${queueName}: ${maxMessages}, wait ${waitMs}${about.join('')}`);
    const { receipts } = this.#ledger;
    const call = this.#receiving(queueName, timeoutMs ?? visibilityTimeoutMs, attemptId);
    const request = {
      maxMessages,
      visibilityTimeoutMs: timeoutMs,
      waitMs,
      ...(attemptId !== undefined && { attemptId }),
    };
    const receive = async (queue: QueueHandle) => {
      call.queueId = queue.record.queueId;
      const { waiterId, answer } = queue.receive(request);
      if (leaves) queue.cancelReceive(waiterId);
      const received = await answer;
      // Who named the receive may ask for it again; see `receiveMessage.ts`.
      if (leaves && attemptId === undefined && received.kind === 'received') queue.release(received.messages);
      return received;
    };
    const givenUp = () => {
      over();
      receipts.receiveGivenUp(call);
    };
    this.#server.callQueue(queueName, receive, {
      answered: (received) => {
        if (leaves || received.kind === 'over-limit') {
          givenUp();
        } else {
          over();
          if (received.kind === 'received') this.#take(call, number, received.messages);
          else this.#refuseRepetition(call, number);
        }
      },
      refused: givenUp,
      lost: givenUp,
    });
  }

  /** By a receipt that somebody holds, a recent one as a rule, and not always the newest of its message. */
  delete(): void {
    const { random } = this.#server;
    const recent = random.chance(0.7) ? Math.max(0, this.#holdings.length - 8) : 0;
    const index = recent + random.below(this.#holdings.length - recent);
    const holding = random.chance(0.8) ? this.#holdings.splice(index, 1)[0] : this.#holdings[index];
    if (holding === undefined) return;
    const { receipt, stay } = holding;
    const number = this.#server.nextId();
    this.#server.note(`delete #${number} from ${stay.copy.queueName}: ${+stay.copy.id}@${receipt.attempt}`);
    const call = this.#ledger.deleting(holding);
    const over = () => undefined;
    this.#server.callQueue(stay.copy.queueName, (queue) => same(queue, stay).delete([receipt]), {
      answered: ([outcome]) => {
        this.#server.note(`  #${number} ${outcome}`);
        this.#ledger.deleted(call, required(outcome, 'an outcome'));
      },
      refused: over,
      lost: over,
    });
  }

  changeVisibility(): void {
    const { random } = this.#server;
    const holding = random.pick(this.#holdings.slice(-8));
    if (holding === undefined) return;
    const { receipt, stay } = holding;
    const number = this.#server.nextId();
    const timeoutMs = 1000 * (random.chance(0.3) ? 0 : random.below(20));
    const name = `${+stay.copy.id}@${receipt.attempt}`;
    this.#server.note(`change visibility #${number} in ${stay.copy.queueName}: ${name} to ${timeoutMs}`);
    const { receipts } = this.#ledger;
    const call = receipts.changing(holding, timeoutMs);
    const lost = () => receipts.changeLost(call);
    this.#server.callQueue(
      stay.copy.queueName,
      (queue) => same(queue, stay).changeVisibility([{ ...receipt, timeoutMs }]),
      {
        answered: ([outcome]) => {
          this.#server.note(`  #${number} ${outcome}`);
          receipts.changed(call, required(outcome, 'an outcome'));
        },
        refused: lost,
        lost,
      },
    );
  }

  /** `purge` or `deleteQueue`; `over` comes with the end of the call, whatever it is. */
  drop(queueName: string, how: 'purge' | 'deleteQueue', over: () => void = () => undefined): void {
    this.#server.note(`${how} ${queueName}`);
    const drop = this.#ledger.dropping(queueName);
    const lost = () => {
      over();
      this.#ledger.dropLost(drop);
    };
    this.#server.callQueue(queueName, (queue) => queue[how](), {
      answered: () => {
        this.#server.note(`  ${how} of ${queueName} done`);
        over();
        this.#ledger.dropped(drop);
      },
      refused: lost,
      lost,
    });
  }

  /** Somebody waits in vain; then a message comes, and is received at once. The queue's delay is at most 15 s. */
  async wake(queueName: string): Promise<void> {
    const server = this.#server;
    const message = this.newMessage('wake');
    this.receive(queueName, { maxMessages: 1, timeoutMs: 30_000, waitMs: 20_000, leaves: false });
    await server.drainCommits();
    this.send(queueName, [message]);
    await server.advanceInPeace(15_000);
    const holding = this.#holdings.find(({ stay }) => stay.copy.id === message.id);
    if (holding === undefined) throw new Error(`whoever waits for a message of ${queueName} is not woken`);
    const call = this.#ledger.deleting(holding);
    const [outcome] = await server.complete(queueName, (queue) => queue.delete([holding.receipt]));
    this.#ledger.deleted(call, required(outcome, 'an outcome'));
  }

  /** Receives and deletes until the queue gives nothing; gives how many messages that were. */
  async drain(queueName: string): Promise<number> {
    const server = this.#server;
    for (let drained = 0; ; ) {
      const call = this.#receiving(queueName, visibilityTimeoutMs, undefined);
      const messages = await server.complete(queueName, async (queue) => {
        call.queueId = queue.record.queueId;
        const { answer } = queue.receive({ maxMessages: 10, visibilityTimeoutMs: undefined, waitMs: 0 });
        const received = await answer;
        return received.kind === 'received' ? received.messages : [];
      });
      const holdings = this.#take(call, server.nextId(), messages);
      server.check();
      if (holdings.length === 0) return drained;
      drained += holdings.length;
      const calls = holdings.map((holding) => this.#ledger.deleting(holding));
      const outcomes = await server.complete(queueName, (queue) => queue.delete(messages));
      for (const [index, deleting] of calls.entries()) {
        this.#ledger.deleted(deleting, required(outcomes[index], 'an outcome'));
      }
    }
  }

  #receiving(queueName: string, visibilityMs: number, attemptId: string | undefined): ReceiveCall {
    return this.#ledger.receipts.receiving({ queueName, visibilityMs, attemptId });
  }

  #refuseRepetition(call: ReceiveCall, number: number): void {
    this.#server.note(`  #${number} can't be repeated`);
    this.#ledger.receipts.notRepeatable(call);
  }

  #take(call: ReceiveCall, number: number, messages: readonly DeliveredMessage[]): Holding[] {
    const names = messages.map(({ payload, groupId, attempt }) => `${groupId}:${idOf(joined(payload))}@${attempt}`);
    this.#server.note(`  #${number} got ${names.join(' ')}`);
    const holdings = this.#ledger.received(call, messages);
    for (const holding of holdings) if (!this.#holdings.includes(holding)) this.#holdings.push(holding);
    return holdings;
  }
}

/** A receipt names its queue, and another one of that name does not take it. */
function same(queue: QueueHandle, { copy }: Stay): QueueHandle {
  if (queue.record.queueId !== copy.queueId) throw new NoQueue(`${copy.queueName} is another queue now`);
  return queue;
}

function idOf(payload: Uint8Array): number {
  return Number.parseInt(Buffer.from(payload).toString(), 10);
}
