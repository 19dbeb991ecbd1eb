import { GetKeyPolicyCommand } from '@aws-sdk/client-kms';
import { describe, expect, it } from 'vitest';
import { signerOf } from '../target.ts';
import { refusesAbsentKeys, refusesAliases } from './keyRefusals.ts';
import { doomedKey, kms, newKey, notFound, refused } from './target.ts';

describe('GetKeyPolicy', () => {
  it('tells the default one [aws: replicate key]', async () => {
    const { KeyId } = await newKey();
    const { Policy = '', PolicyName } = await kms().send(new GetKeyPolicyCommand({ KeyId, PolicyName: 'default' }));
    expect(PolicyName).toBe('default');
    expect(JSON.parse(Policy)).toEqual({
      Version: '2012-10-17',
      Id: 'key-default-1',
      Statement: [
        {
          Sid: 'Enable IAM User Permissions',
          Effect: 'Allow',
          Principal: { AWS: `arn:aws:iam::${signerOf('kms').accessKeyId}:root` },
          Action: 'kms:*',
          Resource: '*',
        },
      ],
    });
  });

  it('needs no name, and takes keys in any state [model: GetKeyPolicyRequest.PolicyName]', async () => {
    const { KeyId } = await doomedKey();
    expect((await kms().send(new GetKeyPolicyCommand({ KeyId }))).Policy).toContain('key-default-1');
  });

  it('refuses other names [model: GetKeyPolicyRequest.PolicyName]', async () => {
    const { KeyId } = await newKey();
    await refused('GetKeyPolicy', { KeyId, PolicyName: 'other' }, notFound('No such policy exists'));
  });

  refusesAbsentKeys('GetKeyPolicy', (KeyId) => ({ KeyId, PolicyName: 'default' }));
  refusesAliases('GetKeyPolicy', (KeyId) => ({ KeyId, PolicyName: 'default' }));
});
