import { CreateKeyCommand, GetKeyPolicyCommand, type KeySpec, ListResourceTagsCommand } from '@aws-sdk/client-kms';
import { describe, expect, it } from 'vitest';
import { describeOurs, signerOf } from '../target.ts';
import { callKms } from './jsonCall.ts';
import { arnOf, kms, newKey, refused, unsupported, validation, violated } from './target.ts';

const { accessKeyId: accountId } = signerOf('kms');

describe('CreateKey', () => {
  it('makes a symmetric key [aws: create key]', async () => {
    const key = await newKey({ Description: 'test key 123' });
    expect(key).toEqual({
      AWSAccountId: accountId,
      Arn: arnOf(key.KeyId),
      CreationDate: expect.any(Date),
      CurrentKeyMaterialId: expect.stringMatching(/^[0-9a-f]{64}$/),
      CustomerMasterKeySpec: 'SYMMETRIC_DEFAULT',
      Description: 'test key 123',
      Enabled: true,
      EncryptionAlgorithms: ['SYMMETRIC_DEFAULT'],
      KeyId: expect.stringMatching(/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/),
      KeyManager: 'CUSTOMER',
      KeySpec: 'SYMMETRIC_DEFAULT',
      KeyState: 'Enabled',
      KeyUsage: 'ENCRYPT_DECRYPT',
      MultiRegion: false,
      Origin: 'AWS_KMS',
    });
  });

  it('makes an HMAC key [aws: hmac create key]', async () => {
    const key = await newKey({ KeySpec: 'HMAC_256', KeyUsage: 'GENERATE_VERIFY_MAC' });
    expect(key).toMatchObject({ MacAlgorithms: ['HMAC_SHA_256'], CustomerMasterKeySpec: 'HMAC_256' });
    expect(key).not.toHaveProperty('EncryptionAlgorithms');
    expect(key).not.toHaveProperty('SigningAlgorithms');
    expect(key).not.toHaveProperty('CurrentKeyMaterialId');
  });

  it.each<[KeySpec, 'SIGN_VERIFY' | 'ENCRYPT_DECRYPT', string[]]>([
    ['ECC_NIST_P256', 'SIGN_VERIFY', ['ECDSA_SHA_256']],
    ['ECC_NIST_P384', 'SIGN_VERIFY', ['ECDSA_SHA_384']],
    ['ECC_NIST_P521', 'SIGN_VERIFY', ['ECDSA_SHA_512']],
    ['ECC_SECG_P256K1', 'SIGN_VERIFY', ['ECDSA_SHA_256']],
    ['RSA_2048', 'ENCRYPT_DECRYPT', ['RSAES_OAEP_SHA_1', 'RSAES_OAEP_SHA_256']],
  ])('makes %s for %s [model: CreateKeyRequest.KeySpec]', async (KeySpec, KeyUsage, algorithms) => {
    const { SigningAlgorithms, EncryptionAlgorithms } = await newKey({ KeySpec, KeyUsage });
    expect(SigningAlgorithms ?? EncryptionAlgorithms).toEqual(algorithms);
  });

  it('takes the old name of the key spec [model: CreateKeyRequest.CustomerMasterKeySpec]', async () => {
    const key = await newKey({ CustomerMasterKeySpec: 'HMAC_512', KeyUsage: 'GENERATE_VERIFY_MAC' });
    expect(key.KeySpec).toBe('HMAC_512');
  });

  it('keeps tags [model: CreateKeyRequest.Tags]', async () => {
    const Tags = [{ TagKey: 'a', TagValue: 'b' }];
    const { KeyId } = await newKey({ Tags });
    expect((await kms().send(new ListResourceTagsCommand({ KeyId }))).Tags).toEqual(Tags);
  });

  it('writes dates as seconds [model: DateType]', async () => {
    const { output, contentType } = await callKms('CreateKey', {});
    expect(contentType).toBe('application/x-amz-json-1.1');
    const { CreationDate } = output.KeyMetadata as { CreationDate: number };
    expect(CreationDate).toBeGreaterThan(1_600_000_000);
    expect(CreationDate).toBeLessThan(100_000_000_000);
  });

  it('refuses a usage that the spec has not [model: CreateKeyRequest.KeyUsage]', async () => {
    await refused(
      'CreateKey',
      { KeySpec: 'ECC_NIST_P256', KeyUsage: 'ENCRYPT_DECRYPT' },
      incompatible('ENCRYPT_DECRYPT', 'ECC_NIST_P256'),
    );
    await refused('CreateKey', { KeyUsage: 'SIGN_VERIFY' }, incompatible('SIGN_VERIFY', 'SYMMETRIC_DEFAULT'));
    await refused(
      'CreateKey',
      { KeySpec: 'RSA_2048', KeyUsage: 'KEY_AGREEMENT' },
      incompatible('KEY_AGREEMENT', 'RSA_2048'),
    );
  });

  it('demands a usage for all but symmetric keys [aws: hmac create key invalid operations]', async () => {
    const message = 'You must specify a KeyUsage value for all KMS keys except for symmetric encryption keys.';
    await refused('CreateKey', { KeySpec: 'HMAC_256' }, validation(message));
  });

  it('refuses both names of the key spec [model: CreateKeyRequest.CustomerMasterKeySpec]', async () => {
    const message =
      'You cannot specify KeySpec and CustomerMasterKeySpec in the same request. CustomerMasterKeySpec is deprecated.';
    await refused('CreateKey', { KeySpec: 'RSA_2048', CustomerMasterKeySpec: 'RSA_2048' }, validation(message));
  });

  it('refuses a spec that there is not [model: KeySpec]', async () => {
    const answer = await callKms('CreateKey', { KeySpec: 'HMAC_random', KeyUsage: 'GENERATE_VERIFY_MAC' });
    expect(answer).toMatchObject({ status: 400, code: 'ValidationException' });
    expect(answer.message).toContain(
      "Value 'HMAC_random' at 'keySpec' failed to satisfy constraint: Member must satisfy enum",
    );
  });

  it('refuses a description that is too long [model: DescriptionType]', async () => {
    const Description = 'x'.repeat(8193);
    const shown = `'${Description.slice(0, 1024)}...'`;
    await refused(
      'CreateKey',
      { Description },
      violated(shown, 'description', 'Member must have length less than or equal to 8192'),
    );
  });

  it.each([
    [
      'a key twice',
      [
        ['a', '1'],
        ['a', '2'],
      ],
      'Duplicate tag keys',
    ],
    ['a reserved key', [['aws:a', '1']], 'Tags beginning with aws: are reserved'],
  ])('refuses tags with %s [model: TagException]', async (_, pairs, message) => {
    const Tags = pairs.map(([TagKey, TagValue]) => ({ TagKey, TagValue }));
    await refused('CreateKey', { Tags }, { code: 'TagException', message });
  });

  it('refuses more than 50 tags [facts: Resource quotas]', async () => {
    const Tags = Array.from({ length: 51 }, (_, index) => ({ TagKey: `k${index}`, TagValue: '' }));
    await refused('CreateKey', { Tags }, { code: 'LimitExceededException', message: 'Too many tags' });
  });
});

