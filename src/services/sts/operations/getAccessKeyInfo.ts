import { accountIdOfKey } from '#access';
import { validationError } from '../errors.ts';
import type { StsOperation } from '../service.ts';

/** Keys that were made here name their account; so do AWS's. */
export const getAccessKeyInfo: StsOperation<'GetAccessKeyInfo'> = async ({ principals }, { AccessKeyId }) => {
  const Account = (await principals.accountOfKey(AccessKeyId)) ?? accountIdOfKey(AccessKeyId);
  if (Account === undefined) throw validationError(`The access key id ${AccessKeyId} names no account.`);
  return { Account };
};
