import type { ReadFile } from './disk.ts';

/**
 * Keeps the files open that were read last, so that a store of thousands of tables needs some hundred descriptors. What
 * had to be closed is opened again when it is read.
 */
export class OpenFiles {
  readonly #most: number;
  /** From the one whose use is longest ago. */
  readonly #files = new Map<object, ReadFile>();
  #latest: object | undefined;

  constructor(most: number) {
    this.#most = most;
  }

  get count(): number {
    return this.#files.size;
  }

  fileOf(owner: object, open: () => ReadFile): ReadFile {
    const known = this.#files.get(owner);
    if (known !== undefined && owner === this.#latest) return known;
    if (known === undefined && this.#files.size >= this.#most) this.#closeOldest();
    const file = known ?? open();
    this.#files.delete(owner);
    this.#files.set(owner, file);
    this.#latest = owner;
    return file;
  }

  close(owner: object): void {
    const file = this.#files.get(owner);
    this.#files.delete(owner);
    file?.close();
  }

  #closeOldest(): void {
    for (const owner of this.#files.keys()) {
      this.close(owner);
      return;
    }
  }
}
