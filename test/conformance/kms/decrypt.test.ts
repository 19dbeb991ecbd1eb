import { constants, createPublicKey, publicEncrypt } from 'node:crypto';
import { DecryptCommand, DisableKeyCommand, EnableKeyCommand, GetPublicKeyCommand } from '@aws-sdk/client-kms';
import { describe, expect, it } from 'vitest';
import { base64 } from './jsonCall.ts';
import {
  absentKey,
  arnOf,
  curveKey,
  dryRun,
  encrypted,
  invalidCiphertext,
  isDisabled,
  keyNotFound,
  kms,
  newKey,
  plaintext,
  refused,
  rsaKey,
  unsupported,
  violated,
} from './target.ts';

const incorrectKey = {
  code: 'IncorrectKeyException',
  message: 'The key ID in the request does not identify a CMK that can perform this operation.',
};

describe('Decrypt', () => {
  it.each(['no', 'the'] as const)('decrypts with %s key named [model: DecryptRequest.KeyId]', async (which) => {
    const { KeyId, Arn, CurrentKeyMaterialId } = await newKey();
    const CiphertextBlob = await encrypted(KeyId);
    const answer = await kms().send(new DecryptCommand({ CiphertextBlob, ...(which === 'the' && { KeyId }) }));
    expect(Buffer.from(answer.Plaintext ?? [])).toEqual(plaintext);
    expect(answer).toMatchObject({
      ...{ KeyId: Arn, EncryptionAlgorithm: 'SYMMETRIC_DEFAULT', KeyMaterialId: CurrentKeyMaterialId },
    });
  });

  it('takes the encryption context in any order [model: DecryptRequest.EncryptionContext]', async () => {
    const { KeyId } = await newKey();
    const CiphertextBlob = await encrypted(KeyId, { a: '1', b: '2' });
    const answer = await kms().send(new DecryptCommand({ CiphertextBlob, EncryptionContext: { b: '2', a: '1' } }));
    expect(Buffer.from(answer.Plaintext ?? [])).toEqual(plaintext);
  });

  it('decrypts what was encrypted with the public key elsewhere [aws: decrypt accepts rsa oaep ciphertext made with get public key]', async () => {
    const { KeyId } = await rsaKey('ENCRYPT_DECRYPT');
    const { PublicKey = new Uint8Array() } = await kms().send(new GetPublicKeyCommand({ KeyId }));
    const key = createPublicKey({ key: Buffer.from(PublicKey), format: 'der', type: 'spki' });
    const oaep = { padding: constants.RSA_PKCS1_OAEP_PADDING, oaepHash: 'sha256' };
    const input = {
      KeyId,
      CiphertextBlob: publicEncrypt({ key, ...oaep }, plaintext),
      EncryptionAlgorithm: 'RSAES_OAEP_SHA_256',
    } as const;
    const answer = await kms().send(new DecryptCommand(input));
    expect(Buffer.from(answer.Plaintext ?? [])).toEqual(plaintext);
    expect(answer).not.toHaveProperty('KeyMaterialId');
    await refused('Decrypt', { KeyId, CiphertextBlob: base64(input.CiphertextBlob) }, invalidCiphertext);
  });
});