describe('CreateKey with a policy', () => {
  const allowing = (principal: string, action = 'kms:*') =>
    JSON.stringify({
      Version: '2012-10-17',
      Statement: [{ Sid: 'S', Effect: 'Allow', Principal: { AWS: principal }, Action: action, Resource: '*' }],
    });
  const root = `arn:aws:iam::${accountId}:root`;

  it('keeps it as it was given [model: CreateKeyRequest.Policy]', async () => {
    const { KeyId } = await newKey({ Policy: allowing(root) });
    const { Policy = '' } = await kms().send(new GetKeyPolicyCommand({ KeyId, PolicyName: 'default' }));
    expect(JSON.parse(Policy)).toEqual(JSON.parse(allowing(root)));
  });

  it('refuses one that nobody can change any more [model: CreateKeyRequest.BypassPolicyLockoutSafetyCheck]', async () => {
    const message = 'The new key policy will not allow you to update the key policy in the future.';
    const refusal = { code: 'MalformedPolicyDocumentException', message };
    await refused('CreateKey', { Policy: allowing(root, 'kms:Encrypt') }, refusal);
    await refused('CreateKey', { Policy: allowing('arn:aws:iam::444455556666:root') }, refusal);
  });

  it('takes it if that is meant [model: CreateKeyRequest.BypassPolicyLockoutSafetyCheck]', async () => {
    const input = { Policy: allowing(root, 'kms:Encrypt'), BypassPolicyLockoutSafetyCheck: true };
    expect((await newKey(input)).Enabled).toBe(true);
  });

  it.each(['not JSON', '[]', '{"Version":"2012-10-17","Statement":[{"Effect":"Maybe"}]}'])(
    'refuses %s [model: MalformedPolicyDocumentException]',
    async (Policy) => {
      const answer = await callKms('CreateKey', { Policy });
      expect(answer).toMatchObject({ status: 400, code: 'MalformedPolicyDocumentException' });
      expect(answer.message).not.toBe('');
    },
  );
});

describe('CreateKey with the SDK', () => {
  it('throws modelled errors [model: UnsupportedOperationException]', async () => {
    const sent = kms().send(new CreateKeyCommand({ Origin: 'EXTERNAL_KEY_STORE', XksKeyId: 'x' }));
    await expect(sent).rejects.toMatchObject({ $metadata: { httpStatusCode: 400 } });
  });
});

describeOurs('CreateKey of what is not built', () => {
  it.each([
    ['imported material', { Origin: 'EXTERNAL' }, 'The origin EXTERNAL is not supported.'],
    ['replicas', { MultiRegion: true }, 'Multi-Region keys are not supported.'],
    ['a custom key store', { CustomKeyStoreId: 'cks-1' }, 'Custom key stores are not supported.'],
    ['SM2', { KeySpec: 'SM2', KeyUsage: 'SIGN_VERIFY' }, 'The key spec SM2 is not supported.'],
    ['key agreement', { KeySpec: 'ECC_NIST_P256', KeyUsage: 'KEY_AGREEMENT' }, 'Key agreement is not supported.'],
  ])('refuses %s [posthorn: compatibility]', async (_, input, message) => {
    await refused('CreateKey', input, unsupported(message));
  });

  it.each(['CreateCustomKeyStore', 'ImportKeyMaterial', 'ReplicateKey'])(
    'answers %s that it is none [posthorn: compatibility]',
    async (operation) => {
      expect((await callKms(operation, { KeyId: 'x' })).code).toMatch(/Unknown|Unsupported/);
    },
  );
});

function incompatible(usage: string, spec: string) {
  return validation(`KeyUsage ${usage} is not compatible with KeySpec ${spec}`);
}
