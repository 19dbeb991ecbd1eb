import { createHash } from 'node:crypto';
import type { EntityChange, Partition, Vault } from '#runtime';
import { assert } from '#std/assert';
import type { NewMaterial } from './keySpecs.ts';
import {
  type AliasRecord,
  aliasKind,
  type KeyPath,
  type KeyRecord,
  keyKind,
  keyPath,
  type MaterialRecord,
  materialKind,
  materialPath,
} from './records.ts';

/** Keys and their material, in the store. Nothing is kept in memory: what is read is what is committed. */
export class Keys {
  readonly #entities: Partition['entities'];
  readonly #vault: Vault;

  constructor({ entities }: Pick<Partition, 'entities'>, vault: Vault) {
    this.#entities = entities;
    this.#vault = vault;
  }

  find(path: KeyPath): Promise<KeyRecord | undefined> {
    return this.#entities.get<KeyRecord>(keyKind, keyPath(path));
  }

  findAlias(scope: { accountId: string; region: string }, aliasName: string): Promise<AliasRecord | undefined> {
    return this.#entities.get<AliasRecord>(aliasKind, `${scope.accountId}/${scope.region}/${aliasName}`);
  }

  /** Seals new material; the record is not written yet. */
  seal(keyId: string, made: NewMaterial, about: Omit<MaterialRecord, 'sealed' | 'materialId'>): MaterialRecord {
    // An id that is made of random bytes tells nothing about the material.
    const materialId = createHash('sha256').update(`${keyId} ${about.version} ${about.createdAt}`).digest('hex');
    const sealed = this.#vault.seal(made.secret, materialContext(keyId, about.version)).toString('base64');
    return { ...about, materialId, sealed };
  }

  /** Opens a version of the key's material; undefined if there is none of that number. */
  async open(keyId: string, version: number): Promise<{ secret: Buffer; materialId: string } | undefined> {
    const record = await this.#entities.get<MaterialRecord>(materialKind, materialPath(keyId, version));
    if (record === undefined) return undefined;
    assert(record.version === version, 'material lies under its own version');
    const secret = this.#vault.open(Buffer.from(record.sealed, 'base64'), materialContext(keyId, version));
    return { secret, materialId: record.materialId };
  }

  /** The material that the key works with now. */
  async openCurrent({ keyId, materialVersion }: KeyRecord): Promise<Buffer> {
    const material = await this.open(keyId, materialVersion);
    assert(material !== undefined, `the key ${keyId} has its current material`);
    return material.secret;
  }

  /** In the order of their versions, from the first. */
  async materials(keyId: string, limit: number, after?: number): Promise<MaterialRecord[]> {
    const behind = after === undefined ? undefined : materialPath(keyId, after);
    const found = await this.#entities.list<MaterialRecord>(materialKind, `${keyId}/`, limit, behind);
    return found.map(({ value }) => value);
  }
}

export function materialChange(keyId: string, material: MaterialRecord): EntityChange {
  return { kind: materialKind, path: materialPath(keyId, material.version), value: material };
}

/** What is sealed opens only as the material of this key and this version. */
function materialContext(keyId: string, version: number): string {
  return `kms material ${keyId} ${version}`;
}
