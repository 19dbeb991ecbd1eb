import type { EntityChange, Partition } from '#runtime';
import { lastUsedIntervalMs } from './limits.ts';
import { type LastUsedRecord, lastUsedKind } from './records.ts';

/**
 * When keys and roles were last used. Memory is exact; the store follows at most once a minute, so that a busy key costs no
 * write a request, and what a crash loses is a minute.
 */
export class LastUsed {
  readonly #partition: Partition;
  readonly #report: (error: Error) => void;
  readonly #known = new Map<string, LastUsedRecord & { readonly writtenAt: number }>();

  constructor(partition: Partition, report: (error: Error) => void) {
    this.#partition = partition;
    this.#report = report;
  }

  /** `path` is `key/<access key id>` or `role/<role id>`. */
  mark(path: string, region: string, service: string): void {
    // As IAM's dates have it, without fractions.
    const at = Math.floor(this.#partition.now() / 1000) * 1000;
    const before = this.#known.get(path);
    // Most requests of a second say the same.
    if (before?.at === at && before.service === service && before.region === region) return;
    const isDue = before === undefined || at - before.writtenAt >= lastUsedIntervalMs;
    const record: LastUsedRecord = { at, region, service };
    this.#known.set(path, { ...record, writtenAt: isDue ? at : before.writtenAt });
    if (!isDue) return;
    this.#partition.entities.write({ kind: lastUsedKind, path, value: record }).catch((error: Error) => {
      this.#known.delete(path);
      this.#report(error);
    });
  }

  async get(path: string): Promise<LastUsedRecord | undefined> {
    return this.#known.get(path) ?? this.#partition.entities.get<LastUsedRecord>(lastUsedKind, path);
  }

  /** The change has to be committed with what it belonged to. */
  remove(path: string): EntityChange {
    this.#known.delete(path);
    return { kind: lastUsedKind, path };
  }
}
