import type { Policy, PolicyKind } from './policy.ts';

/**
 * Compiled policies by their text. There are two generations: what is found in the older one moves to the younger, and
 * when the younger is full, the older is dropped and the younger takes its place. A policy in use is never far.
 */
export class PolicyMemory {
  readonly #policiesMax: number;
  readonly #charactersMax: number;
  #young = new Map<string, Policy>();
  #old = new Map<string, Policy>();
  #youngCharacters = 0;

  /** Both figures are for both generations together. */
  constructor(policiesMax: number, charactersMax: number) {
    this.#policiesMax = policiesMax / 2;
    this.#charactersMax = charactersMax / 2;
  }

  get size(): number {
    return this.#young.size + this.#old.size;
  }

  find(text: string, kind: PolicyKind): Policy | undefined {
    const young = this.#young.get(text);
    if (young?.kind === kind) return young;
    const old = this.#old.get(text);
    if (old?.kind !== kind) return undefined;
    this.#old.delete(text);
    this.add(text, old);
    return old;
  }

  /** A text of several kinds is rare enough to be remembered for the last only. */
  add(text: string, policy: Policy): void {
    if (text.length > this.#charactersMax) return;
    if (this.#young.size >= this.#policiesMax || this.#youngCharacters + text.length > this.#charactersMax) {
      this.#old = this.#young;
      this.#young = new Map();
      this.#youngCharacters = 0;
    }
    if (!this.#young.has(text)) this.#youngCharacters += text.length;
    this.#young.set(text, policy);
  }
}
