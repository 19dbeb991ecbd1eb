import type { Answer, Reply } from './received.ts';

/** What writes the answer. */
export interface AnswerTaker {
  readonly isOpen: boolean;
  answered(answer: Answer): void;
}

const none: (() => void)[] = [];

/** The way back to a client; whoever looks after its connection says when it has left. */
export class ClientReply implements Reply {
  readonly #taker: AnswerTaker;
  #isAnswered = false;
  #isLeft = false;
  /** Most have none, and hardly any has two. */
  #onGone: (() => void)[] = none;

  constructor(taker: AnswerTaker) {
    this.#taker = taker;
  }

  get isOpen(): boolean {
    return !this.#isAnswered && !this.gone;
  }

  get gone(): boolean {
    return this.#isLeft || (!this.#isAnswered && !this.#taker.isOpen);
  }

  onGone(listener: () => void): void {
    if (this.gone) process.nextTick(listener);
    else this.#onGone = [...this.#onGone, listener];
  }

  send(answer: Answer): void {
    this.#isAnswered = true;
    this.#taker.answered(answer);
  }

  /** The client has gone; if it was answered before, nobody minds. */
  left(): void {
    if (this.#isAnswered || this.#isLeft) return;
    this.#isLeft = true;
    for (const listener of this.#onGone) listener();
  }
}
