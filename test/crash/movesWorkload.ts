/**
 * Clients of a queue with a dead-letter queue: some send, some receive and never delete, so that everything becomes a dead
 * letter all the time, and one starts task after task to bring the dead letters back. Every call and every answer goes
 * into the ledger.
 */
import type { SqsOperations } from '#aws/generated/sqs';
import type { Prng } from '../../src/std/prng.ts';
import { Crew } from './crew.ts';
import { isRunning, type ListedTask, MovesLedger, type ReceivedBody } from './movesLedger.ts';
import { Refused, type SqsClient } from './sqsClient.ts';

const receivers = { source: 2, dead: 1 };
const groupCount = 5;
/** Two tasks that began at the same time could not be told apart. */
const betweenTasksMs = 5;

/** A queue and its dead-letter queue. */
export class Pair {
  readonly ledger: MovesLedger;
  readonly isFifo: boolean;
  /** Sends on a FIFO queue whose answers were lost. */
  readonly unsure: string[] = [];
  readonly #names: { readonly source: string; readonly dead: string };

  constructor(isFifo: boolean) {
    const suffix = isFifo ? '.fifo' : '';
    this.isFifo = isFifo;
    this.#names = { source: `source${suffix}`, dead: `dead${suffix}` };
    this.ledger = new MovesLedger(isFifo, this.arn('source'));
  }

  url({ endpoint }: SqsClient, which: 'source' | 'dead'): string {
    return `${endpoint}/000000000000/${this.#names[which]}`;
  }

  arn(which: 'source' | 'dead'): string {
    return `arn:aws:sqs:us-east-1:000000000000:${this.#names[which]}`;
  }

