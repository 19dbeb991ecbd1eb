import { CreateAliasCommand, DecryptCommand, EncryptCommand, ListAliasesCommand } from '@aws-sdk/client-kms';
import { describe, expect, it } from 'vitest';
import { uniqueName } from '../target.ts';
import { callKms } from './jsonCall.ts';
import { refusesAbsentKeys, refusesDoomedKeys } from './keyRefusals.ts';
import { aliasArnOf, kms, newKey, plaintext, refused, validation, violated } from './target.ts';

const newName = () => `alias/${uniqueName('key')}`;

describe('CreateAlias', () => {
  it('gives a key a name that can be used for it [model: CreateAlias]', async () => {
    const { KeyId, Arn } = await newKey();
    const AliasName = newName();
    await kms().send(new CreateAliasCommand({ AliasName, TargetKeyId: Arn }));
    for (const name of [AliasName, aliasArnOf(AliasName)]) {
      const { CiphertextBlob, KeyId: used } = await kms().send(
        new EncryptCommand({ KeyId: name, Plaintext: plaintext }),
      );
      expect(used).toBe(Arn);
      const opened = await kms().send(new DecryptCommand({ CiphertextBlob, KeyId: name }));
      expect(Buffer.from(opened.Plaintext ?? [])).toEqual(plaintext);
    }
    const { Aliases } = await kms().send(new ListAliasesCommand({ KeyId }));
    expect(Aliases).toEqual([
      {
        ...{ AliasName, AliasArn: aliasArnOf(AliasName), TargetKeyId: KeyId },
        ...{ CreationDate: expect.any(Date), LastUpdatedDate: expect.any(Date) },
      },
    ]);
  });

  it('lets one of many at a time win [posthorn: turns]', async () => {
    const { KeyId: TargetKeyId } = await newKey();
    const AliasName = newName();
    const answers = await Promise.all([1, 2, 3, 4].map(() => callKms('CreateAlias', { AliasName, TargetKeyId })));
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 400, 400, 400]);
  });

  it('refuses a name that is taken [aws: create alias]', async () => {
    const { KeyId: TargetKeyId } = await newKey();
    const AliasName = newName();
    await kms().send(new CreateAliasCommand({ AliasName, TargetKeyId }));
    const message = `An alias with the name ${aliasArnOf(AliasName)} already exists`;
    await refused('CreateAlias', { AliasName, TargetKeyId }, { code: 'AlreadyExistsException', message });
  });

  it('refuses a name without the prefix [aws: create alias]', async () => {
    const { KeyId: TargetKeyId } = await newKey();
    const message =
      'Alias must start with the prefix "alias/". Please see https://docs.aws.amazon.com/kms/latest/developerguide/kms-alias.html';
    await refused('CreateAlias', { AliasName: 'name', TargetKeyId }, validation(message));
  });

  it.each(['alias/', 'alias/a:b'])('refuses the name %s [model: CreateAliasRequest.AliasName]', async (AliasName) => {
    const { KeyId: TargetKeyId } = await newKey();
    const message = `${AliasName} contains invalid characters for an alias`;
    await refused('CreateAlias', { AliasName, TargetKeyId }, validation(message));
  });

  it('refuses characters that names have not [model: AliasNameType]', async () => {
    const constraint = 'Member must satisfy regular expression pattern: ^[a-zA-Z0-9:/_-]+$';
    const input = { AliasName: 'alias/a b', TargetKeyId: 'x' };
    await refused('CreateAlias', input, violated("'alias/a b'", 'aliasName', constraint));
  });

  it('refuses names of AWS [model: CreateAliasRequest.AliasName]', async () => {
    const { KeyId: TargetKeyId } = await newKey();
    const refusal = { code: 'NotAuthorizedException', message: '' };
    await refused('CreateAlias', { AliasName: 'alias/aws/mine', TargetKeyId }, refusal);
  });

  it('refuses another alias as its key [model: CreateAliasRequest.TargetKeyId]', async () => {
    const input = { AliasName: newName(), TargetKeyId: 'alias/x' };
    await refused('CreateAlias', input, validation('Aliases must refer to keys. Not aliases'));
  });

  it('refuses the 51st of a key [facts: Resource quotas]', async () => {
    const { KeyId: TargetKeyId } = await newKey();
    for (let made = 0; made < 50; made++) {
      await kms().send(new CreateAliasCommand({ AliasName: newName(), TargetKeyId }));
    }
    const message = 'The key has 50 aliases already.';
    await refused('CreateAlias', { AliasName: newName(), TargetKeyId }, { code: 'LimitExceededException', message });
  });

  const inputFor = (TargetKeyId: string) => ({ AliasName: newName(), TargetKeyId });
  refusesAbsentKeys('CreateAlias', inputFor);
  refusesDoomedKeys('CreateAlias', inputFor);
});
