import type { FoundElsewhere, Letter, LettersTaken, QueuePath } from '../../src/runtime/index.ts';
import { required } from '../../src/std/assert.ts';
import type { Prng } from '../../src/std/prng.ts';
import { ProcessDied, type SimulatedProcess } from './simulatedProcess.ts';

/** Nobody knows whether it arrived. */
export class MailLost extends Error {}

interface Shipment {
  readonly from: number;
  readonly to: number;
  readonly letters: readonly Letter[];
  /** Undefined once whoever shipped it has given up: it may still arrive. */
  answer: { resolve: (taken: LettersTaken) => void; reject: (error: Error) => void } | undefined;
}

/**
 * What crosses between processes: questions for queues, and letters, which arrive late, or not at all, or after their sender
 * was told that they were lost, or without their sender being told.
 */
export class SimulatedMail {
  readonly #random: Prng;
  readonly #processes: readonly SimulatedProcess[];
  #waiting: Shipment[] = [];

  constructor(random: Prng, processes: readonly SimulatedProcess[]) {
    this.#random = random;
    this.#processes = processes;
  }

  /** Something could be delivered. */
  get isWaiting(): boolean {
    return this.#waiting.some((shipment) => this.#isDeliverable(shipment));
  }

  ship(from: number, to: number, letters: readonly Letter[]): Promise<LettersTaken> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ from, to, letters: structuredClone(letters), answer: { resolve, reject } });
    });
  }

  /** Asks again if the process that is asked dies meanwhile. */
  async find(from: number, { accountId, region, name }: QueuePath): Promise<FoundElsewhere | undefined> {
    for (const [partition, process] of this.#processes.entries()) {
      if (partition === from) continue;
      const record = await this.#ask(process, async (asked) => (await asked.queue(accountId, region, name))?.record);
      if (record !== undefined) return { partition, record: structuredClone(record) };
    }
    return undefined;
  }

  /** What the other one has in memory. */
  known(from: number, { accountId, region, name }: QueuePath): FoundElsewhere | undefined {
    for (const [partition, process] of this.#processes.entries()) {
      if (partition === from || !process.isRunning) continue;
      const queue = process.partition.queue(accountId, region, name);
      if (!(queue instanceof Promise)) return { partition, record: queue.record };
      queue.catch(() => undefined);
    }
    return undefined;
  }

  /** One of those that wait meets its fate, which is told. */
  deliverSome(): string {
    const shipment = required(this.#random.pick(this.#waiting.filter((each) => this.#isDeliverable(each))), 'mail');
    const { from, to, letters } = shipment;
    const name = `letters ${letters.map(({ id }) => id % 2 ** 40).join(', ')} from ${from} to ${to}`;
    if (!this.#random.chance(0.15)) {
      const isAnswerLost = this.#random.chance(0.1);
      this.#deliver(shipment, isAnswerLost);
      return `${name} arrive${isAnswerLost ? ', but nobody will be told' : ''}`;
    }
    shipment.answer?.reject(new MailLost('lost'));
    shipment.answer = undefined;
    const isLate = this.#random.chance(0.5);
    if (!isLate) this.#forget(shipment);
    return `${name} are ${isLate ? 'given up, and late' : 'lost'}`;
  }

  deliverAll(): void {
    for (const shipment of this.#waiting) if (this.#isDeliverable(shipment)) this.#deliver(shipment, false);
  }

  /** The process is gone, with all that it was asked and all that it waited for. */
  died(partition: number): void {
    for (const shipment of this.#waiting) {
      if (shipment.from === partition) shipment.answer = undefined;
      if (shipment.to !== partition) continue;
      shipment.answer?.reject(new MailLost('lost with the process'));
      this.#forget(shipment);
    }
  }

  #deliver(shipment: Shipment, isAnswerLost: boolean): void {
    this.#forget(shipment);
    const { from, to, letters } = shipment;
    const process = required(this.#processes[to], 'a partition');
    process
      .ask((partition) => partition.takeLetters(from, letters))
      .then((taken) => {
        if (isAnswerLost) throw new MailLost('its answer is lost');
        shipment.answer?.resolve(structuredClone(taken));
      })
      .catch((error: Error) => shipment.answer?.reject(error instanceof ProcessDied ? new MailLost('lost') : error));
  }

  async #ask<T>(process: SimulatedProcess, act: Parameters<typeof process.ask<T>>[0]): Promise<T> {
    for (;;) {
      try {
        await process.running();
        return await process.ask(act);
      } catch (error) {
        if (!(error instanceof ProcessDied)) throw error;
      }
    }
  }

  #isDeliverable({ to }: Shipment): boolean {
    return this.#processes[to]?.isRunning === true;
  }

  #forget(shipment: Shipment): void {
    this.#waiting = this.#waiting.filter((each) => each !== shipment);
  }
}