describe('Decrypt refuses', () => {
  it.each([
    ['none', undefined],
    ['another value', { a: 'c' }],
    ['one more', { a: 'b', c: 'd' }],
    ['other names', { 'a","': 'b' }],
  ])('an encryption context that is %s [aws: encrypt decrypt encryption context]', async (_, EncryptionContext) => {
    const { KeyId } = await newKey();
    const CiphertextBlob = base64(await encrypted(KeyId, { a: 'b' }));
    await refused('Decrypt', { CiphertextBlob, EncryptionContext }, invalidCiphertext);
  });

  it('every byte that was changed [model: InvalidCiphertextException]', async () => {
    const { KeyId } = await newKey();
    const whole = Buffer.from(await encrypted(KeyId));
    for (let at = 0; at < whole.length; at += 3) {
      const CiphertextBlob = Buffer.from(whole);
      CiphertextBlob[at] = (CiphertextBlob[at] ?? 0) ^ 1;
      const sent = kms().send(new DecryptCommand({ CiphertextBlob }));
      // What names the key may name one that there is not.
      await expect(sent).rejects.toThrow(
        expect.objectContaining({ name: expect.stringMatching(/InvalidCiphertext|NotFound/) }),
      );
    }
  });

  it.each(['AAAA', base64(Buffer.alloc(6144)), base64('AQ')])(
    'garbage [aws: decrypt rejects an invalid ciphertext]',
    async (CiphertextBlob) => {
      await refused('Decrypt', { CiphertextBlob }, invalidCiphertext);
    },
  );

  it('garbage for RSA keys [aws: decrypt rejects an invalid ciphertext]', async () => {
    const { KeyId } = await rsaKey('ENCRYPT_DECRYPT');
    for (const CiphertextBlob of [base64(Buffer.alloc(256, 1)), base64(Buffer.alloc(10, 1))]) {
      await refused('Decrypt', { KeyId, CiphertextBlob, EncryptionAlgorithm: 'RSAES_OAEP_SHA_256' }, invalidCiphertext);
    }
  });

  it('another key than the one that has encrypted [aws: decrypt rejects a key id that did not encrypt the ciphertext]', async () => {
    const CiphertextBlob = base64(await encrypted((await newKey()).KeyId));
    for (const other of [await newKey(), await curveKey(), await rsaKey('ENCRYPT_DECRYPT')]) {
      await refused('Decrypt', { KeyId: other.KeyId, CiphertextBlob }, incorrectKey);
    }
    await refused('Decrypt', { KeyId: absentKey, CiphertextBlob }, keyNotFound(arnOf(absentKey)));
  });

  it('while the key is disabled [model: DisabledException]', async () => {
    const key = await newKey();
    const { KeyId } = key;
    const CiphertextBlob = await encrypted(KeyId);
    await kms().send(new DisableKeyCommand({ KeyId }));
    await refused('Decrypt', { CiphertextBlob: base64(CiphertextBlob) }, isDisabled(key));
    await kms().send(new EnableKeyCommand({ KeyId }));
    expect((await kms().send(new DecryptCommand({ CiphertextBlob }))).Plaintext).toHaveLength(plaintext.length);
  });

  it('what was encrypted in another region [facts: ciphertexts do not cross regions]', async () => {
    const CiphertextBlob = base64(await encrypted((await newKey()).KeyId));
    await refused('Decrypt', { CiphertextBlob }, invalidCiphertext, { region: 'ap-south-1' });
  });

  it('a missing ciphertext [aws: decrypt requires a ciphertext blob]', async () => {
    await refused('Decrypt', {}, violated('null', 'ciphertextBlob', 'Member must not be null'));
  });

  it('recipients that are attested, which it can not serve [posthorn: compatibility]', async () => {
    const CiphertextBlob = base64(await encrypted((await newKey()).KeyId));
    const input = {
      CiphertextBlob,
      Recipient: { KeyEncryptionAlgorithm: 'RSAES_OAEP_SHA_256', AttestationDocument: 'AA==' },
    };
    await refused('Decrypt', input, unsupported('Attested recipients are not supported.'));
  });

  it('dry runs, when everything else is right [model: DecryptRequest.DryRun]', async () => {
    const { KeyId } = await newKey();
    const CiphertextBlob = base64(await encrypted(KeyId));
    await refused('Decrypt', { CiphertextBlob, DryRun: true }, dryRun);
    await refused('Decrypt', { CiphertextBlob: 'AAAA', DryRun: true }, invalidCiphertext);
    await refused('Decrypt', { KeyId, DryRun: true, DryRunModifiers: ['IGNORE_CIPHERTEXT'] }, dryRun);
  });
});