  async create(client: SqsClient): Promise<void> {
    const kind = this.isFifo ? { FifoQueue: 'true' } : {};
    await client.call('CreateQueue', { QueueName: this.#names.dead, Attributes: kind });
    const RedrivePolicy = JSON.stringify({ deadLetterTargetArn: this.arn('dead'), maxReceiveCount: 1 });
    await client.call('CreateQueue', { QueueName: this.#names.source, Attributes: { ...kind, RedrivePolicy } });
  }

  async send(client: SqsClient, body: string): Promise<void> {
    const ids = { MessageGroupId: groupOf(body), MessageDeduplicationId: body };
    const request = { QueueUrl: this.url(client, 'source'), MessageBody: body, ...(this.isFifo && ids) };
    this.ledger.sending(body);
    try {
      const { MessageId = '' } = await client.call('SendMessage', request);
      this.ledger.acknowledged(body, MessageId);
    } catch (error) {
      if (this.isFifo) this.unsure.push(body);
      throw error;
    }
  }

  /** What comes is visible again at once, so that the next receive makes it a dead letter. */
  async receive(client: SqsClient, waitSeconds: number): Promise<number> {
    let received: ReceivedBody[];
    try {
      received = await receiveBodies(client, this.url(client, 'source'), { visibilitySeconds: 0, waitSeconds });
    } catch (error) {
      this.ledger.receiveLost();
      throw error;
    }
    for (const each of received) this.ledger.received(each);
    return received.length;
  }

  async receiveDead(client: SqsClient, waitSeconds: number): Promise<void> {
    const request = { visibilitySeconds: 0, waitSeconds };
    for (const each of await receiveBodies(client, this.url(client, 'dead'), request)) this.ledger.receivedDead(each);
  }

  /** The task that runs, as the listing has it. */
  async runningTask(client: SqsClient): Promise<ListedTask | undefined> {
    const { Results = [] } = await client.call('ListMessageMoveTasks', { SourceArn: this.arn('dead'), MaxResults: 10 });
    return this.ledger.listed(Results);
  }

  async startTask(client: SqsClient, { rate, isAddressed }: { rate?: number; isAddressed: boolean }): Promise<void> {
    try {
      await client.call('StartMessageMoveTask', {
        SourceArn: this.arn('dead'),
        ...(isAddressed && { DestinationArn: this.arn('source') }),
        ...(rate !== undefined && { MaxNumberOfMessagesPerSecond: rate }),
      });
    } catch (error) {
      this.ledger.taskStartLost();
      throw error;
    }
    this.ledger.taskStarted();
  }

  /** Messages of every state. */
  async depth(client: SqsClient, which: 'source' | 'dead'): Promise<number> {
    const request = { QueueUrl: this.url(client, which), AttributeNames: ['All' as const] };
    const { Attributes = {} } = await client.call('GetQueueAttributes', request);
    const { ApproximateNumberOfMessages: visible, ApproximateNumberOfMessagesNotVisible: inFlight } = Attributes;
    return Number(visible) + Number(inFlight) + Number(Attributes.ApproximateNumberOfMessagesDelayed);
  }
}

/** Resolves when every client has lost its connection; rejects when one was answered what it never should be. */
export async function runMoves(
  client: SqsClient,
  pairs: readonly Pair[],
  random: Prng,
  { bodiesMax, onAnswer }: { bodiesMax: number; onAnswer: () => void },
): Promise<void> {
  const crew = new Crew(onAnswer);
  for (const pair of pairs) {
    crew.add(1, async () => {
      const body = pair.unsure.shift() ?? (pair.ledger.size < bodiesMax ? `body-${pair.ledger.size}` : undefined);
      if (body === undefined) await crew.somethingHappens();
      else await pair.send(client, body);
    });
    crew.add(receivers.source, async () => {
      await pair.receive(client, random.below(2));
      crew.wakeAll();
    });
    crew.add(receivers.dead, async () => {
      await pair.receiveDead(client, random.below(2));
      // There is always something to receive.
      await crew.somethingHappens();
    });
    crew.add(1, () => moveOn(client, pair, random));
  }
  await crew.run();
}

async function moveOn(client: SqsClient, pair: Pair, random: Prng): Promise<void> {
  const running = await pair.runningTask(client);
  const isTooSoon = Date.now() < (pair.ledger.newestTask?.startedAt ?? 0) + betweenTasksMs;
  if (running?.TaskHandle !== undefined && random.chance(0.1)) await cancel(client, pair, running.TaskHandle);
  else if (running === undefined && !isTooSoon) {
    const rate = 10 + random.below(491);
    await pair.startTask(client, { ...(random.chance(0.5) && { rate }), isAddressed: random.chance(0.3) });
  }
  await pair.receive(client, 0);
}

/** It may have ended since it was listed. */
async function cancel(client: SqsClient, pair: Pair, TaskHandle: string): Promise<void> {
  pair.ledger.cancelling();
  try {
    await client.call('CancelMessageMoveTask', { TaskHandle });
  } catch (error) {
    if (!(error instanceof Refused)) throw error;
    const running = await pair.runningTask(client);
    if (running !== undefined && isRunning(running)) throw new Error('a task that runs could not be cancelled');
  }
}

export async function receiveBodies(
  client: SqsClient,
  QueueUrl: string,
  { visibilitySeconds, waitSeconds }: { visibilitySeconds: number; waitSeconds: number },
): Promise<(ReceivedBody & { readonly receiptHandle: string })[]> {
  const { Messages = [] } = await client.call('ReceiveMessage', {
    QueueUrl,
    MaxNumberOfMessages: 10,
    VisibilityTimeout: visibilitySeconds,
    WaitTimeSeconds: waitSeconds,
    MessageSystemAttributeNames: ['All'],
  });
  return Messages.map(readBody);
}

type Message = NonNullable<SqsOperations['ReceiveMessage']['output']['Messages']>[number];

function readBody({ Body = '', MessageId = '', ReceiptHandle = '', Attributes = {} }: Message) {
  return {
    body: Body,
    messageId: MessageId,
    receiveCount: Number(Attributes.ApproximateReceiveCount),
    origin: Attributes.DeadLetterQueueSourceArn,
    receiptHandle: ReceiptHandle,
  };
}

/** A body keeps its group when it is sent again. */
function groupOf(body: string): string {
  return `group-${Number(body.slice('body-'.length)) % groupCount}`;
}
