/** KMS of the target: AWS's own client, and plain JSON for what it would refuse to send. */
import {
  CreateKeyCommand,
  type CreateKeyCommandInput,
  EncryptCommand,
  type KeyMetadata,
  KMSClient,
  ScheduleKeyDeletionCommand,
} from '@aws-sdk/client-kms';
import { afterAll, expect } from 'vitest';
import { endpoint, isRemote, signerOf } from '../target.ts';
import { callKms, type Input, type KmsCallOptions } from './jsonCall.ts';

const clients = new Map<string, KMSClient>();
const made: string[] = [];

afterAll(async () => {
  // At AWS, keys cost money until they are gone.
  if (isRemote) {
    for (const KeyId of made) {
      await kms()
        .send(new ScheduleKeyDeletionCommand({ KeyId, PendingWindowInDays: 7 }))
        .catch(() => undefined);
    }
  }
  for (const client of clients.values()) client.destroy();
});

/** AWS's client; of the usual account and region unless others are given. */
export function kms({ region, accountId }: { region?: string; accountId?: string } = {}): KMSClient {
  const signer = signerOf('kms');
  const name = `${region} ${accountId}`;
  const known = clients.get(name);
  if (known !== undefined) return known;
  const { secretAccessKey, sessionToken } = signer;
  const accessKeyId = accountId ?? signer.accessKeyId;
  const credentials = { accessKeyId, secretAccessKey, ...(sessionToken !== undefined && { sessionToken }) };
  const client = new KMSClient({
    ...{ endpoint: endpoint(), region: region ?? signer.region, credentials, maxAttempts: 1 },
  });
  clients.set(name, client);
  return client;
}

export type MadeKey = KeyMetadata & { readonly KeyId: string; readonly Arn: string };

/** A new key. */
export async function newKey(input: CreateKeyCommandInput = {}): Promise<MadeKey> {
  const { KeyMetadata } = await kms().send(new CreateKeyCommand(input));
  if (KeyMetadata?.KeyId === undefined || KeyMetadata.Arn === undefined) throw new Error('No key was made');
  made.push(KeyMetadata.KeyId);
  return { ...KeyMetadata, KeyId: KeyMetadata.KeyId, Arn: KeyMetadata.Arn };
}

export const rsaKey = (KeyUsage: 'ENCRYPT_DECRYPT' | 'SIGN_VERIFY') => newKey({ KeySpec: 'RSA_2048', KeyUsage });
export const curveKey = () => newKey({ KeySpec: 'ECC_NIST_P256', KeyUsage: 'SIGN_VERIFY' });
export const macKey = () => newKey({ KeySpec: 'HMAC_256', KeyUsage: 'GENERATE_VERIFY_MAC' });

/** A key whose deletion is pending. */
export async function doomedKey(input?: CreateKeyCommandInput): Promise<MadeKey> {
  const key = await newKey(input);
  await kms().send(new ScheduleKeyDeletionCommand({ KeyId: key.KeyId, PendingWindowInDays: 7 }));
  return key;
}

export const plaintext = Buffer.from('attack at dawn');

export async function encrypted(KeyId: string, EncryptionContext?: Record<string, string>): Promise<Uint8Array> {
  const { CiphertextBlob } = await kms().send(new EncryptCommand({ KeyId, Plaintext: plaintext, EncryptionContext }));
  if (CiphertextBlob === undefined) throw new Error('Nothing was encrypted');
  return CiphertextBlob;
}

export interface KmsError {
  readonly code: string;
  readonly message: string;
}

/** Calls with plain JSON, and expects this very refusal. */
export async function refused(
  operation: string,
  input: Input,
  { code, message }: KmsError,
  options?: KmsCallOptions,
): Promise<void> {
  const answer = await callKms(operation, input, options);
  // Where KMS has nothing to say, there may be a text or none.
  expect({ status: answer.status, code: answer.code, message: answer.message ?? '' }).toEqual({
    ...{ status: 400, code, message },
  });
}

export const absentKey = '00000000-0000-4000-8000-000000000000';

/** Where a key of that id would be. */
export function arnOf(keyId: string): string {
  const { region, accessKeyId } = signerOf('kms');
  return `arn:aws:kms:${region}:${accessKeyId}:key/${keyId}`;
}

export const aliasArnOf = (name: string): string => arnOf('').replace('key/', name);

export const validation = (message: string): KmsError => ({ code: 'ValidationException', message });
export const violated = (value: string, at: string, constraint: string): KmsError =>
  validation(`1 validation error detected: Value ${value} at '${at}' failed to satisfy constraint: ${constraint}`);
export const keyNotFound = (arn: string): KmsError => ({
  ...{ code: 'NotFoundException', message: `Key '${arn}' does not exist` },
});
export const aliasNotFound = (name: string): KmsError => ({
  ...{ code: 'NotFoundException', message: `Alias ${aliasArnOf(name)} is not found.` },
});
export const notFound = (message: string): KmsError => ({ code: 'NotFoundException', message });
export const isDisabled = ({ Arn }: MadeKey): KmsError => ({
  ...{ code: 'DisabledException', message: `${Arn} is disabled.` },
});
export const isPendingDeletion = ({ Arn }: MadeKey): KmsError => ({
  ...{ code: 'KMSInvalidStateException', message: `${Arn} is pending deletion.` },
});
export const aliasesNotSupported: KmsError = {
  ...{ code: 'InvalidArnException', message: 'Key Aliases are not supported for this operation.' },
};
export const wrongUsage = ({ Arn, KeyUsage }: MadeKey, operation: string): KmsError => ({
  code: 'InvalidKeyUsageException',
  message: `${Arn} key usage is ${KeyUsage} which is not valid for ${operation}.`,
});
export const unsupported = (message = ''): KmsError => ({ code: 'UnsupportedOperationException', message });
export const dryRun: KmsError = {
  ...{ code: 'DryRunOperationException', message: 'The request would have succeeded, but the DryRun option is set.' },
};
export const invalidCiphertext: KmsError = { code: 'InvalidCiphertextException', message: '' };
export const invalidGrantToken: KmsError = {
  ...{ code: 'InvalidGrantTokenException', message: 'The grant token is not valid.' },
};
