import type { Bytes } from '#std/splitBytes';
import { dataKeysInMemory } from './limits.ts';
import { dataKeyIdOf, isSealed } from './sealedPayload.ts';

const dayMs = 86_400_000;

/** Which data keys have sealed something that went to another queue. It is stored once a day for each. */
export class MovedKeys {
  readonly #notedAt = new Map<string, number>();

  /** The ids of those that have sealed one of the messages, and were not noted within the last day. */
  unnoted(messages: readonly { readonly payload: Bytes }[], now: number): string[] {
    const ids = new Set<string>();
    for (const { payload } of messages) {
      if (!isSealed(payload)) continue;
      const id = dataKeyIdOf(payload);
      const notedAt = this.#notedAt.get(id);
      if (notedAt === undefined || notedAt + dayMs <= now) ids.add(id);
    }
    return [...ids];
  }

  note(ids: readonly string[], now: number): void {
    for (const id of ids) {
      const [oldest] = this.#notedAt.keys();
      if (this.#notedAt.size >= dataKeysInMemory && oldest !== undefined) this.#notedAt.delete(oldest);
      this.#notedAt.set(id, now);
    }
  }

  forget(): void {
    this.#notedAt.clear();
  }
}
