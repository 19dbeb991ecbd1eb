/** `posthorn kms rotate-master` as a person types it, on a data directory that a server has used. */
import { randomBytes } from 'node:crypto';
import { mkdtemp, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CreateKeyCommand, DecryptCommand, EncryptCommand, KMSClient } from '@aws-sdk/client-kms';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { runCommandLine } from '../../src/cli/commandLine.ts';
import { type PosthornOptions, rotateMaster, startPosthorn } from '../../src/server.ts';
import { fakeIo } from './fakeIo.ts';

let dataDir: string;
beforeEach(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'posthorn-kms-'));
});
afterEach(() => rm(dataDir, { recursive: true }));

async function posthorn(words: readonly string[], env: Record<string, string> = {}) {
  const { io, state } = fakeIo();
  const exitCode = await runCommandLine({
    ...{ argv: words, io, env, readVersion: () => '', readFile: async () => '' },
    loadServer: () => Promise.reject(new Error('it starts no server')),
    loadRotateMaster: async () => rotateMaster,
  });
  return { exitCode, ...state };
}

/** Starts a server on the directory and lets `act` use its KMS. */
async function withKms<T>(act: (client: KMSClient) => Promise<T>, more: PosthornOptions = {}): Promise<T> {
  const server = await startPosthorn({ port: 0, dataDir, ...more });
  const credentials = { accessKeyId: '111122223333', secretAccessKey: 'secret' };
  const client = new KMSClient({ endpoint: server.endpoint, region: 'eu-west-1', credentials, maxAttempts: 1 });
  try {
    return await act(client);
  } finally {
    client.destroy();
    await server.close();
  }
}

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
    const file = join(dataDir, 'master.key');
    const before = await readFile(file, 'utf8');
    const { exitCode, printed, errors } = await posthorn(['kms', 'rotate-master', '--data-dir', dataDir]);
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
    const env = { POSTHORN_DATA_DIR: dataDir, POSTHORN_NEW_MASTER_KEY: masterKey };
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
    const { exitCode, errors } = await posthorn(['kms', 'rotate-master', '--data-dir', dataDir], env);
    expect(exitCode).toBe(4);
    expect(errors).toContain('set POSTHORN_NEW_MASTER_KEY');
  });

  it('refuses while a server runs', async () => {
    const server = await startPosthorn({ port: 0, dataDir });
    const { exitCode, errors } = await posthorn(['kms', 'rotate-master', '--data-dir', dataDir]);
    await server.close();
    expect(exitCode).toBe(4);
    expect(errors).toContain(dataDir);
  });

  it('refuses a folder that is not there, and makes none', async () => {
    const nowhere = join(dataDir, 'nowhere');
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
