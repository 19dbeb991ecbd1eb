import { GetKeyPolicyCommand, PutKeyPolicyCommand } from '@aws-sdk/client-kms';
import { describe, expect, it } from 'vitest';
import { signerOf } from '../target.ts';
import { callKms } from './jsonCall.ts';
import { refusesAbsentKeys, refusesAliases } from './keyRefusals.ts';
import { kms, newKey, refused, unsupported } from './target.ts';

const root = `arn:aws:iam::${signerOf('kms').accessKeyId}:root`;
const policy = (statement: object = {}) =>
  JSON.stringify({
    Version: '2012-10-17',
    Statement: [{ Effect: 'Allow', Principal: { AWS: root }, Action: 'kms:*', Resource: '*', ...statement }],
  });
const lockout = {
  code: 'MalformedPolicyDocumentException',
  message: 'The new key policy will not allow you to update the key policy in the future.',
};

describe('PutKeyPolicy', () => {
  it('replaces the policy [model: PutKeyPolicy]', async () => {
    const { KeyId } = await newKey();
    await kms().send(new PutKeyPolicyCommand({ KeyId, PolicyName: 'default', Policy: policy({ Sid: 'mine' }) }));
    const { Policy = '' } = await kms().send(new GetKeyPolicyCommand({ KeyId }));
    expect(JSON.parse(Policy)).toEqual(JSON.parse(policy({ Sid: 'mine' })));
  });

  it.each([
    ['allows too little', { Action: ['kms:Encrypt', 'kms:Decrypt'] }],
    ['allows somebody else', { Principal: { AWS: 'arn:aws:iam::444455556666:root' } }],
    ['denies', { Effect: 'Deny' }],
  ])(
    'refuses a policy that %s, unless that is meant [model: PutKeyPolicyRequest.BypassPolicyLockoutSafetyCheck]',
    async (_, statement) => {
      const { KeyId } = await newKey();
      const input = { KeyId, PolicyName: 'default', Policy: policy(statement) };
      await refused('PutKeyPolicy', input, lockout);
      await kms().send(new PutKeyPolicyCommand({ ...input, BypassPolicyLockoutSafetyCheck: true }));
      expect((await kms().send(new GetKeyPolicyCommand({ KeyId }))).Policy).toBe(input.Policy);
    },
  );

  it('refuses what is no policy [model: MalformedPolicyDocumentException]', async () => {
    const { KeyId } = await newKey();
    for (const Policy of ['x', '{"Statement":7}', policy({ Effect: 'Perhaps' }), policy({ Principal: undefined })]) {
      expect((await callKms('PutKeyPolicy', { KeyId, Policy })).code).toBe('MalformedPolicyDocumentException');
    }
  });

  it('refuses more than 32 KiB [facts: Resource quotas]', async () => {
    const { KeyId } = await newKey();
    const Policy = policy({ Sid: 'x'.repeat(32_768) });
    expect((await callKms('PutKeyPolicy', { KeyId, Policy })).code).toBe('MalformedPolicyDocumentException');
  });

  it('refuses other names [model: PutKeyPolicyRequest.PolicyName]', async () => {
    const { KeyId } = await newKey();
    const input = { KeyId, PolicyName: 'other', Policy: policy() };
    await refused('PutKeyPolicy', input, unsupported('Only default policy is supported'));
  });

  refusesAbsentKeys('PutKeyPolicy', (KeyId) => ({ KeyId, Policy: policy() }));
  refusesAliases('PutKeyPolicy', (KeyId) => ({ KeyId, Policy: policy() }));
});
