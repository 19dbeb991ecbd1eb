import { checkNewAliasName, checkTarget } from '../aliases.ts';
import { aliasArn } from '../arn.ts';
import { aliasTurn } from '../changing.ts';
import { aliasNotFound, validation } from '../errors.ts';
import { aliasChanges } from '../records.ts';
import type { KmsOperation } from '../service.ts';

export const updateAlias: KmsOperation<'UpdateAlias'> = async (kms, input, context) => {
  const { AliasName: aliasName, TargetKeyId: reference } = input;
  checkNewAliasName(aliasName);
  await aliasTurn(kms, context, async () => {
    const before = await kms.keys.findAlias(context, aliasName);
    if (before === undefined) throw aliasNotFound(aliasArn(context, aliasName));
    const [current, target] = [await kms.keys.find(before), await checkTarget(kms, reference, context)];
    const isAlike = (part: 'keyUsage' | 'keySpec') => current?.[part].slice(0, 3) === target[part].slice(0, 3);
    // Whoever uses the alias must be able to go on as before: a symmetric key, RSA, a curve or an HMAC stays one.
    if (current !== undefined && !(current.keyUsage === target.keyUsage && isAlike('keySpec'))) {
      throw validation('The current and new KMS keys must be of the same type and have the same key usage.');
    }
    const alias = { ...before, keyId: target.keyId, updatedAt: kms.partition.now() };
    await kms.partition.entities.write(...aliasChanges(before, alias));
  });
};
