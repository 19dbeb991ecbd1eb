import type { Account } from './accounts.ts';
import { awsAccount, parseArn } from './arn.ts';
import { callerArn } from './caller.ts';
import { accessDenied, noSuchEntity, notAttachable, policyNotFound, validationError } from './errors.ts';
import type { PolicyRecord } from './records.ts';
import type { IamCall } from './service.ts';

/** Managed policies by their ARNs; who asks decides how an absent one is refused. */

export function findPolicy(account: Account, arn: string): PolicyRecord {
  const policy = knownPolicy(account, arn);
  if (policy === undefined) throw policyNotFound(arn);
  return policy;
}

export function attachablePolicy(account: Account, arn: string): PolicyRecord {
  const policy = knownPolicy(account, arn);
  if (policy === undefined) throw notAttachable(`Policy ${arn}`);
  return policy;
}

/** The ARN, if it is one of a policy that can be a boundary. */
export function checkBoundary(account: Account, arn: string): string {
  if (knownPolicy(account, arn) === undefined)
    throw noSuchEntity(`Scope ARN: ${arn} does not exist or is not attachable.`);
  return arn;
}

/** AWS's policies can be attached, and not be changed. */
export function findOwnPolicy(arn: string, operation: string, call: IamCall): PolicyRecord {
  const policy = findPolicy(call.account, arn);
  refuseAws(arn, operation, call);
  return policy;
}

export function refuseAws(arn: string, operation: string, call: IamCall): void {
  if (parseArn(arn)?.accountId !== awsAccount) return;
  throw accessDenied(
    `User: ${callerArn(call)} is not authorized to perform: iam:${operation} on resource: policy ${arn}`,
  );
}

function knownPolicy(account: Account, arn: string): PolicyRecord | undefined {
  const parsed = parseArn(arn);
  if (parsed?.type !== 'policy') throw validationError(`ARN ${arn} is not valid.`);
  return account.policy(arn);
}
