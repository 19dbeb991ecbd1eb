import { randomBytes } from 'node:crypto';
import { chmod, mkdtemp, readdir, readFile, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { MemoryStore } from '#storage/memory';
import type { EntityChange } from './entities.ts';
import { parseMasterKey, VaultUnusable } from './masterKey.ts';
import { Partition } from './partition.ts';
import { SealBroken, type Vault } from './sealing.ts';
import { openVault, rotateMasterKey } from './vault.ts';

let dataDir: string;
let partition: Partition;
const secret = Buffer.from('the secret');

beforeEach(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'posthorn-vault-'));
  partition = await Partition.open(new MemoryStore());
});
afterEach(async () => {
  await partition.close();
  await rm(dataDir, { recursive: true });
});

const keyFile = () => join(dataDir, 'master.key');
const fromEnvironment = () => ({ masterKey: randomBytes(32).toString('base64') });

async function sealedHere(source = { dataDir }): Promise<(vault: Vault) => void> {
  const sealed = (await openVault(partition.entities, source)).seal(secret, 'test');
  return (vault) => expect(vault.open(sealed, 'test')).toEqual(secret);
}

describe('the vault', () => {
  it('makes a master key that only its owner may read', async () => {
    await openVault(partition.entities, { dataDir });
    expect((await stat(keyFile())).mode & 0o777).toBe(0o600);
    expect(Buffer.from(await readFile(keyFile(), 'utf8'), 'base64')).toHaveLength(32);
    expect(await readdir(dataDir)).toEqual(['master.key']);
  });

  it('opens again what was sealed before a restart', async () => {
    const check = await sealedHere();
    check(await openVault(partition.entities, { dataDir }));
  });

  it('keeps neither key in the store', async () => {
    await openVault(partition.entities, { dataDir });
    const master = (await readFile(keyFile(), 'utf8')).trim();
    const stored = JSON.stringify(await partition.entities.list('vault', '', 10));
    expect(stored).not.toContain(master);
  });

  it('uses a key file that was there before the first start', async () => {
    const { masterKey } = fromEnvironment();
    await writeFile(keyFile(), masterKey);
    const sealed = (await openVault(partition.entities, { dataDir })).seal(secret, 'test');
    expect((await openVault(partition.entities, { masterKey })).open(sealed, 'test')).toEqual(secret);
    expect(await readFile(keyFile(), 'utf8')).toBe(masterKey);
  });

  it('makes no file when the key comes from the environment', async () => {
    await openVault(partition.entities, { ...fromEnvironment(), dataDir });
    expect(await readdir(dataDir)).toEqual([]);
  });

  it('does without a file in memory', async () => {
    const vault = await openVault(partition.entities, {});
    expect(vault.open(vault.seal(secret, 'test'), 'test')).toEqual(secret);
    expect(() => vault.open(vault.seal(secret, 'test'), 'other')).toThrow(SealBroken);
  });

  it.each([
    '',
    'abc',
    `${randomBytes(31).toString('base64')}`,
    `${randomBytes(33).toString('base64')}`,
    '!'.repeat(44),
  ])('refuses the master key "%s" without showing it', async (masterKey) => {
    const refusal = await openVault(partition.entities, { masterKey }).catch((error: unknown) => error);
    expect(refusal).toBeInstanceOf(VaultUnusable);
    expect(String(refusal)).toContain('POSTHORN_MASTER_KEY does not hold a master key');
    if (masterKey.length > 3) expect(String(refusal)).not.toContain(masterKey);
  });
});

