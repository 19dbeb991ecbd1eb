import { copiesInOneTurn } from './limits.ts';

/** Publishes that arrive together would keep the event loop together: those of one turn share what one turn may take. */
export class Pace {
  #taken = 0;

  /** Resolves in a turn that has room for so many copies. */
  async enter(copies: number): Promise<void> {
    while (this.#taken > 0 && this.#taken + copies > copiesInOneTurn) {
      await new Promise((resolve) => setImmediate(resolve));
    }
    if (this.#taken === 0) {
      setImmediate(() => {
        this.#taken = 0;
      });
    }
    this.#taken += copies;
  }
}
