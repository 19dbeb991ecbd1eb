/** Key policies: the default one, AWS managed keys' one, and what is asked of those that clients write. */
import { decide, type Identity, MalformedPolicy, type Policy, parsePolicy } from '#access';
import { rootArn, type Scope } from './arn.ts';
import { malformedPolicy } from './errors.ts';
import * as limits from './limits.ts';
import type { KmsContext } from './service.ts';

const version = '2012-10-17';

/** Leaves it to the account's IAM policies who may do what. */
export function defaultPolicy(accountId: string): string {
  return pretty({
    Version: version,
    Id: 'key-default-1',
    Statement: [
      {
        Sid: 'Enable IAM User Permissions',
        Effect: 'Allow',
        Principal: { AWS: rootArn(accountId) },
        Action: 'kms:*',
        Resource: '*',
      },
    ],
  });
}

/** Whoever of the account may use the service may use its key, through the service only. */
export function managedPolicy(service: string, { accountId, region }: Scope): string {
  return pretty({
    Version: version,
    Id: `auto-${service}-1`,
    Statement: [
      {
        Sid: `Allow access through ${service.toUpperCase()} for all principals in the account that are authorized to use it`,
        Effect: 'Allow',
        Principal: { AWS: '*' },
        Action: [
          'kms:Encrypt',
          'kms:Decrypt',
          'kms:ReEncrypt*',
          'kms:GenerateDataKey*',
          'kms:CreateGrant',
          'kms:DescribeKey',
        ],
        Resource: '*',
        Condition: {
          StringEquals: { 'kms:CallerAccount': accountId, 'kms:ViaService': `${service}.${region}.amazonaws.com` },
        },
      },
      {
        Sid: 'Allow direct access to key metadata to the account',
        Effect: 'Allow',
        Principal: { AWS: rootArn(accountId) },
        Action: ['kms:Describe*', 'kms:Get*', 'kms:List*', 'kms:RevokeGrant'],
        Resource: '*',
      },
    ],
  });
}

/** Refuses what is no key policy, and one after which the caller could not change it again. */
export function checkPolicy(text: string, keyArn: string, context: KmsContext, mayLockOut: boolean): void {
  if (Buffer.byteLength(text) > limits.keyPolicy) throw malformedPolicy('The policy is too long.');
  const policy = readPolicy(text);
  if (mayLockOut) return;
  const { accountId, region } = context;
  const request = {
    action: 'kms:PutKeyPolicy',
    resource: keyArn,
    resourceAccountId: accountId,
    context: { 'kms:CallerAccount': accountId, 'aws:RequestedRegion': region },
  };
  const { effect } = decide(context.caller ?? rootOf(accountId), request, policy, { rule: 'key' });
  if (effect === 'allowed') return;
  throw malformedPolicy('The new key policy will not allow you to update the key policy in the future.');
}

export function readPolicy(text: string): Policy {
  try {
    return parsePolicy(text, 'key');
  } catch (error) {
    if (error instanceof MalformedPolicy) throw malformedPolicy(error.message);
    throw error;
  }
}

/** Who calls where signatures are not enforced. */
export function rootOf(accountId: string): Identity {
  const arn = rootArn(accountId);
  return { principal: { kind: 'root', accountId, arn, userId: accountId, context: {} }, policies: [] };
}

function pretty(policy: object): string {
  return JSON.stringify(policy, null, 2);
}
