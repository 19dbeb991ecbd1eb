/**
 * Clients of a FIFO queue that send, receive and delete all at once until their server is gone, and afterwards ask again
 * for the answers that they lost: sends under their deduplication ids, receives under their attempt ids. Every call and
 * every answer goes into the ledger.
 */
import { createHash } from 'node:crypto';
import type { SqsOperations } from '#aws/generated/sqs';
import type { Prng } from '../../src/std/prng.ts';
import { Crew } from './crew.ts';
import type {
  FifoDeleteCall,
  FifoHolding,
  FifoLedger,
  FifoReceiveCall,
  FifoReceived,
  FifoSending,
} from './fifoLedger.ts';
import { ConnectionLost, Refused, type SqsClient } from './sqsClient.ts';

export const fifoQueueName = 'crash.fifo';

const groupCount = 24;
/** Beyond this many messages the senders pause, so that receivers keep up and the final drain stays short. */
const backlogMax = 600;
/** The drain at the end waits for the longest. */
export const longestVisibilitySeconds = 3;
/** Within the five minutes in which a deduplication id is known. */
const repeatableMs = 240_000;

const senders = { single: 2, batch: 1 };
const receivers = { named: 2, unnamed: 2 };
const deleters = 1;
const keptMin = 8;

/** A receive that its client can repeat, should the answer be lost. */
export interface Attempt {
  readonly id: string;
  readonly visibilitySeconds: number;
  readonly maxMessages: number;
  readonly startedAt: number;
}

/** What a receive brought, and somebody keeps. */
interface Kept {
  readonly attempt: Attempt | undefined;
  readonly holdings: readonly FifoHolding[];
}

/** What outlives the server. */
export class Leftovers {
  /** Sends whose answers were lost. */
  readonly sendings: FifoSending[] = [];
  /** Receives whose answers were lost. */
  readonly attempts: Attempt[] = [];
  readonly kept: Kept[] = [];
  /** Answered repetitions of receives whose answers were lost, as far as they brought something. */
  attemptsRecovered = 0;
}

export class FifoWorkload {
  readonly #client: SqsClient;
  readonly #ledger: FifoLedger;
  readonly #random: Prng;
  readonly #left: Leftovers;
  readonly #queueUrl: string;
  readonly #crew: Crew;

  constructor(client: SqsClient, ledger: FifoLedger, random: Prng, left: Leftovers, onAnswer: () => void) {
    this.#client = client;
    this.#ledger = ledger;
    this.#random = random;
    this.#left = left;
    this.#crew = new Crew(onAnswer);
    this.#queueUrl = `${client.endpoint}/000000000000/${fifoQueueName}`;
  }

