/** `posthorn kms rotate-master` as a person types it, on a data directory that a server has used. */
import { randomBytes } from 'node:crypto';
import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { CreateKeyCommand, DecryptCommand, EncryptCommand, KMSClient } from '@aws-sdk/client-kms';
import { describe, expect, it } from 'vitest';
import { type PosthornOptions, rotateMaster, startPosthorn } from '../../src/server.ts';
import { typed } from './typed.ts';
import { UsedDirectory } from './usedDirectory.ts';

const directory = new UsedDirectory();

const posthorn = (words: readonly string[], env: Record<string, string> = {}) =>
  typed(words, { env, loadRotateMaster: async () => rotateMaster });

const withKms = <T>(act: (client: KMSClient) => Promise<T>, more?: PosthornOptions) =>
  directory.use((options) => new KMSClient(options), act, more);

const Plaintext = Buffer.from('attack at dawn');
const encrypt = async (client: KMSClient) => {
  const { KeyMetadata } = await client.send(new CreateKeyCommand({}));
  return (await client.send(new EncryptCommand({ KeyId: KeyMetadata?.KeyId, Plaintext }))).CiphertextBlob;
};
const decrypts = (CiphertextBlob: Uint8Array | undefined) => async (client: KMSClient) => {
  const { Plaintext: opened = [] } = await client.send(new DecryptCommand({ CiphertextBlob }));
  expect(Buffer.from(opened)).toEqual(Plaintext);
};

describe('posthorn kms rotate-master', () => {
  it('writes another key, and everything opens as before', async () => {
    const ciphertext = await withKms(encrypt);
    const file = join(directory.path, 'master.key');
    const before = await readFile(file, 'utf8');
    const { exitCode, printed, errors } = await posthorn(['kms', 'rotate-master', '--data-dir', directory.path]);
    expect({ exitCode, errors }).toEqual({ exitCode: 0, errors: '' });
    expect(printed).toContain(`${file} holds a new master key`);
    const after = await readFile(file, 'utf8');
    expect(after).not.toBe(before);
    expect(printed).not.toContain(after.trim());
    expect((await stat(file)).mode & 0o777).toBe(0o600);
    await withKms(decrypts(ciphertext));
  });

  it('takes a new key from the environment', async () => {
    const ciphertext = await withKms(encrypt);
    const masterKey = randomBytes(32).toString('base64');
    const env = { POSTHORN_DATA_DIR: directory.path, POSTHORN_NEW_MASTER_KEY: masterKey };
    const { exitCode, printed } = await posthorn(['kms', 'rotate-master'], env);
    expect(exitCode).toBe(0);
    expect(printed).toContain('start the server with it as POSTHORN_MASTER_KEY');
    expect(printed).not.toContain(masterKey);
    await withKms(decrypts(ciphertext), { masterKey });
    await expect(withKms(decrypts(ciphertext))).rejects.toThrow('is not the one that sealed the secrets');
  });

  it('asks for a new key where the old one is in no file', async () => {
    const masterKey = randomBytes(32).toString('base64');
    await withKms(encrypt, { masterKey });
    const env = { POSTHORN_MASTER_KEY: masterKey };
    const { exitCode, errors } = await posthorn(['kms', 'rotate-master', '--data-dir', directory.path], env);
    expect(exitCode).toBe(4);
    expect(errors).toContain('set POSTHORN_NEW_MASTER_KEY');
  });

  it('refuses while a server runs', async () => {
    const server = await startPosthorn({ port: 0, dataDir: directory.path });
    const { exitCode, errors } = await posthorn(['kms', 'rotate-master', '--data-dir', directory.path]);
    await server.close();
    expect(exitCode).toBe(4);
    expect(errors).toContain(directory.path);
  });

  it('refuses a folder that is not there, and makes none', async () => {
    const nowhere = join(directory.path, 'nowhere');
    const { exitCode, errors } = await posthorn(['kms', 'rotate-master', '--data-dir', nowhere]);
    expect(exitCode).toBe(4);
    expect(errors).toContain(`There is no data directory ${nowhere}`);
    await expect(stat(nowhere)).rejects.toThrow('ENOENT');
  });

  it.each([[['kms']], [['kms', 'rotate']], [['kms', 'rotate-master', 'now']]])(
    'explains itself to %j',
    async (words) => {
      const { exitCode, errors } = await posthorn(words);
      expect(exitCode).toBe(2);
      expect(errors).toContain('posthorn kms rotate-master');
    },
  );

  it('has a help text', async () => {
    const { exitCode, printed } = await posthorn(['kms', '--help']);
    expect(exitCode).toBe(0);
    expect(printed).toContain('Stop the server first');
  });
});
