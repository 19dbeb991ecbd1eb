import type { EntityChange } from '#runtime';
import { removedAtOnce } from './limits.ts';
import {
  type AliasRecord,
  aliasChanges,
  aliasOfKind,
  type GrantRecord,
  grantChanges,
  grantKind,
  type KeyPath,
  keyChanges,
  keyPath,
  materialKind,
} from './records.ts';
import type { Kms } from './service.ts';

/** Removes the key for good, if its time has come: nothing that it has encrypted can be read any more. */
export async function deleteIfDue(kms: Kms, path: KeyPath): Promise<void> {
  await kms.turns.take(keyPath(path), async () => {
    const key = await kms.keys.find(path);
    const isDue = key?.state === 'PendingDeletion' && (key.deletionAt ?? 0) <= kms.partition.now();
    if (key === undefined || !isDue) return;
    const { entities } = kms.partition;
    const prefix = `${keyPath(path)}/`;
    await removeAll(kms, grantKind, prefix, (grant: GrantRecord) => grantChanges(grant, 'remove'));
    await removeAll(kms, aliasOfKind, prefix, (alias: AliasRecord) => aliasChanges(alias, undefined));
    await removeAll(kms, materialKind, `${path.keyId}/`, () => []);
    // Last, so that a crash in between leaves a key whose deletion is due.
    await entities.write(...keyChanges(key, undefined));
  });
}

async function removeAll<T>(
  { partition: { entities } }: Kms,
  kind: string,
  prefix: string,
  changes: (value: T) => EntityChange[],
): Promise<void> {
  for (;;) {
    const page = await entities.list<T>(kind, prefix, removedAtOnce);
    if (page.length === 0) return;
    await entities.write(...page.flatMap(({ path, value }) => [{ kind, path }, ...changes(value)]));
  }
}
