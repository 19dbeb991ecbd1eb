import { CreateAliasCommand, DeleteAliasCommand, DescribeKeyCommand } from '@aws-sdk/client-kms';
import { describe, expect, it } from 'vitest';
import { uniqueName } from '../target.ts';
import { aliasNotFound, kms, newKey, refused } from './target.ts';

describe('DeleteAlias', () => {
  it('takes the name away and leaves the key, and the name is free [model: DeleteAlias]', async () => {
    const { KeyId } = await newKey();
    const AliasName = `alias/${uniqueName('key')}`;
    for (let time = 0; time < 2; time++) {
      await kms().send(new CreateAliasCommand({ AliasName, TargetKeyId: KeyId }));
      await kms().send(new DeleteAliasCommand({ AliasName }));
    }
    await refused('DescribeKey', { KeyId: AliasName }, aliasNotFound(AliasName));
    expect((await kms().send(new DescribeKeyCommand({ KeyId }))).KeyMetadata?.KeyState).toBe('Enabled');
  });

  it('refuses an alias that is not there [aws: operations name a missing alias]', async () => {
    await refused('DeleteAlias', { AliasName: 'alias/missing' }, aliasNotFound('alias/missing'));
  });

  it('refuses names of AWS [model: DeleteAliasRequest.AliasName]', async () => {
    const refusal = { code: 'NotAuthorizedException', message: '' };
    await refused('DeleteAlias', { AliasName: 'alias/aws/sqs' }, refusal);
  });
});
