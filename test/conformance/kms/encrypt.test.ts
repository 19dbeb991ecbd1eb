import { DecryptCommand, DisableKeyCommand, EncryptCommand } from '@aws-sdk/client-kms';
import { describe, expect, it } from 'vitest';
import { base64, callKms } from './jsonCall.ts';
import {
  absentKey,
  aliasNotFound,
  arnOf,
  curveKey,
  doomedKey,
  dryRun,
  encrypted,
  invalidGrantToken,
  isDisabled,
  isPendingDeletion,
  keyNotFound,
  kms,
  newKey,
  notFound,
  plaintext,
  refused,
  rsaKey,
  validation,
  violated,
  wrongUsage,
} from './target.ts';

describe('Encrypt', () => {
  it('encrypts what Decrypt decrypts [aws: encrypt decrypt encryption context]', async () => {
    const { KeyId, Arn } = await newKey();
    const answer = await kms().send(new EncryptCommand({ KeyId, Plaintext: plaintext }));
    expect(answer).toMatchObject({ KeyId: Arn, EncryptionAlgorithm: 'SYMMETRIC_DEFAULT' });
    expect(Buffer.from(answer.CiphertextBlob ?? []).includes(plaintext)).toBe(false);
    const { Plaintext } = await kms().send(new DecryptCommand({ CiphertextBlob: answer.CiphertextBlob }));
    expect(Buffer.from(Plaintext ?? [])).toEqual(plaintext);
  });

  it('never gives the same twice [model: Encrypt]', async () => {
    const { KeyId } = await newKey();
    expect(await encrypted(KeyId)).not.toEqual(await encrypted(KeyId));
  });

  it.each([1, 4096])('encrypts %d bytes [model: EncryptRequest.Plaintext]', async (length) => {
    const { KeyId } = await newKey();
    const Plaintext = Buffer.alloc(length, 7);
    const { CiphertextBlob } = await kms().send(new EncryptCommand({ KeyId, Plaintext }));
    expect(CiphertextBlob?.length).toBeLessThanOrEqual(6144);
    const opened = await kms().send(new DecryptCommand({ CiphertextBlob }));
    expect(Buffer.from(opened.Plaintext ?? [])).toEqual(Plaintext);
  });

  it.each(['RSAES_OAEP_SHA_1', 'RSAES_OAEP_SHA_256'] as const)(
    'encrypts by %s [aws: rsa oaep round trip]',
    async (EncryptionAlgorithm) => {
      const { KeyId, Arn } = await rsaKey('ENCRYPT_DECRYPT');
      const answer = await kms().send(new EncryptCommand({ KeyId, Plaintext: plaintext, EncryptionAlgorithm }));
      expect(answer).toMatchObject({ KeyId: Arn, EncryptionAlgorithm });
      expect(answer.CiphertextBlob).toHaveLength(256);
      const { CiphertextBlob } = answer;
      const opened = await kms().send(new DecryptCommand({ KeyId, CiphertextBlob, EncryptionAlgorithm }));
      expect(Buffer.from(opened.Plaintext ?? [])).toEqual(plaintext);
    },
  );
});

