import { checkNewAliasName } from '../aliases.ts';
import { aliasArn } from '../arn.ts';
import { aliasTurn } from '../changing.ts';
import { aliasNotFound } from '../errors.ts';
import { aliasChanges } from '../records.ts';
import type { KmsOperation } from '../service.ts';

export const deleteAlias: KmsOperation<'DeleteAlias'> = async (kms, { AliasName: aliasName }, context) => {
  checkNewAliasName(aliasName);
  await aliasTurn(kms, context, async () => {
    const alias = await kms.keys.findAlias(context, aliasName);
    if (alias === undefined) throw aliasNotFound(aliasArn(context, aliasName));
    await kms.partition.entities.write(...aliasChanges(alias, undefined));
  });
};
