import { checkNewAliasName, checkTarget } from '../aliases.ts';
import { aliasArn } from '../arn.ts';
import { aliasTurn } from '../changing.ts';
import { alreadyExists } from '../errors.ts';
import { aliasChanges } from '../records.ts';
import type { KmsOperation } from '../service.ts';

export const createAlias: KmsOperation<'CreateAlias'> = async (kms, input, context) => {
  const { AliasName: aliasName, TargetKeyId: reference } = input;
  checkNewAliasName(aliasName);
  await aliasTurn(kms, context, async () => {
    const { accountId, region } = context;
    if ((await kms.keys.findAlias(context, aliasName)) !== undefined) {
      throw alreadyExists(`An alias with the name ${aliasArn(context, aliasName)} already exists`);
    }
    const { keyId } = await checkTarget(kms, reference, context);
    const now = kms.partition.now();
    const alias = { accountId, region, keyId, aliasName, createdAt: now, updatedAt: now };
    await kms.partition.entities.write(...aliasChanges(undefined, alias));
  });
};
