/** What lies in the store: nothing that is secret, in no form. */
import { createPrivateKey, randomBytes } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import type { CallContext } from '#aws/contract';
import { createSealer, Partition, type Vault } from '#runtime';
import { MemoryStore } from '#storage/memory';
import { createKms } from './index.ts';
import { keySpecs } from './keySpecs.ts';

/** Everything that was ever sealed is known to the test. */
function spyingVault(secrets: Buffer[]): Vault {
  const { seal, open } = createSealer(randomBytes(32));
  return {
    seal: (plain, context) => {
      secrets.push(Buffer.from(plain));
      return seal(plain, context);
    },
    open,
  };
}

/** Of a private key the number that makes it one: a public half stands beside it, and need not be hidden. */
function secretPart(secret: Buffer): Buffer {
  if (secret.length <= 64) return secret;
  const { d = '' } = createPrivateKey({ key: secret, format: 'der', type: 'pkcs8' }).export({ format: 'jwk' });
  return Buffer.from(d, 'base64url');
}

/** In base64 it looks different at each of three places. */
function formsOf(bytes: Buffer): string[] {
  const inThrees = [0, 1, 2].map((start) => bytes.subarray(start, start + 24));
  const encoded = inThrees.flatMap((part) => [part.toString('base64'), part.toString('base64url')]);
  return [bytes.toString('latin1'), bytes.toString('hex'), ...encoded];
}

const context = { accountId: '111122223333', region: 'eu-west-1' } as CallContext;

describe('the store', () => {
  it('holds no key material, and no plaintext of data keys', async () => {
    const store = new MemoryStore();
    const partition = await Partition.open(store);
    const secrets: Buffer[] = [];
    const kms = createKms(partition, spyingVault(secrets));
    const call = async (operation: string, input: object) =>
      (await kms.service.operations[operation]?.(input as never, context)) as Record<string, never>;
    for (const [KeySpec, { algorithms }] of Object.entries(keySpecs)) {
      // RSA of the longer kinds takes seconds to make, and is stored like the shorter.
      if (KeySpec === 'RSA_3072' || KeySpec === 'RSA_4096') continue;
      for (const KeyUsage of Object.keys(algorithms)) await call('CreateKey', { KeySpec, KeyUsage });
    }
    const { KeyId } = (await call('CreateKey', {})).KeyMetadata as unknown as { KeyId: string };
    await call('RotateKeyOnDemand', { KeyId });
    secrets.push((await call('GenerateDataKey', { KeyId, KeySpec: 'AES_256' })).Plaintext as unknown as Buffer);
    const made = await call('GenerateDataKeyPair', { KeyId, KeyPairSpec: 'ECC_NIST_P256' });
    secrets.push(made.PrivateKeyPlaintext as unknown as Buffer);
    await kms.close();
    const entries = await store.scan({ from: Buffer.of(0), to: Buffer.alloc(1024, 0xff), limit: 10_000 });
    const stored = Buffer.concat(entries.flatMap(({ key, value }) => [key, value]));
    expect(secrets.length).toBeGreaterThanOrEqual(15);
    for (const secret of secrets) {
      const own = secretPart(secret);
      for (const form of formsOf(own)) expect(stored.includes(form, 0, 'latin1')).toBe(false);
    }
    // They would have been found: what is not secret is.
    const about = Buffer.from(secretPart(secrets[0] ?? Buffer.alloc(0)));
    const shown = Buffer.concat([stored, Buffer.from(JSON.stringify({ about: about.toString('base64') }))]);
    expect(formsOf(about).some((form) => shown.includes(form, 0, 'latin1'))).toBe(true);
    expect(stored.includes(KeyId)).toBe(true);
    await partition.close();
  });
});
