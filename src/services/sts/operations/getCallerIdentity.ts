import { callerOf, type StsOperation } from '../service.ts';

/** Needs no permission. Without signatures everybody is the root of the account that the access key names. */
export const getCallerIdentity: StsOperation<'GetCallerIdentity'> = (_sts, _input, context) => {
  const { accountId, userId, arn } = callerOf(context);
  return { Account: accountId, UserId: userId, Arn: arn };
};
