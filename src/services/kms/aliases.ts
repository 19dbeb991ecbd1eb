import { AwsError } from '#aws/contract';
import { parseKeyReference } from './arn.ts';
import { limitExceeded, validation } from './errors.ts';
import { checkManageable, checkNotPendingDeletion, findKey } from './finding.ts';
import * as limits from './limits.ts';
import { aliasOfKind, type KeyRecord, keyPath } from './records.ts';
import type { Kms, KmsContext } from './service.ts';

/** Of an alias that a client makes, changes or deletes: those of AWS managed keys are not theirs. */
export function checkNewAliasName(aliasName: string): void {
  if (!aliasName.startsWith('alias/')) {
    throw validation(
      'Alias must start with the prefix "alias/". Please see https://docs.aws.amazon.com/kms/latest/developerguide/kms-alias.html',
    );
  }
  // The service says no more.
  if (aliasName.startsWith('alias/aws/')) throw new AwsError('NotAuthorizedException', '');
  const name = aliasName.slice('alias/'.length);
  if (name === '' || name.includes(':')) throw validation(`${aliasName} contains invalid characters for an alias`);
}

/** The key that an alias is to stand for. */
export async function checkTarget(kms: Kms, reference: string, context: KmsContext): Promise<KeyRecord> {
  const parsed = parseKeyReference(reference, context);
  if (parsed.kind === 'alias') throw validation('Aliases must refer to keys. Not aliases');
  const key = await findKey(kms, reference, context);
  if (key.accountId !== context.accountId) throw validation('An alias and its key must be in the same account.');
  checkManageable(key, 'CreateAlias', context);
  checkNotPendingDeletion(key);
  const all = await kms.partition.entities.list(aliasOfKind, `${keyPath(key)}/`, limits.aliases);
  if (all.length >= limits.aliases) throw limitExceeded(`The key has ${limits.aliases} aliases already.`);
  return key;
}
