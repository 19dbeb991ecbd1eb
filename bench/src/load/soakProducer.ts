import type { SoakLink } from './soakLink.ts';
import type { FifoTarget, Sending, SoakTarget, StandardTarget } from './soakQueue.ts';

const batchSize = 10;

/** The sends of one turn: three of ten are batches, and a third of the messages goes to FIFO queues. */
const sends: readonly { readonly kind: SoakTarget['kind']; readonly messages: number }[] = [
  { kind: 'standard', messages: 1 },
  { kind: 'fifo', messages: 1 },
  { kind: 'standard', messages: 1 },
  { kind: 'standard', messages: batchSize },
  { kind: 'standard', messages: 1 },
  { kind: 'fifo', messages: 1 },
  { kind: 'standard', messages: 1 },
  { kind: 'fifo', messages: batchSize },
  { kind: 'standard', messages: 1 },
  { kind: 'standard', messages: batchSize },
];

export const messagesPerSend = sends.reduce((sum, { messages }) => sum + messages, 0) / sends.length;

/** One client that sends: no other sends to its groups, so their order is known. */
export class SoakProducer {
  readonly #link: SoakLink;
  readonly #standard: readonly StandardTarget[];
  readonly #fifo: readonly FifoTarget[];
  readonly #part: { readonly index: number; readonly of: number };
  #sends: number;
  #standardSends = 0;
  #fifoSends = 0;
  #groups = 0;

  constructor(link: SoakLink, targets: readonly SoakTarget[], part: { readonly index: number; readonly of: number }) {
    this.#link = link;
    this.#standard = targets.filter((target) => target.kind === 'standard');
    this.#fifo = targets.filter((target) => target.kind === 'fifo');
    this.#part = part;
    // Producers start at different places of the turn, so that all kinds are under way at any time.
    this.#sends = part.index;
  }

  /** Sends what is next; false if the answer was lost, so that its time says nothing. */
  async send(): Promise<boolean> {
    const { kind, messages } = pick(sends, this.#sends++);
    if (kind === 'standard') return this.#sendStandard(pick(this.#standard, this.#standardSends++), messages);
    return this.#sendFifo(pick(this.#fifo, this.#fifoSends++), messages);
  }

  /** Not repeated when the answer is lost: it would be another message. */
  async #sendStandard({ queue, ledger }: StandardTarget, messages: number): Promise<boolean> {
    const first = ledger.sending(messages);
    const numbers = Array.from({ length: messages }, (_, index) => first + index);
    const sent = queue.send(numbers.map((number) => ({ label: `${queue.name}.${number}` })));
    const answer = await this.#link.request(sent.bytes);
    if (answer === undefined || !queue.checkSent(answer, sent)) {
      ledger.sendLost(messages);
      return false;
    }
    for (const number of numbers) ledger.acknowledged(number);
    return true;
  }

  /** Half of a batch goes to one group, so that its order within the batch is tried, too. */
  async #sendFifo({ queue, ledger, groups }: FifoTarget, messages: number): Promise<boolean> {
    const own = Math.floor(groups / this.#part.of);
    const sendings = Array.from({ length: messages }, (_, index): Sending => {
      if (index < 1 || index > messages / 2) this.#groups += 1;
      const group = (this.#groups % own) * this.#part.of + this.#part.index;
      return { label: `${queue.name}.${group}.${ledger.sending(group)}`, group };
    });
    const sent = queue.send(sendings);
    return queue.checkSent(await this.#link.insist(sent.bytes), sent);
  }
}

function pick<One>(all: readonly One[], count: number): One {
  return all[count % all.length] as One;
}
