/**
 * Publishers that publish to all topics at once, singly and in batches, until their server is gone. What a FIFO topic did
 * not answer is published again in the next life. Every call and every answer goes into the ledger.
 */
import type { Prng } from '../../src/std/prng.ts';
import { Crew } from './crew.ts';
import type { FanOutLedger } from './fanOutLedger.ts';
import { kinds, type Publication, type TopicName, topicArn } from './fanOutTopology.ts';
import type { PublishEntry, SnsClient } from './snsClient.ts';

const publishers = { single: 3, batch: 2, fifoSingle: 2, fifoBatch: 1 };
const groupCount = 6;
/** Within the five minutes in which a deduplication id is known. */
const repeatableMs = 240_000;
/** Below it, ten of them are no more than one batch may hold. */
const batchFillerMax = 8_000;

export class FanOutWorkload {
  readonly #sns: SnsClient;
  readonly #ledger: FanOutLedger;
  readonly #random: Prng;
  readonly #lost: Publication[];
  readonly #crew: Crew;

  /** `lost`: publishes to the FIFO topic whose answers did not come; who takes over finds them there. */
  constructor(sns: SnsClient, ledger: FanOutLedger, random: Prng, lost: Publication[], onAnswer: () => void) {
    this.#sns = sns;
    this.#ledger = ledger;
    this.#random = random;
    this.#lost = lost;
    this.#crew = new Crew(onAnswer);
  }

  /** Resolves when every publisher has lost its connection; rejects when one was answered what it never should be. */
  async run(): Promise<void> {
    const crew = this.#crew;
    crew.add(publishers.single, () => this.#publish(1));
    crew.add(publishers.batch, () => this.#publish(2 + this.#random.below(9)));
    crew.add(publishers.fifoSingle, () => this.#publishFifo(1));
    crew.add(publishers.fifoBatch, () => this.#publishFifo(2 + this.#random.below(9)));
    await crew.run();
  }

  async #publish(count: number): Promise<void> {
    const topic = this.#random.chance(0.6) ? 'orders' : 'audit';
    const call = Array.from({ length: count }, () => compose(this.#random, topic, count));
    await publishAll(this.#sns, this.#ledger, call);
  }

  async #publishFifo(count: number): Promise<void> {
    const call = this.#lost.splice(0, count);
    while (call.length < count) call.push(this.#random.chance(0.1) ? this.#publishedBefore(call) : this.#composeFifo());
    await publishAll(this.#sns, this.#ledger, call).catch((error: Error) => {
      this.#lost.push(...call);
      throw error;
    });
  }

  /** One that perhaps was acknowledged long ago, or is published by somebody else right now; a new one if there is none. */
  #publishedBefore(call: readonly Publication[]): Publication {
    const before = this.#random.pick(this.#ledger.fifoSince(Date.now() - repeatableMs));
    const isTaken = before === undefined || [...call, ...this.#lost].some(({ id }) => id === before.id);
    return isTaken ? this.#composeFifo() : before;
  }

  #composeFifo(): Publication {
    return compose(this.#random, 'ledger.fifo', 10);
  }
}

let nextId = 1;

function compose(random: Prng, topic: TopicName, count: number): Publication {
  const id = `message-${nextId++}`;
  const kind = random.pick(kinds) ?? 'a';
  const weight = random.below(100);
  const small = random.below(random.pick([20, 300, batchFillerMax]) ?? 1);
  const size = count === 1 && random.chance(0.01) ? 200 * 1024 : small;
  const body = JSON.stringify({ id, detail: { kind }, filler: 'x'.repeat(size) });
  const groupId = topic === 'ledger.fifo' ? `group-${random.below(groupCount)}` : '';
  return { id, topic, body, kind, weight, groupId };
}

/** By one call. All are of one topic, and may have been published before. */
export async function publishAll(sns: SnsClient, ledger: FanOutLedger, call: readonly Publication[]): Promise<void> {
  const [only] = call;
  if (only === undefined) return;
  const arn = topicArn(only.topic);
  ledger.publishing(call);
  const answers =
    call.length === 1 ? [await sns.publish(arn, wireForm(only))] : await sns.publishBatch(arn, call.map(wireForm));
  ledger.acknowledged(call, answers);
}

function wireForm({ id, body, kind, weight, groupId }: Publication): PublishEntry {
  const content = { message: body, attributes: { kind, weight } };
  return groupId === '' ? content : { ...content, ids: { groupId, deduplicationId: id } };
}
