import type { Findings } from './soakFindings.ts';

/** A receive, from before its request left. */
export type ReceiveCall = { readonly startedAt: number; readonly visibilityMilliseconds: number };

/**
 * The server counts whole milliseconds of the system's clock, and this process's clock may run at another rate: of two moments
 * that are closer than this nobody knows which came first.
 */
const clocksDifferMs = 5;

/** Until when what a receive brought is in flight for certain. */
export function inFlightUntil({ startedAt, visibilityMilliseconds }: ReceiveCall): number {
  return startedAt + visibilityMilliseconds - clocksDifferMs;
}

/** `inDoubt`: sends whose answer was lost, and deletes that were acknowledged too late to be final. */
export type SoakCounts = { sent: number; received: number; receivedAgain: number; deleted: number; inDoubt: number };

export function emptyCounts(): SoakCounts {
  return { sent: 0, received: 0, receivedAgain: 0, deleted: 0, inDoubt: 0 };
}

const blockSize = 1 << 16;
const knownBit = 1;
const deletingBit = 2;
const goneBit = 4;

type Block = { readonly states: Uint8Array; open: number };

/** Stands for every block whose messages are all gone, so memory is that of the messages that are not. */
const goneBlock: Block = { states: new Uint8Array(blockSize).fill(knownBit | deletingBit | goneBit), open: 0 };

/**
 * What the clients of a standard queue were promised, by the numbers of its messages; a byte each until it is gone.
 *
 * - known: the send was acknowledged, or the message was received; from then on it must be received, and deleted.
 * - deleting: asked for. An acknowledged delete is final only if the message was certainly still in flight then, as
 *   otherwise somebody may have received it in between, under a newer receipt.
 * - gone: whoever receives it now has found a fault.
 *
 * A send whose answer was lost is not known: it happened, or it did not. So is a receive whose answer was lost: what it
 * took comes back when the visibility timeout is over, and nobody here has had it.
 */
export class SoakLedger {
  readonly #findings: Findings;
  readonly #queue: string;
  readonly #blocks: Block[] = [];
  /** Until when each message that somebody holds is certainly in flight. */
  readonly #hiddenUntil = new Map<number, number>();
  readonly counts = emptyCounts();
  #owed = 0;

  constructor(queue: string, findings: Findings) {
    this.#queue = queue;
    this.#findings = findings;
  }

  /** Known messages that are not deleted. */
  get owed(): number {
    return this.#owed;
  }

  /** Call it before the request leaves; returns the first of so many numbers. */
  sending(messages: number): number {
    const first = this.counts.sent;
    this.counts.sent += messages;
    while (this.#blocks.length * blockSize < this.counts.sent) {
      this.#blocks.push({ states: new Uint8Array(blockSize), open: blockSize });
    }
    return first;
  }

  acknowledged(number: number): void {
    this.#know(number);
  }

  sendLost(messages: number): void {
    this.counts.inDoubt += messages;
  }

  received(number: number, call: ReceiveCall, now: number): void {
    if (!(number < this.counts.sent)) {
      this.#findings.add('altered', `${this.#queue} gave ${number}, never sent`);
      return;
    }
    this.counts.received += 1;
    const state = this.#state(number);
    const hidden = this.#hiddenUntil.get(number);
    if ((state & goneBit) !== 0) {
      this.#findings.add('doubled', `${this.#queue} gave ${number} after its delete was acknowledged`);
      return;
    }
    if (hidden !== undefined) this.counts.receivedAgain += 1;
    if (hidden !== undefined && now < hidden) {
      const early = Math.round(hidden - now);
      this.#findings.add('doubled', `${this.#queue} gave ${number}, in flight for ${early} ms more`);
    }
    if ((state & deletingBit) !== 0) {
      this.#set(number, state & ~deletingBit);
      this.#owed += 1;
    }
    this.#know(number);
    this.#hiddenUntil.set(number, inFlightUntil(call));
  }

  /** Its visibility is about to end by request: it may be received again from now on. */
  returning(number: number): void {
    this.#hiddenUntil.set(number, Number.NEGATIVE_INFINITY);
  }

  deleting(number: number): void {
    const state = this.#state(number);
    if ((state & deletingBit) !== 0) return;
    this.#set(number, state | deletingBit);
    this.#owed -= 1;
  }

  deleted(number: number, now: number): void {
    this.counts.deleted += 1;
    if (now >= (this.#hiddenUntil.get(number) ?? Number.NEGATIVE_INFINITY)) {
      this.counts.inDoubt += 1;
      return;
    }
    this.#hiddenUntil.delete(number);
    this.#set(number, this.#state(number) | goneBit);
    const at = Math.floor(number / blockSize);
    const block = this.#blocks[at] as Block;
    block.open -= 1;
    if (block.open === 0) this.#blocks[at] = goneBlock;
  }

  /** At the end: what must be there, and was not received. */
  settle(): void {
    if (this.#owed > 0) this.#findings.add('lost', `${this.#queue}: ${this.#owed} messages`, this.#owed);
  }

  /** Bytes of states that are kept. */
  get keptBytes(): number {
    return this.#blocks.filter((block) => block !== goneBlock).length * blockSize;
  }

  #know(number: number): void {
    const state = this.#state(number);
    if ((state & knownBit) !== 0) return;
    this.#set(number, state | knownBit);
    this.#owed += 1;
  }

  #state(number: number): number {
    return this.#blocks[Math.floor(number / blockSize)]?.states[number % blockSize] ?? 0;
  }

  #set(number: number, state: number): void {
    (this.#blocks[Math.floor(number / blockSize)] as Block).states[number % blockSize] = state;
  }
}
