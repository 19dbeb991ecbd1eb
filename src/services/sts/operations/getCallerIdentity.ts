import type { CallContext } from '#aws/contract';
import type { StsOperations } from '#aws/generated/sts';

/** Without signatures everybody is the root of the account that the access key names. */
export function getCallerIdentity(
  _input: StsOperations['GetCallerIdentity']['input'],
  { accountId }: CallContext,
): StsOperations['GetCallerIdentity']['output'] {
  return { Account: accountId, UserId: accountId, Arn: `arn:aws:iam::${accountId}:root` };
}
