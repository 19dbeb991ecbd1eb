import type { QueuePath } from '#storage/keys';
import type { QueueHandle } from './queueHandle.ts';

/**
 * The queues that are in memory, found by the parts of their paths: to put a path together for each call, only to look for
 * it, took a tenth of a send's time where there are many queues.
 */
export class OpenQueues {
  readonly #byAccount = new Map<string, Map<string, Map<string, QueueHandle>>>();

  get(accountId: string, region: string, name: string): QueueHandle | undefined {
    return this.#byAccount.get(accountId)?.get(region)?.get(name);
  }

  set({ accountId, region, name }: QueuePath, handle: QueueHandle): void {
    const byRegion = this.#byAccount.get(accountId) ?? new Map<string, Map<string, QueueHandle>>();
    this.#byAccount.set(accountId, byRegion);
    const byName = byRegion.get(region) ?? new Map<string, QueueHandle>();
    byRegion.set(region, byName);
    byName.set(name, handle);
  }

  delete({ accountId, region, name }: QueuePath): void {
    this.#byAccount.get(accountId)?.get(region)?.delete(name);
  }

  clear(): void {
    this.#byAccount.clear();
  }

  *values(): Generator<QueueHandle> {
    for (const byRegion of this.#byAccount.values()) for (const byName of byRegion.values()) yield* byName.values();
  }
}
