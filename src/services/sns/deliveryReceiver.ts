import {
  type Clock,
  CommitFailed,
  type DataKeys,
  type DeliveredMessage,
  KeyUnusable,
  type Partition,
  type QueueEncoder,
  QueueGone,
  type QueueHandle,
  type QueuePath,
} from '#runtime';
import { formatUuid } from '#std/uuid';
import type { Addressee, Failure, FindAddressee } from './addressee.ts';
import { type DeadLetter, moveToDeadLetterQueue } from './deadLetter.ts';
import type { Delivery, Outcome, Sender } from './delivery.ts';
import {
  attemptMaxMs,
  concurrency,
  heartbeatMs,
  inFlightMs,
  keyTroubleMs,
  longPollMs,
  troubleMs,
} from './deliveryLimits.ts';
import type { TotalsByTopic } from './deliveryTotals.ts';
import { opened } from './encryption.ts';
import { delayBeforeRetry } from './retryDelays.ts';
import type { SendSlots } from './sendSlots.ts';
import type { StatusLog } from './statusLog.ts';
import { Throttle } from './throttle.ts';

export interface ReceiverSurroundings {
  readonly partition: Partition;
  readonly clock: Clock;
  readonly dataKeys: DataKeys;
  readonly encoder: QueueEncoder;
  readonly slots: SendSlots;
  readonly log: StatusLog;
  readonly totals: TotalsByTopic;
  readonly find: FindAddressee;
  readonly senderOf: (protocol: string) => Sender | undefined;
  /** What went wrong with nobody waiting for it. */
  readonly report: (error: Error) => void;
}

/** A message that was received, and what it holds. */
interface Received {
  readonly queue: QueueHandle;
  readonly message: DeliveredMessage;
  readonly delivery: Delivery;
}

/**
 * Takes deliveries out of one internal queue and brings them to their endpoint, several at a time.
 *
 * The queue is the memory: a delivery that is under way or waits for its retry is in flight there, invisible until it is
 * due, and after a crash it comes again. So a receiver holds nothing that must not be lost, and stops at once when told.
 *
 * An endpoint that fails is tried by few deliveries at a time, and each success lets one more be under way.
 */
export class DeliveryReceiver {
  readonly #path: QueuePath;
  readonly #surroundings: ReceiverSurroundings;
  readonly #stop = new AbortController();
  readonly #throttle = new Throttle();
  readonly #underWay = new Set<Promise<void>>();
  #limit: number = concurrency.first;
  #isHealthy = true;
  #waiter: { queue: QueueHandle; waiterId: number } | undefined;
  readonly #done: Promise<void>;

  constructor(path: QueuePath, surroundings: ReceiverSurroundings) {
    this.#path = path;
    this.#surroundings = surroundings;
    this.#done = this.#run();
  }

  /** Resolves when it has stopped, be it because its queue is gone. */
  get done(): Promise<void> {
    return this.#done;
  }

  get isStopped(): boolean {
    return this.#stop.signal.aborted;
  }

  /** Sends that are under way are broken off, and their deliveries are in the queue again. */
  stop(): Promise<void> {
    this.#stop.abort();
    this.#askAnew();
    return this.#done;
  }

  /** What the receiver waits for at its queue was asked for by what was known then. */
  #askAnew(): void {
    if (this.#waiter !== undefined) this.#waiter.queue.cancelReceive(this.#waiter.waiterId);
  }

  async #run(): Promise<void> {
    while (!this.isStopped) {
      try {
        const { accountId, region, name } = this.#path;
        const queue = await this.#surroundings.partition.queue(accountId, region, name);
        if (queue === undefined) break;
        while (!this.isStopped) await this.#receive(queue);
      } catch (error) {
        // A queue that was deleted may have been made anew; of a commit that failed everybody knows.
        if (!(error instanceof QueueGone || error instanceof CommitFailed)) this.#surroundings.report(error as Error);
        if (!(error instanceof QueueGone)) await this.#pause(troubleMs);
      }
    }
    await Promise.all(this.#underWay);
  }

