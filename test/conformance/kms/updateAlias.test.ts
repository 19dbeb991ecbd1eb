import { CreateAliasCommand, DescribeKeyCommand, ListAliasesCommand, UpdateAliasCommand } from '@aws-sdk/client-kms';
import { beforeAll, describe, expect, it } from 'vitest';
import { uniqueName } from '../target.ts';
import { callKms } from './jsonCall.ts';
import { refusesAbsentKeys, refusesDoomedKeys } from './keyRefusals.ts';
import { aliasNotFound, kms, macKey, newKey, refused } from './target.ts';

async function newAlias(TargetKeyId: string): Promise<string> {
  const AliasName = `alias/${uniqueName('key')}`;
  await kms().send(new CreateAliasCommand({ AliasName, TargetKeyId }));
  return AliasName;
}

describe('UpdateAlias', () => {
  it('lets the name stand for another key [model: UpdateAlias]', async () => {
    const [before, after] = [await newKey(), await newKey()];
    const AliasName = await newAlias(before.KeyId);
    await kms().send(new UpdateAliasCommand({ AliasName, TargetKeyId: after.KeyId }));
    const { KeyMetadata } = await kms().send(new DescribeKeyCommand({ KeyId: AliasName }));
    expect(KeyMetadata?.KeyId).toBe(after.KeyId);
    const aliasesOf = async (KeyId: string) => (await kms().send(new ListAliasesCommand({ KeyId }))).Aliases;
    expect(await aliasesOf(before.KeyId)).toEqual([]);
    expect(await aliasesOf(after.KeyId)).toMatchObject([{ AliasName }]);
  });

  it('refuses an alias that is not there [aws: operations name a missing alias]', async () => {
    const { KeyId: TargetKeyId } = await newKey();
    await refused('UpdateAlias', { AliasName: 'alias/missing', TargetKeyId }, aliasNotFound('alias/missing'));
  });

  it('refuses a key of another kind [aws: update alias returns validation for incompatible key usage]', async () => {
    const AliasName = await newAlias((await newKey()).KeyId);
    const { KeyId: TargetKeyId } = await macKey();
    expect((await callKms('UpdateAlias', { AliasName, TargetKeyId })).code).toBe('ValidationException');
  });

  it('refuses names of AWS [model: UpdateAliasRequest.AliasName]', async () => {
    const { KeyId: TargetKeyId } = await newKey();
    const refusal = { code: 'NotAuthorizedException', message: '' };
    await refused('UpdateAlias', { AliasName: 'alias/aws/sqs', TargetKeyId }, refusal);
  });

  describe('to keys that it can not be for', () => {
    let AliasName = '';
    beforeAll(async () => {
      AliasName = await newAlias((await newKey()).KeyId);
    });
    const inputFor = (TargetKeyId: string) => ({ AliasName, TargetKeyId });
    refusesAbsentKeys('UpdateAlias', inputFor);
    refusesDoomedKeys('UpdateAlias', inputFor);
  });
});
