import { invalidGrantId } from './errors.ts';
import { findGrant } from './grants.ts';
import { grantChanges, grantNameKind, type KeyPath, keyChanges, keyPath } from './records.ts';
import type { Kms } from './service.ts';

/** Ends a grant, whoever does it; `isDryRun`: only looks whether it is there. */
export async function removeGrant(
  kms: Kms,
  named: { readonly key: KeyPath; readonly grantId: string },
  isDryRun: boolean,
): Promise<void> {
  await kms.turns.take(keyPath(named.key), async () => {
    const grant = await findGrant(kms, named);
    if (grant === undefined) throw invalidGrantId();
    if (isDryRun) return;
    const { entities } = kms.partition;
    const namePath = `${keyPath(named.key)}/${grant.name}`;
    const isNamesake = (await entities.get<string>(grantNameKind, namePath)) === grant.grantId;
    const key = await kms.keys.find(named.key);
    const counted = key === undefined ? [] : keyChanges(key, { ...key, grantCount: key.grantCount - 1 });
    await entities.write(...counted, ...grantChanges(grant, 'remove', isNamesake));
  });
}