describe('a vault without its master key', () => {
  it('refuses another one', async () => {
    await openVault(partition.entities, { dataDir });
    await expect(openVault(partition.entities, fromEnvironment())).rejects.toThrow(
      'is not the one that sealed the secrets in this store. Give the key that was in use',
    );
  });

  it('refuses to make a new one when the file is gone', async () => {
    await openVault(partition.entities, { dataDir });
    await rm(keyFile());
    await expect(openVault(partition.entities, { dataDir })).rejects.toThrow('Bring the file back from a backup');
    expect(await readdir(dataDir)).toEqual([]);
  });

  it('refuses a file of somebody else that does not exist', async () => {
    const masterKeyFile = join(dataDir, 'mistyped');
    await expect(openVault(partition.entities, { masterKeyFile })).rejects.toThrow(`openssl rand -base64 32 > `);
  });

  it.runIf(process.getuid?.() !== 0)('refuses a file that it may not read', async () => {
    await openVault(partition.entities, { dataDir });
    await chmod(keyFile(), 0);
    await expect(openVault(partition.entities, { dataDir })).rejects.toThrow('Check who may read it');
  });

  it('says when the wrapped key is damaged', async () => {
    await openVault(partition.entities, { dataDir });
    const record = await partition.entities.get<{ wrappings: { masterKeyId: string }[] }>('vault', 'current');
    const wrappings = record?.wrappings.map((each) => ({ ...each, sealed: randomBytes(73).toString('base64') }));
    await partition.entities.write({ kind: 'vault', path: 'current', value: { wrappings } });
    await expect(openVault(partition.entities, { dataDir })).rejects.toThrow('is damaged');
  });
});

describe('another master key', () => {
  it('opens what was sealed before, and the old one does not', async () => {
    const check = await sealedHere();
    const old = await readFile(keyFile(), 'utf8');
    await rotateMasterKey(partition.entities, { dataDir });
    expect(await readFile(keyFile(), 'utf8')).not.toBe(old);
    expect((await stat(keyFile())).mode & 0o777).toBe(0o600);
    check(await openVault(partition.entities, { dataDir }));
    await expect(openVault(partition.entities, { masterKey: old })).rejects.toThrow(VaultUnusable);
  });

  it('can come from the environment, and replace a file', async () => {
    const check = await sealedHere();
    const successor = fromEnvironment();
    await rotateMasterKey(partition.entities, { dataDir }, parseMasterKey(successor.masterKey, 'X'));
    check(await openVault(partition.entities, successor));
    await expect(openVault(partition.entities, { dataDir })).rejects.toThrow(VaultUnusable);
  });

  it('must come from the environment if the old one does', async () => {
    const source = fromEnvironment();
    await openVault(partition.entities, source);
    await expect(rotateMasterKey(partition.entities, source)).rejects.toThrow('set POSTHORN_NEW_MASTER_KEY');
  });

  it('goes where a link leads', async () => {
    const link = join(dataDir, 'link');
    const check = await sealedHere();
    await symlink(keyFile(), link);
    await rotateMasterKey(partition.entities, { masterKeyFile: link });
    check(await openVault(partition.entities, { dataDir }));
  });

  it('needs a vault', async () => {
    await expect(rotateMasterKey(partition.entities, { dataDir })).rejects.toThrow('There is no vault yet');
  });
});

/** An end at the n-th step, after which nothing runs: not even what would tidy up. */
describe('a replacement that is broken off', () => {
  const broken = new Error('the process is gone');

  it.each(['before', 'after'] as const)('leaves a usable pair, %s every commit', async (when) => {
    for (const at of [1, 2]) {
      const check = await sealedHere();
      let commits = 0;
      const write = async (...changes: readonly EntityChange[]) => {
        commits += 1;
        if (commits > at || (commits === at && when === 'before')) throw broken;
        await partition.entities.write(...changes);
        if (commits === at) throw broken;
      };
      const entities = { get: partition.entities.get.bind(partition.entities), write };
      await expect(rotateMasterKey(entities, { dataDir })).rejects.toBe(broken);
      await expectUsable(check);
    }
  });

  it('leaves a usable pair when the key can not be put in place', async () => {
    const check = await sealedHere();
    const write = async (...changes: readonly EntityChange[]) => {
      await partition.entities.write(...changes);
      // What was staged is gone, so the renaming fails.
      await rm(`${keyFile()}.new`);
    };
    const entities = { get: partition.entities.get.bind(partition.entities), write };
    await expect(rotateMasterKey(entities, { dataDir })).rejects.toThrow('ENOENT');
    await expectUsable(check);
  });

  async function expectUsable(check: (vault: Vault) => void): Promise<void> {
    check(await openVault(partition.entities, { dataDir }));
    const record = await partition.entities.get<{ wrappings: unknown[] }>('vault', 'current');
    expect(record?.wrappings).toHaveLength(1);
    await rotateMasterKey(partition.entities, { dataDir });
    check(await openVault(partition.entities, { dataDir }));
  }
});
