/**
 * Lets what goes by one name happen one after the other: an operation that reads an entity, decides and writes must not
 * meet itself. Different names don't wait for each other.
 */
export class Turns {
  readonly #last = new Map<string, Promise<unknown>>();

  take<T>(name: string, act: () => Promise<T>): Promise<T> {
    const before = this.#last.get(name) ?? Promise.resolve();
    const mine = before.then(act, act);
    const ended: Promise<unknown> = mine
      .catch(() => undefined)
      .then(() => {
        if (this.#last.get(name) === ended) this.#last.delete(name);
      });
    this.#last.set(name, ended);
    return mine;
  }
}
