/**
 * Clients that send, receive and delete all at once, singly and in batches, until their server is gone. Every call and
 * every answer goes into the ledger.
 */
import { createHash } from 'node:crypto';
import type { Prng } from '../../src/std/prng.ts';
import type { DeleteCall, Holding, Ledger, ReceiveCall, Received, Sending } from '../ledger.ts';
import { Crew } from './crew.ts';
import type { SqsClient } from './sqsClient.ts';

export const queueName = 'crash';

/** Beyond this many messages the senders pause, so that receivers keep up and the final drain stays short. */
const backlogMax = 3_000;
/** The drain at the end waits for the longest of each. */
export const longestVisibilitySeconds = 4;
export const longestDelaySeconds = 2;

const senders = { single: 3, batch: 2 };
const receivers = { short: 2, long: 3 };
const deleters = { single: 3, batch: 2 };

export class Workload {
  readonly #client: SqsClient;
  readonly #ledger: Ledger;
  readonly #random: Prng;
  readonly #held: Holding[];
  readonly #queueUrl: string;
  readonly #crew: Crew;

  /** `held` are receipts from before; who takes over finds there what was not deleted. */
  constructor(client: SqsClient, ledger: Ledger, random: Prng, held: Holding[], onAnswer: () => void) {
    this.#client = client;
    this.#ledger = ledger;
    this.#random = random;
    this.#held = held;
    this.#crew = new Crew(onAnswer);
    this.#queueUrl = `${client.endpoint}/000000000000/${queueName}`;
  }