  async #receive(queue: QueueHandle): Promise<void> {
    const room = await this.#room();
    if (this.isStopped || room === 0) return;
    const { waiterId, answer } = queue.receive({
      maxMessages: Math.min(room, 10),
      visibilityTimeoutMs: inFlightMs,
      waitMs: longPollMs,
    });
    this.#waiter = { queue, waiterId };
    // Told to stop in the same turn: then nobody has called this one off yet.
    if (this.isStopped) queue.cancelReceive(waiterId);
    const received = await answer.finally(() => {
      this.#waiter = undefined;
    });
    if (received.kind !== 'received') return this.#pause(troubleMs);
    if (this.isStopped) return queue.release(received.messages);
    const deliveries = await this.#open(queue, received.messages);
    if (deliveries === undefined) return this.#pause(keyTroubleMs);
    if (this.isStopped) return queue.release(received.messages);
    this.#throttle.spend(received.messages.length);
    for (const each of deliveries) this.#begin(each);
  }

  /** Undefined if the topic's key can't be used now: they wait, and it is none of the attempts that they have. */
  async #open(queue: QueueHandle, messages: readonly DeliveredMessage[]): Promise<readonly Received[] | undefined> {
    try {
      const all: Received[] = [];
      for (const message of messages) {
        all.push({ queue, message, delivery: await opened<Delivery>(this.#surroundings, message.payload) });
      }
      return all;
    } catch (error) {
      if (!(error instanceof KeyUnusable)) throw error;
      queue.release(messages);
      return undefined;
    }
  }

  /** How many deliveries can be begun now; waits until there is one, or something has changed. */
  async #room(): Promise<number> {
    const { clock } = this.#surroundings;
    const free = this.#limit - this.#underWay.size;
    if (free <= 0) {
      await Promise.race(this.#underWay);
      return 0;
    }
    const allowed = this.#throttle.allowed(free, clock.now());
    if (allowed === 0) await this.#pause(this.#throttle.nextAt(clock.now()) - clock.now());
    return allowed;
  }

  #begin(received: Received): void {
    const work: Promise<void> = this.#deliver(received)
      .catch((error: Error) => {
        // The message is in flight, and comes again.
        if (!(error instanceof QueueGone || error instanceof CommitFailed)) this.#surroundings.report(error);
      })
      .finally(() => this.#underWay.delete(work));
    this.#underWay.add(work);
  }

  async #deliver(received: Received): Promise<void> {
    const { queue, message, delivery } = received;
    const addressee = await this.#surroundings.find(delivery, this.#path);
    if (addressee === undefined) {
      await queue.delete([message]);
      return;
    }
    if (this.#throttle.setRate(addressee.maxReceivesPerSecond)) this.#askAnew();
    const endKeeping = this.#keepInFlight(received);
    try {
      const slot = await this.#surroundings.slots.take(this.#isHealthy ? 'healthy' : 'unhealthy', this.#stop.signal);
      if (slot === undefined) return queue.release([message]);
      const attemptedAt = this.#surroundings.clock.now();
      const outcome = await this.#attempt(addressee).finally(slot);
      if (this.isStopped && outcome.kind === 'failed') return queue.release([message]);
      this.#adapt(outcome);
      endKeeping();
      await this.#settle(received, addressee, outcome, attemptedAt);
    } finally {
      endKeeping();
    }
  }

  /** While a delivery waits for a slot or is under way, nobody else gets it; after a crash it comes soon. */
  #keepInFlight({ queue, message }: Received): () => void {
    const { clock } = this.#surroundings;
    let callOff = () => {};
    const beat = () => {
      callOff = clock.schedule(clock.now() + heartbeatMs, () => {
        queue.changeVisibility([{ ...message, timeoutMs: inFlightMs }]).catch(() => undefined);
        beat();
      });
    };
    beat();
    return () => callOff();
  }

  async #attempt({ delivery, refusal, context }: Addressee): Promise<Outcome> {
    if (refusal !== undefined) return { kind: 'failed', permanent: true, reason: refusal };
    const sender = this.#surroundings.senderOf(delivery.protocol);
    if (sender === undefined) {
      const reason = `Nothing here delivers to the protocol ${delivery.protocol}.`;
      return { kind: 'failed', permanent: true, reason };
    }
    const { clock, report } = this.#surroundings;
    const tooLong = new AbortController();
    const callOff = clock.schedule(clock.now() + attemptMaxMs, () => tooLong.abort());
    const signal = AbortSignal.any([this.#stop.signal, tooLong.signal]);
    try {
      // A sender that does not listen is left alone: what it still does is one attempt more.
      return await Promise.race([sender(delivery, context(signal)), brokenOff(signal)]);
    } catch (error) {
      // A bug of ours: the delivery is not given up for it at once.
      report(error as Error);
      return { kind: 'failed', permanent: false, reason: `The attempt failed: ${(error as Error).message}` };
    } finally {
      callOff();
    }
  }

  /** A permanent failure says nothing about how much the endpoint can take. */
  #adapt(outcome: Outcome): void {
    if (outcome.kind === 'failed' && outcome.permanent) return;
    this.#isHealthy = outcome.kind === 'delivered';
    const limit = this.#isHealthy ? Math.min(this.#limit + 1, concurrency.most) : concurrency.least;
    const isLess = limit < this.#limit;
    this.#limit = limit;
    if (isLess) this.#askAnew();
  }

  async #settle(received: Received, addressee: Addressee, outcome: Outcome, attemptedAt: number): Promise<void> {
    const { queue, message } = received;
    if (outcome.kind === 'delivered') {
      await queue.delete([message]);
      this.#note(received, addressee, outcome, attemptedAt);
      return;
    }
    if (outcome.disableEndpoint === true) await addressee.disable?.();
    const delayMs = outcome.permanent ? undefined : this.#retryAfter(addressee, message.receiveCount);
    if (delayMs !== undefined) {
      await queue.changeVisibility([{ ...message, timeoutMs: delayMs }]);
      return;
    }
    const redriven = await this.#giveUp(received, addressee, outcome);
    this.#note(received, addressee, outcome, attemptedAt, redriven);
    await addressee.failed?.(outcome, message.receiveCount);
  }

  #retryAfter({ retries, retriesEndAt }: Addressee, attempts: number): number | undefined {
    const delayMs = delayBeforeRetry(retries, attempts);
    const isTooLate =
      delayMs !== undefined && retriesEndAt !== undefined && this.#surroundings.clock.now() + delayMs > retriesEndAt;
    return isTooLate ? undefined : delayMs;
  }

  /** To the dead-letter queue, if the subscription has one; a confirmation is of no use there. Gives whether it is there. */
  async #giveUp(
    { queue, message }: Received,
    { delivery, deadLetterQueue, context }: Addressee,
    { statusCode, reason }: Failure,
  ): Promise<boolean | undefined> {
    if (deadLetterQueue === undefined || delivery.kind !== 'notification') {
      await queue.delete([message]);
      return undefined;
    }
    const body = delivery.raw ? delivery.message : context(this.#stop.signal).envelope();
    const letter: DeadLetter = { delivery, body, statusCode, reason };
    return moveToDeadLetterQueue(this.#surroundings, { queue, message }, deadLetterQueue, letter);
  }

  #note(
    { message }: Received,
    { delivery, successSampleRate, logName }: Addressee,
    outcome: Outcome,
    attemptedAt: number,
    redriven?: boolean,
  ): void {
    const { log, totals } = this.#surroundings;
    const isDelivered = outcome.kind === 'delivered';
    if (delivery.kind === 'notification') totals.add(logName, isDelivered ? 'delivered' : 'failed');
    if (redriven === true) totals.add(logName, 'redriven');
    if (isDelivered && !log.isSampled(successSampleRate)) return;
    log.note(logName, {
      delivery,
      deliveryId: formatUuid(message.messageId),
      attempts: message.receiveCount,
      attemptedAt,
      statusCode: outcome.statusCode,
      providerResponse: isDelivered ? outcome.providerResponse : outcome.reason,
      redriven,
      status: isDelivered ? 'SUCCESS' : 'FAILURE',
    });
  }

  /** Ends early when told to stop. */
  #pause(milliseconds: number): Promise<void> {
    const { clock } = this.#surroundings;
    const { signal } = this.#stop;
    if (signal.aborted) return Promise.resolve();
    return new Promise((resolve) => {
      const end = () => {
        callOff();
        signal.removeEventListener('abort', end);
        resolve();
      };
      const callOff = clock.schedule(clock.now() + milliseconds, end);
      signal.addEventListener('abort', end, { once: true });
    });
  }
}

function brokenOff(signal: AbortSignal): Promise<Outcome> {
  return new Promise((resolve) => {
    const end = () => resolve({ kind: 'failed', permanent: false, reason: 'The attempt took too long.' });
    if (signal.aborted) end();
    else signal.addEventListener('abort', end, { once: true });
  });
}