  /** Resolves when every client has lost its connection; rejects when one was answered what it never should be. */
  async run(): Promise<void> {
    const crew = this.#crew;
    crew.add(senders.single, () => this.#send(1));
    crew.add(senders.batch, () => this.#send(2 + this.#random.below(9)));
    crew.add(receivers.named, () => this.#receiveNamed());
    crew.add(receivers.unnamed, () => this.#receiveUnnamed());
    crew.add(deleters, () => this.#deleteKept());
    await crew.run();
  }

  async #send(count: number): Promise<void> {
    const { sendings } = this.#left;
    if (sendings.length === 0 && this.#ledger.backlog > backlogMax) return this.#crew.somethingHappens();
    const chosen = sendings.splice(0, count);
    while (chosen.length < count) chosen.push(this.#random.chance(0.1) ? this.#sentBefore(chosen) : this.#compose());
    await sendFifo(this.#client, this.#ledger, chosen).catch((error: Error) => {
      sendings.push(...chosen);
      throw error;
    });
    this.#crew.wakeAll();
  }

  #compose(): FifoSending {
    return composeFifoMessage(this.#random);
  }

  /** One to be sent again although, perhaps, it was acknowledged, received, and deleted; a new one if there is none. */
  #sentBefore(chosen: readonly FifoSending[]): FifoSending {
    const before = this.#random.pick(this.#ledger.sendings);
    const isKnown = before !== undefined && Date.now() < before.sentAt + repeatableMs;
    return isKnown && !chosen.some(({ id }) => id === before.id) ? before : this.#compose();
  }

  async #receiveUnnamed(): Promise<void> {
    const visibilitySeconds = this.#chooseVisibility();
    const call = this.#ledger.receiving({ visibilityMs: visibilitySeconds * 1000 });
    const request = { maxMessages: this.#chooseMax(), waitSeconds: this.#chooseWait() };
    const holdings = this.#ledger.received(call, await receiveFifo(this.#client, call, request));
    await this.#dealWith({ attempt: undefined, holdings });
  }

  /** In one of three calls its client leaves, and asks again; so does each that lost its server. */
  async #receiveNamed(): Promise<void> {
    const lost = this.#left.attempts.shift();
    const attempt = lost ?? this.#newAttempt();
    const visibilityMs = attempt.visibilitySeconds * 1000;
    const repeats = lost && { holdings: undefined, hiddenUntil: lost.startedAt + visibilityMs };
    const call = this.#ledger.receiving({ visibilityMs, attemptId: attempt.id, ...(repeats && { repeats }) });
    const request = { ...attempt, waitSeconds: this.#chooseWait() };
    const mayLeave = lost === undefined && this.#random.chance(0.3);
    let received: FifoReceived[] | 'left' | 'refused';
    try {
      received = await (mayLeave ? this.#leaveReceive(call, request) : repeatFifo(this.#client, call, request));
    } catch (error) {
      this.#left.attempts.push(attempt);
      throw error;
    }
    if (received === 'refused') this.#ledger.notRepeatable(call);
    else if (received === 'left') this.#left.attempts.push(attempt);
    else {
      const holdings = this.#ledger.received(call, received);
      if (lost !== undefined && holdings.length > 0) this.#left.attemptsRecovered += 1;
      await this.#dealWith({ attempt, holdings });
    }
  }

  #newAttempt(): Attempt {
    const choice = { visibilitySeconds: this.#chooseVisibility(), maxMessages: this.#chooseMax() };
    return { id: `attempt-${nextAttempt++}`, startedAt: Date.now(), ...choice };
  }

  /** Hangs up at some moment around the answer. */
  async #leaveReceive(call: FifoReceiveCall, request: ReceiveRequest): Promise<FifoReceived[] | 'left'> {
    const pending = this.#client.start('ReceiveMessage', receiveInput(this.#client, call, request));
    await Promise.race([pending.written, pending.answer.catch(() => undefined)]);
    for (let turns = this.#random.below(40); turns > 0; turns--) await new Promise((resolve) => setImmediate(resolve));
    pending.hangUp();
    try {
      const { Messages = [] } = await pending.answer;
      return Messages.map(readMessage);
    } catch (error) {
      if (error instanceof ConnectionLost) return 'left';
      throw error;
    }
  }

  async #dealWith(kept: Kept): Promise<void> {
    this.#crew.wakeAll();
    if (kept.holdings.length === 0) return;
    const fate = this.#random.next();
    if (fate < 0.5) await this.#delete(kept.holdings);
    else if (fate < 0.75) this.#left.kept.push(kept);
    else if (fate < 0.85) await this.#delete(kept.holdings.filter(() => this.#random.chance(0.5)));
    else if (fate < 0.95) await this.#giveBack(kept.holdings);
    // The others are forgotten, and come back in time.
  }

  /** Of what was kept, perhaps by a client of an earlier life; often its receive is repeated before. */
  async #deleteKept(): Promise<void> {
    const { kept } = this.#left;
    // A few are kept for long, so that kills and timeouts come before their deletion.
    if (kept.length < keptMin) return this.#crew.somethingHappens();
    const [chosen] = kept.splice(this.#random.chance(0.5) ? -1 : this.#random.below(kept.length), 1);
    if (chosen === undefined) return;
    const { attempt } = chosen;
    if (attempt === undefined || this.#random.chance(0.3)) return this.#delete(chosen.holdings);
    const visibilityMs = attempt.visibilitySeconds * 1000;
    const { holdings } = chosen;
    const repeats = { holdings, hiddenUntil: Math.min(...holdings.map(({ hiddenUntil }) => hiddenUntil)) };
    const call = this.#ledger.receiving({ visibilityMs, attemptId: attempt.id, repeats });
    let received: FifoReceived[] | 'refused';
    try {
      received = await repeatFifo(this.#client, call, { ...attempt, waitSeconds: 0 });
    } catch (error) {
      kept.push(chosen);
      throw error;
    }
    if (received === 'refused') this.#ledger.notRepeatable(call);
    else await this.#delete(this.#ledger.received(call, received));
  }

  async #delete(holdings: readonly FifoHolding[]): Promise<void> {
    if (holdings.length === 0) return;
    const isSingle = holdings.length === 1 || this.#random.chance(0.2);
    const portions = isSingle ? holdings.map((holding) => [holding]) : [holdings];
    for (const portion of portions) await deleteFifo(this.#client, this.#ledger, portion);
    this.#crew.wakeAll();
  }

  async #giveBack(holdings: readonly FifoHolding[]): Promise<void> {
    for (const holding of holdings) this.#ledger.givingBack(holding);
    const entries = holdings.map(({ receiptHandle }, index) => ({
      ...{ Id: String(index), ReceiptHandle: receiptHandle, VisibilityTimeout: 0 },
    }));
    // Some may have timed out before; those are refused.
    await this.#client.call('ChangeMessageVisibilityBatch', { QueueUrl: this.#queueUrl, Entries: entries });
  }

  #chooseVisibility(): number {
    return 1 + this.#random.below(longestVisibilitySeconds);
  }

  #chooseMax(): number {
    return 1 + this.#random.below(10);
  }

  #chooseWait(): number {
    return this.#random.below(3);
  }
}

let nextMessage = 1;
let nextAttempt = 1;

function composeFifoMessage(random: Prng): FifoSending {
  const id = `message-${nextMessage++}`;
  const size = 1 + random.below(random.pick([20, 300, 5_000]) ?? 1);
  return { id, groupId: `group-${random.below(groupCount)}`, body: `${id} ${'x'.repeat(size)}` };
}

/** Sends what may have been sent before; one by SendMessage, more by SendMessageBatch. */
export async function sendFifo(client: SqsClient, ledger: FifoLedger, messages: readonly FifoSending[]): Promise<void> {
  const QueueUrl = `${client.endpoint}/000000000000/${fifoQueueName}`;
  for (const message of messages) ledger.sending(message);
  const entries = messages.map(({ id, groupId, body }, index) => ({
    ...{ Id: String(index), MessageBody: body, MessageGroupId: groupId, MessageDeduplicationId: id },
  }));
  const [only] = entries;
  const answers =
    only !== undefined && entries.length === 1
      ? [{ ...(await client.call('SendMessage', { QueueUrl, ...only })), Id: '0' }]
      : ((await client.call('SendMessageBatch', { QueueUrl, Entries: entries })).Successful ?? []);
  if (answers.length !== messages.length)
    throw new Error(`${answers.length} of ${messages.length} messages were taken`);
  for (const { Id, MessageId = '', MD5OfMessageBody, SequenceNumber = '' } of answers) {
    const { id, body } = messages[Number(Id)] as FifoSending;
    if (MD5OfMessageBody !== md5(body)) throw new Error(`${id} was acknowledged with another MD5`);
    ledger.acknowledged(id, { messageId: MessageId, sequence: SequenceNumber });
  }
}

interface ReceiveRequest {
  readonly maxMessages: number;
  readonly waitSeconds: number;
}

export async function receiveFifo(
  client: SqsClient,
  call: FifoReceiveCall,
  request: ReceiveRequest,
): Promise<FifoReceived[]> {
  const { Messages = [] } = await client.call('ReceiveMessage', receiveInput(client, call, request));
  return Messages.map(readMessage);
}

/** `refused` if something has happened to what the receive had brought. */
async function repeatFifo(
  client: SqsClient,
  call: FifoReceiveCall,
  request: ReceiveRequest,
): Promise<FifoReceived[] | 'refused'> {
  try {
    return await receiveFifo(client, call, request);
  } catch (error) {
    if (error instanceof Refused && error.message.includes('ReceiveRequestAttemptId')) return 'refused';
    throw error;
  }
}

function receiveInput(
  { endpoint }: SqsClient,
  { visibilityMs, attemptId }: FifoReceiveCall,
  { maxMessages, waitSeconds }: ReceiveRequest,
) {
  return {
    QueueUrl: `${endpoint}/000000000000/${fifoQueueName}`,
    MaxNumberOfMessages: maxMessages,
    VisibilityTimeout: visibilityMs / 1000,
    WaitTimeSeconds: waitSeconds,
    MessageSystemAttributeNames: ['All' as const],
    ...(attemptId !== undefined && { ReceiveRequestAttemptId: attemptId }),
  };
}

type Message = NonNullable<SqsOperations['ReceiveMessage']['output']['Messages']>[number];

function readMessage({
  MessageId = '',
  ReceiptHandle = '',
  Body = '',
  MD5OfBody,
  Attributes = {},
}: Message): FifoReceived {
  const { MessageDeduplicationId: id = '', MessageGroupId: groupId = '', SequenceNumber: sequence = '' } = Attributes;
  if (MD5OfBody !== md5(Body)) throw new Error(`received ${id} with a body that is not the one of its MD5`);
  const receiveCount = Number(Attributes.ApproximateReceiveCount);
  return { id, groupId, body: Body, messageId: MessageId, sequence, receiptHandle: ReceiptHandle, receiveCount };
}

export async function deleteFifo(
  client: SqsClient,
  ledger: FifoLedger,
  holdings: readonly FifoHolding[],
): Promise<void> {
  const calls = holdings.map((holding) => ledger.deleting(holding));
  let refused: readonly FifoDeleteCall[];
  try {
    refused = await requestDeletions(client, calls);
  } catch (error) {
    for (const call of calls) ledger.deleteLost(call);
    throw error;
  }
  for (const call of calls) {
    if (refused.includes(call)) ledger.deleteRefused(call);
    else ledger.deleted(call);
  }
}

/** Gives those that were refused because their receipts are not valid any more. */
async function requestDeletions(
  client: SqsClient,
  calls: readonly FifoDeleteCall[],
): Promise<readonly FifoDeleteCall[]> {
  const QueueUrl = `${client.endpoint}/000000000000/${fifoQueueName}`;
  const [only] = calls;
  if (only !== undefined && calls.length === 1) {
    try {
      await client.call('DeleteMessage', { QueueUrl, ReceiptHandle: only.holding.receiptHandle });
      return [];
    } catch (error) {
      if (error instanceof Refused && error.code === 'InvalidParameterValueException') return [only];
      throw error;
    }
  }
  const Entries = calls.map(({ holding }, index) => ({ Id: String(index), ReceiptHandle: holding.receiptHandle }));
  const { Failed = [] } = await client.call('DeleteMessageBatch', { QueueUrl, Entries });
  return Failed.map(({ Id, Code, Message }) => {
    if (Code !== 'InvalidParameterValue') throw new Error(`a deletion failed: ${Code} ${Message}`);
    return calls[Number(Id)] as FifoDeleteCall;
  });
}

function md5(text: string): string {
  return createHash('md5').update(text).digest('hex');
}