describe('Encrypt refuses', () => {
  const Plaintext = base64(plaintext);

  it.each([
    ['RSAES_OAEP_SHA_1', 214],
    ['RSAES_OAEP_SHA_256', 190],
  ])(
    'more than what %s can [aws: encrypt validate plaintext size per key type]',
    async (EncryptionAlgorithm, limit) => {
      const { KeyId } = await rsaKey('ENCRYPT_DECRYPT');
      const fits = {
        KeyId,
        Plaintext: Buffer.alloc(limit),
        EncryptionAlgorithm: EncryptionAlgorithm as 'RSAES_OAEP_SHA_1',
      };
      expect((await kms().send(new EncryptCommand(fits))).CiphertextBlob).toHaveLength(256);
      const message = `Algorithm ${EncryptionAlgorithm} and key spec RSA_2048 cannot encrypt data larger than ${limit} bytes.`;
      await refused('Encrypt', { ...fits, Plaintext: base64(Buffer.alloc(limit + 1)) }, validation(message));
    },
  );

  it('the default algorithm for RSA keys [aws: rsa encrypt with default algorithm]', async () => {
    const { KeyId } = await rsaKey('ENCRYPT_DECRYPT');
    const message = 'Algorithm SYMMETRIC_DEFAULT is incompatible with key spec RSA_2048.';
    await refused('Encrypt', { KeyId, Plaintext }, { code: 'InvalidKeyUsageException', message });
  });

  it('an encryption context for RSA keys [model: EncryptRequest.EncryptionContext]', async () => {
    const { KeyId } = await rsaKey('ENCRYPT_DECRYPT');
    const input = { KeyId, Plaintext, EncryptionAlgorithm: 'RSAES_OAEP_SHA_256', EncryptionContext: { a: 'b' } };
    const message = 'Encryption context is not supported for asymmetric encryption algorithms.';
    await refused('Encrypt', input, validation(message));
  });

  it('keys that are for something else, whatever their state [aws: error messaging for invalid keys]', async () => {
    const key = await curveKey();
    await refused('Encrypt', { KeyId: key.KeyId, Plaintext }, wrongUsage(key, 'Encrypt'));
    await kms().send(new DisableKeyCommand({ KeyId: key.KeyId }));
    await refused('Encrypt', { KeyId: key.KeyId, Plaintext }, wrongUsage(key, 'Encrypt'));
  });

  it('disabled keys [aws: crypto operations reject a disabled key]', async () => {
    const key = await newKey();
    await kms().send(new DisableKeyCommand({ KeyId: key.KeyId }));
    await refused('Encrypt', { KeyId: key.Arn, Plaintext }, isDisabled(key));
  });

  it('keys that are to be deleted [aws: crypto operations reject a key pending deletion]', async () => {
    const key = await doomedKey();
    await refused('Encrypt', { KeyId: key.KeyId, Plaintext }, isPendingDeletion(key));
  });

  it('keys that are not there [aws: get key does not exist]', async () => {
    await refused('Encrypt', { KeyId: absentKey, Plaintext }, keyNotFound(arnOf(absentKey)));
    await refused('Encrypt', { KeyId: arnOf(absentKey), Plaintext }, keyNotFound(arnOf(absentKey)));
    await refused('Encrypt', { KeyId: 'alias/missing', Plaintext }, aliasNotFound('alias/missing'));
    await refused('Encrypt', { KeyId: 'fake', Plaintext }, notFound("Invalid keyId 'fake'"));
  });

  it('nothing, and too much [aws: blob members are validated before the key is looked up]', async () => {
    const nothing = await callKms('Encrypt', { KeyId: absentKey, Plaintext: '' });
    expect(nothing.code).toBe('ValidationException');
    expect(nothing.message).toContain('Member must have length greater than or equal to 1');
    const tooMuch = await callKms('Encrypt', { KeyId: absentKey, Plaintext: base64(Buffer.alloc(4097)) });
    expect(tooMuch.code).toBe('ValidationException');
    expect(tooMuch.message).toContain('Member must have length less than or equal to 4096');
  });

  it('a missing key id [model: EncryptRequest.KeyId]', async () => {
    await refused('Encrypt', { Plaintext }, violated('null', 'keyId', 'Member must not be null'));
  });

  it('grant tokens that are none [model: InvalidGrantTokenException]', async () => {
    const { KeyId } = await newKey();
    await refused('Encrypt', { KeyId, Plaintext, GrantTokens: ['bm9uZQ=='] }, invalidGrantToken);
  });

  it('dry runs, when everything else is right [model: EncryptRequest.DryRun]', async () => {
    const { KeyId } = await newKey();
    await refused('Encrypt', { KeyId, Plaintext, DryRun: true }, dryRun);
    await refused('Encrypt', { KeyId: absentKey, Plaintext, DryRun: true }, keyNotFound(arnOf(absentKey)));
  });
});
