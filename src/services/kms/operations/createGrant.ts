import { randomBytes } from 'node:crypto';
import { keyArn, rootArn } from '../arn.ts';
import { dryRun, keyNotFound, limitExceeded } from '../errors.ts';
import { checkEnabled, checkManageable, findKeyItself } from '../finding.ts';
import { readNewGrant } from '../grantRules.ts';
import { checkGrantTokens, findGrant, grantToken, isSameGrant } from '../grants.ts';
import * as limits from '../limits.ts';
import { type GrantRecord, grantChanges, grantNameKind, type KeyRecord, keyChanges, keyPath } from '../records.ts';
import type { Kms, KmsOperation } from '../service.ts';

/** With a name, the same grant twice is one; its tokens differ. */
export const createGrant: KmsOperation<'CreateGrant'> = async (kms, input, context) => {
  checkGrantTokens(kms, input.GrantTokens);
  const found = await findKeyItself(kms, input.KeyId, context);
  checkManageable(found, 'CreateGrant', context);
  return kms.turns.take(keyPath(found), async () => {
    const key = await kms.keys.find(found);
    if (key === undefined) throw keyNotFound(keyArn(found));
    checkEnabled(key);
    const grant: GrantRecord = {
      ...readNewGrant(input, key),
      key: { accountId: key.accountId, region: key.region, keyId: key.keyId },
      grantId: randomBytes(32).toString('hex'),
      createdAt: kms.partition.now(),
      issuingAccount: rootArn(context.accountId),
    };
    const existing = await findSame(kms, grant, key);
    if (input.DryRun === true) throw dryRun();
    if (existing === undefined) {
      if (key.grantCount >= limits.grants) throw limitExceeded(`The key has ${limits.grants} grants already.`);
      const counted = { ...key, grantCount: key.grantCount + 1 };
      await kms.partition.entities.write(...keyChanges(key, counted), ...grantChanges(grant, 'put'));
    }
    const answered = existing ?? grant;
    return { GrantToken: grantToken(kms, answered), GrantId: answered.grantId };
  });
};

async function findSame(kms: Kms, grant: GrantRecord, key: KeyRecord): Promise<GrantRecord | undefined> {
  if (grant.name === '') return undefined;
  const grantId = await kms.partition.entities.get<string>(grantNameKind, `${keyPath(key)}/${grant.name}`);
  const existing = grantId === undefined ? undefined : await findGrant(kms, { key, grantId });
  return existing !== undefined && isSameGrant(existing, grant) ? existing : undefined;
}
