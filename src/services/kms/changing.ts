import type { EntityChange } from '#runtime';
import type { Scope } from './arn.ts';
import { keyArn } from './arn.ts';
import { keyNotFound } from './errors.ts';
import { checkManageable, findKeyItself } from './finding.ts';
import { type KeyPath, type KeyRecord, keyChanges, keyPath } from './records.ts';
import type { Kms, KmsContext } from './service.ts';

/** What becomes of a key, and what else is written with it; undefined if it stays as it is. */
export type KeyChange = { readonly key: KeyRecord; readonly also?: readonly EntityChange[] } | undefined;

/**
 * Reads a key, decides and writes, while nobody else changes it. `decide` refuses by throwing. Gives the key as it is then.
 */
export async function changeKey(
  kms: Kms,
  { reference, operation }: { readonly reference: string; readonly operation: string },
  context: KmsContext,
  decide: (key: KeyRecord) => KeyChange | Promise<KeyChange>,
): Promise<KeyRecord> {
  const found = await findKeyItself(kms, reference, context);
  checkManageable(found, operation, context);
  return changeKeyAt(kms, found, decide);
}

/** The same for a key that is known already; it may be gone since. */
export function changeKeyAt(
  kms: Kms,
  path: KeyPath,
  decide: (key: KeyRecord) => KeyChange | Promise<KeyChange>,
): Promise<KeyRecord> {
  return kms.turns.take(keyPath(path), async () => {
    const before = await kms.keys.find(path);
    if (before === undefined) throw keyNotFound(keyArn(path));
    const change = await decide(before);
    if (change === undefined) return before;
    await kms.partition.entities.write(...keyChanges(before, change.key), ...(change.also ?? []));
    kms.agenda.lookAgain();
    return change.key;
  });
}

/** Lets the aliases of an account and region change one at a time. */
export function aliasTurn<T>(kms: Kms, { accountId, region }: Scope, act: () => Promise<T>): Promise<T> {
  return kms.turns.take(`${accountId}/${region}`, act);
}
