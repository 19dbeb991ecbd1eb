/**
 * What services keep besides messages: topics, subscriptions, users. An entity is plain JSON under a kind and a path, and
 * the kinds and paths belong to the service. Writes resolve once they are synced; several at a time are one commit.
 */
import { asBuffer } from '#std/bytes';
import type { WriteOperation } from '#storage';
import { entityKey, entityRange, readEntityPath } from '#storage/keys';
import type { GroupCommit } from './groupCommit.ts';

/** Without a value the entity is removed. */
export interface EntityChange {
  readonly kind: string;
  readonly path: string;
  readonly value?: unknown;
}

export interface Entity<T> {
  readonly path: string;
  readonly value: T;
}

export class Entities {
  readonly #commit: GroupCommit;

  constructor(commit: GroupCommit) {
    this.#commit = commit;
  }

  /** What was written under that kind and path; the type is the writer's word. */
  async get<T>(kind: string, path: string): Promise<T | undefined> {
    const bytes = await this.#commit.get(entityKey(kind, path));
    return bytes === undefined ? undefined : (JSON.parse(asBuffer(bytes).toString()) as T);
  }

  /** In the order of their paths, of those that begin with `prefix` and follow `after`. */
  async list<T>(kind: string, prefix: string, limit: number, after?: string): Promise<Entity<T>[]> {
    const entries = await this.#commit.scan({ ...entityRange(kind, prefix, after), limit });
    return entries.map(({ key, value }) => ({
      path: readEntityPath(kind, key),
      value: JSON.parse(asBuffer(value).toString()) as T,
    }));
  }

  async write(...changes: readonly EntityChange[]): Promise<void> {
    await this.#commit.append(entityOperations(changes)).durable;
  }
}

export function entityOperations(changes: readonly EntityChange[]): WriteOperation[] {
  return changes.map(({ kind, path, value }) =>
    value === undefined
      ? { key: entityKey(kind, path) }
      : { key: entityKey(kind, path), value: Buffer.from(JSON.stringify(value)) },
  );
}
