/** KMS as the other services of this server use it. */
import type { Identity } from '#access';
import { AwsError } from '#aws/contract';
import { type KeyRing, KeyUnusable, type KeyUser } from '#runtime';
import { accessOf, decideAccess } from './access.ts';
import { keyArn } from './arn.ts';
import { readHead } from './ciphertext.ts';
import { makeDataKey } from './dataKeys.ts';
import { decryptWith, findDecryptingKey, symmetricAlgorithm } from './encryption.ts';
import { invalidCiphertext } from './errors.ts';
import { findKey } from './finding.ts';
import { ensureManagedKey } from './managedKeys.ts';
import type { Kms } from './service.ts';

export function createKeyRing(kms: Kms): KeyRing {
  return {
    generateDataKey: (reference, user, encryptionContext) =>
      explained(async () => {
        await ensureManagedKey(kms, reference, user);
        const input = { KeyId: reference, KeySpec: 'AES_256', EncryptionContext: encryptionContext };
        await checkAllowed(kms, 'GenerateDataKey', input, user);
        const { key, plain, encrypted } = await makeDataKey(kms, input, 'GenerateDataKey', user);
        return { plaintext: plain, sealed: encrypted, keyArn: keyArn(key) };
      }),
    openDataKey: (sealed, encryptionContext, user) =>
      explained(async () => {
        const head = readHead(sealed);
        if (head === undefined) throw invalidCiphertext();
        const input = { CiphertextBlob: sealed, EncryptionContext: encryptionContext };
        await checkAllowed(kms, 'Decrypt', input, user);
        const decryption = {
          ...{ operation: 'Decrypt', algorithm: symmetricAlgorithm, ciphertext: sealed, context: encryptionContext },
        };
        const key = await findDecryptingKey(kms, decryption, head);
        return (await decryptWith(kms, key, decryption)).plain;
      }),
    describe: (reference, user) =>
      explained(async () => {
        await ensureManagedKey(kms, reference, user);
        await checkAllowed(kms, 'DescribeKey', { KeyId: reference }, user);
        const key = await findKey(kms, reference, user);
        return { arn: keyArn(key), keyState: key.state };
      }),
  };
}

async function checkAllowed(kms: Kms, operation: string, input: object, user: KeyUser | undefined): Promise<void> {
  if (user?.caller === undefined) return;
  // The runtime, which declares it, knows nothing of identities.
  const caller = user.caller as Identity;
  const { accountId, region, service } = user;
  const asking = { accountId, region, caller, ...(service !== undefined && { service }) };
  for (const access of await accessOf(kms, operation, input, asking)) {
    const { effect } = decideAccess(caller, access);
    if (effect === 'allowed') continue;
    const { action, resource } = access;
    throw new KeyUnusable(
      'access-denied',
      `${caller.principal.arn} is not authorized to perform: ${action} on ${resource}`,
    );
  }
}

const reasons: Readonly<Record<string, KeyUnusable['reason']>> = {
  DisabledException: 'disabled',
  IncorrectKeyException: 'invalid-ciphertext',
  InvalidCiphertextException: 'invalid-ciphertext',
  InvalidKeyUsageException: 'invalid-usage',
  KMSInvalidStateException: 'pending-deletion',
  NotFoundException: 'not-found',
};

/** What KMS would answer a client, as the other services need to know it. */
async function explained<T>(act: () => Promise<T>): Promise<T> {
  try {
    return await act();
  } catch (error) {
    const reason = error instanceof AwsError ? reasons[error.code] : undefined;
    if (reason === undefined) throw error;
    throw new KeyUnusable(reason, (error as AwsError).message, { cause: error });
  }
}
