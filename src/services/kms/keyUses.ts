/** Tells of each use of a key by another service, done or refused. */
import type { KeyRing, KeyUse } from '#runtime';
import { keyArn } from './arn.ts';
import { readHead } from './ciphertext.ts';

export function tellingUses(ring: KeyRing, used: (use: KeyUse) => void): KeyRing {
  /** `arnOf`: what the answer, or the request, tells of the key. */
  async function told<T>(
    use: Pick<KeyUse, 'operation' | 'input' | 'user'>,
    act: Promise<T>,
    arnOf: (answer?: T) => string | undefined,
  ): Promise<T> {
    const tell = (answer: T | undefined, error: unknown) => {
      const arn = arnOf(answer);
      used({ ...use, ...(arn !== undefined && { keyArn: arn }), ...(error instanceof Error && { error }) });
    };
    try {
      const answer = await act;
      tell(answer, undefined);
      return answer;
    } catch (error) {
      tell(undefined, error);
      throw error;
    }
  }
  return {
    generateDataKey: (KeyId, user, EncryptionContext) =>
      told(
        { operation: 'GenerateDataKey', user, input: { KeyId, KeySpec: 'AES_256', EncryptionContext } },
        ring.generateDataKey(KeyId, user, EncryptionContext),
        (made) => made?.keyArn,
      ),
    openDataKey: (sealed, EncryptionContext, user) =>
      told(
        {
          operation: 'Decrypt',
          ...(user !== undefined && { user }),
          input: { EncryptionAlgorithm: 'SYMMETRIC_DEFAULT', EncryptionContext },
        },
        ring.openDataKey(sealed, EncryptionContext, user),
        () => {
          const head = readHead(sealed);
          return head && keyArn(head);
        },
      ),
    describe: (KeyId, user) =>
      told({ operation: 'DescribeKey', user, input: { KeyId } }, ring.describe(KeyId, user), (found) => found?.arn),
  };
}
