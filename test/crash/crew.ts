/** Clients that act all at once, each again and again, until their server is gone. */
import { ConnectionLost } from './sqsClient.ts';

export class Crew {
  readonly #onAnswer: () => void;
  readonly #loops: (() => Promise<void>)[] = [];
  #stopped = false;
  /** Wakes who waits for something to do. */
  #wake: (() => void)[] = [];

  /** `onAnswer` is told of every act that was answered. */
  constructor(onAnswer: () => void) {
    this.#onAnswer = onAnswer;
  }

  /** So many clients that do nothing else. */
  add(count: number, act: () => Promise<void>): void {
    for (let i = 0; i < count; i++) this.#loops.push(act);
  }

  /** Resolves when every client has lost its connection; rejects when one was answered what it never should be. */
  async run(): Promise<void> {
    await Promise.all(this.#loops.map((act) => this.#untilGone(act)));
  }

  /** For a client that has nothing to do: until another one has done something. */
  somethingHappens(): Promise<void> {
    if (this.#stopped) return Promise.resolve();
    return new Promise((resolve) => {
      this.#wake.push(resolve);
    });
  }

  /** Something has happened. */
  wakeAll(): void {
    for (const wake of this.#wake.splice(0)) wake();
  }

  async #untilGone(act: () => Promise<void>): Promise<void> {
    try {
      while (!this.#stopped) {
        await act();
        this.#onAnswer();
      }
    } catch (error) {
      if (!(error instanceof ConnectionLost)) throw error;
    } finally {
      this.#stopped = true;
      this.wakeAll();
    }
  }
}
