/** AWS managed keys: one for each service, made when it is first asked for. */
import { parseKeyReference, type Scope } from './arn.ts';
import { aliasTurn } from './changing.ts';
import { makeKey } from './creating.ts';
import { usualRotationPeriodDays } from './limits.ts';
import { managedPolicy } from './policies.ts';
import { aliasChanges } from './records.ts';
import { nextRotation } from './rotation.ts';
import type { Kms } from './service.ts';

/** What the services' keys say of themselves. */
const descriptions: Readonly<Record<string, string>> = {
  sqs: 'Default key that protects my SQS messages when no other key is defined',
  sns: 'Default key that protects my SNS data when no other key is defined',
  kinesis: 'Default key that protects my Kinesis data when no other key is defined',
};

/** Makes the key if the reference is the alias of one that does not exist yet. */
export async function ensureManagedKey(kms: Kms, reference: string, scope: Scope): Promise<void> {
  const parsed = parseKeyReference(reference, scope);
  if (parsed.kind !== 'alias' || parsed.region !== scope.region || parsed.accountId !== scope.accountId) return;
  const { aliasName } = parsed;
  const service = /^alias\/aws\/([a-z]+)$/.exec(aliasName)?.[1] ?? '';
  const description = Object.hasOwn(descriptions, service) ? descriptions[service] : undefined;
  if (description === undefined) return;
  const { accountId, region } = scope;
  if ((await kms.keys.findAlias(scope, aliasName)) !== undefined) return;
  await aliasTurn(kms, scope, async () => {
    if ((await kms.keys.findAlias(scope, aliasName)) !== undefined) return;
    const now = kms.partition.now();
    const rotation = { periodDays: usualRotationPeriodDays, nextAt: nextRotation(now, usualRotationPeriodDays) };
    const { key, changes } = await makeKey(kms, {
      ...{ accountId, region, description, tags: {}, manager: 'AWS', rotation },
      ...{ keySpec: 'SYMMETRIC_DEFAULT', keyUsage: 'ENCRYPT_DECRYPT' },
      policyFor: () => managedPolicy(service, scope),
    });
    const alias = { accountId, region, keyId: key.keyId, aliasName, createdAt: now, updatedAt: now };
    await kms.partition.entities.write(...changes, ...aliasChanges(undefined, alias));
    kms.agenda.lookAgain();
  });
}