  /** Resolves when every client has lost its connection; rejects when one was answered what it never should be. */
  async run(): Promise<void> {
    const crew = this.#crew;
    crew.add(senders.single, () => this.#send(1));
    crew.add(senders.batch, () => this.#send(1 + this.#random.below(10)));
    crew.add(receivers.short, () => this.#receive(0));
    crew.add(receivers.long, () => this.#receive(1 + this.#random.below(20)));
    crew.add(deleters.single, () => this.#delete(1));
    crew.add(deleters.batch, () => this.#delete(1 + this.#random.below(10)));
    await crew.run();
  }

  async #send(count: number): Promise<void> {
    if (this.#ledger.backlog > backlogMax) return this.#crew.somethingHappens();
    const messages = Array.from({ length: count }, () => composeMessage(this.#random));
    for (const message of messages) this.#ledger.sending(message);
    try {
      if (count === 1) await this.#sendOne(messages[0] as Sending);
      else await this.#sendBatch(messages);
    } catch (error) {
      for (const { id } of messages) this.#ledger.sendLost(id);
      throw error;
    }
    for (const { id } of messages) this.#ledger.acknowledged(id);
  }

  async #sendOne(message: Sending): Promise<void> {
    const sent = await this.#client.call('SendMessage', { QueueUrl: this.#queueUrl, ...wireForm(message) });
    if (sent.MD5OfMessageBody !== md5(message.body)) throw new Error(`${message.id} was acknowledged with another MD5`);
  }

  async #sendBatch(messages: readonly Sending[]): Promise<void> {
    const entries = messages.map((message, index) => ({ Id: String(index), ...wireForm(message) }));
    const { Successful = [] } = await this.#client.call('SendMessageBatch', {
      QueueUrl: this.#queueUrl,
      Entries: entries,
    });
    if (Successful.length !== messages.length)
      throw new Error(`a batch of ${messages.length} was not taken as a whole`);
  }

  async #receive(waitSeconds: number): Promise<void> {
    const visibilitySeconds = 1 + this.#random.below(longestVisibilitySeconds);
    const call = this.#ledger.receiving(visibilitySeconds * 1000);
    const received = await receiveMessages(this.#client, this.#queueUrl, call, waitSeconds).catch((error: Error) => {
      this.#ledger.receiveLost(call);
      throw error;
    });
    for (const holding of this.#ledger.received(call, received)) {
      // Some receipts are forgotten, so that their messages come back.
      if (this.#random.chance(0.9)) this.#held.push(holding);
    }
    this.#crew.wakeAll();
    // An empty queue would otherwise be asked without a pause.
    if (received.length === 0 && waitSeconds === 0) await this.#crew.somethingHappens();
  }

  async #delete(count: number): Promise<void> {
    // Mostly the newest; the others are held beyond their visibility, and some beyond the server's life.
    const chosen: Holding[] = [];
    while (chosen.length < count && this.#held.length > 0) {
      const index = this.#random.chance(0.5) ? -1 : this.#random.below(this.#held.length);
      chosen.push(...this.#held.splice(index, 1));
    }
    if (chosen.length === 0) return this.#crew.somethingHappens();
    const calls = chosen.map((holding) => this.#ledger.deleting(holding));
    try {
      await deleteMessages(this.#client, this.#queueUrl, calls);
    } catch (error) {
      for (const call of calls) this.#ledger.deleteLost(call);
      throw error;
    }
    for (const call of calls) this.#ledger.deleted(call);
    this.#crew.wakeAll();
  }
}

export async function receiveMessages(
  client: SqsClient,
  queueUrl: string,
  { visibilityMs }: ReceiveCall,
  waitSeconds: number,
): Promise<Received[]> {
  const { Messages = [] } = await client.call('ReceiveMessage', {
    QueueUrl: queueUrl,
    MaxNumberOfMessages: 10,
    VisibilityTimeout: visibilityMs / 1000,
    WaitTimeSeconds: waitSeconds,
    MessageAttributeNames: ['id'],
    MessageSystemAttributeNames: ['ApproximateReceiveCount'],
  });
  return Messages.map(({ Body = '', MD5OfBody, ReceiptHandle = '', Attributes, MessageAttributes }) => {
    const id = MessageAttributes?.id?.StringValue ?? 'a message without an id';
    if (MD5OfBody !== md5(Body)) throw new Error(`received ${id} with a body that is not the one of its MD5`);
    const receiveCount = Number(Attributes?.ApproximateReceiveCount);
    return { id, body: Body, receiptHandle: ReceiptHandle, receiveCount };
  });
}

export async function deleteMessages(client: SqsClient, queueUrl: string, calls: readonly DeleteCall[]): Promise<void> {
  const [first] = calls;
  if (first !== undefined && calls.length === 1) {
    await client.call('DeleteMessage', { QueueUrl: queueUrl, ReceiptHandle: first.holding.receiptHandle });
    return;
  }
  const { Failed = [] } = await client.call('DeleteMessageBatch', {
    QueueUrl: queueUrl,
    Entries: calls.map(({ holding }, index) => ({ Id: String(index), ReceiptHandle: holding.receiptHandle })),
  });
  if (Failed.length > 0) throw new Error(`a batch of deletes failed in part: ${JSON.stringify(Failed)}`);
}

let nextId = 1;

/** The body begins with its id and the checksum of the rest, as far as it is long enough. */
function composeMessage(random: Prng): Sending {
  const id = `message-${nextId++}`;
  const size = random.pick([1, 1 + random.below(200), 1 + random.below(3_000), 1 + random.below(30_000)]) ?? 1;
  const large = random.chance(0.01) ? 200 * 1024 : size;
  const filler = String.fromCharCode(0x20 + random.below(0x5f)).repeat(large);
  const body = `${id} ${md5(filler)} ${filler}`.slice(large < 60 ? -large : 0).slice(0, large);
  return { id, body, delaySeconds: random.chance(0.05) ? 1 + random.below(longestDelaySeconds) : 0 };
}

function wireForm({ id, body, delaySeconds }: Sending) {
  return {
    MessageBody: body,
    DelaySeconds: delaySeconds,
    MessageAttributes: { id: { DataType: 'String', StringValue: id } },
  };
}

function md5(text: string): string {
  return createHash('md5').update(text).digest('hex');
}
