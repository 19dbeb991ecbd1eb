/**
 * The keys that encrypt messages at rest. A data key lies in the store as an entity, sealed by KMS or by the vault, before
 * anything is sealed by it; in memory it is used for its period, then KMS is asked for another. So every use of KMS is one
 * of its own calls, and a key that was disabled is noticed by the end of the period.
 */
import { randomBytes } from 'node:crypto';
import type { Bytes } from '#std/splitBytes';
import { type Clock, systemClock } from './clock.ts';
import type { EntityChange } from './entities.ts';
import { type KeyRing, KeyUnusable, type KeyUser } from './handles.ts';
import { dataKeysInMemory } from './limits.ts';
import { MovedKeys } from './movedKeys.ts';
import type { Partition } from './partition.ts';
import { DataKey, dataKeyIdOf, newDataKeyId } from './sealedPayload.ts';
import type { Vault } from './sealing.ts';

const dayMs = 86_400_000;

/** What a service wants to seal by. */
export interface SealingOrder {
  /** What KMS knows the key by, and who uses it. Absent: the server's own key. */
  readonly kms?: {
    readonly reference: string;
    readonly user: KeyUser;
    /** Goes into the encryption context, under a name that the service has: `['aws:sqs:arn', arn]`. */
    readonly context: readonly [name: string, arn: string];
  };
  /** How long one data key is used. */
  readonly reuseMs: number;
  /** How long what is sealed may be kept where it is stored first. */
  readonly keepMs: number;
}

/** Kind `data-key`, path its id in hex. */
interface DataKeyRecord {
  /** Base64. */
  readonly sealed: string;
  /** Of one that KMS has sealed. */
  readonly context?: Readonly<Record<string, string>>;
  readonly createdAt: number;
  /** By then nothing that was sealed is left where it was stored first. */
  readonly keptUntil: number;
}

const kind = 'data-key';
/** Of the same path: when something that it has sealed was moved to another queue last; see `movedKeys.ts`. */
const movedKind = 'data-key-moved';

/** For the longest period, and for what is removed a little late. */
const slackMs = 2 * dayMs;
/** The longest retention of a queue that messages are moved to. */
const movedKeepMs = 14 * dayMs;
const sweptAtOnce = 1_000;

interface Slot {
  key?: DataKey;
  createdAt: number;
  making?: Promise<DataKey> | undefined;
}

/** A data key that was opened. */
interface Opened {
  readonly key: DataKey;
  /** When KMS allowed it last, by who asked; absent for the server's own. */
  readonly allowedAt?: WeakMap<object, number>;
}

/** Stands for who asks where nobody is asked for. */
const nobody = {};

export interface DataKeysOptions {
  readonly vault: Vault;
  readonly keyRing: KeyRing;
  /** By which keys that are not needed any more are looked for. */
  readonly clock?: Clock;
  /** What went wrong where nobody waits for it. */
  readonly report?: (error: Error) => void;
}

type UsedPartition = Pick<Partition, 'entities' | 'now' | 'onMoved' | 'onStateLost'>;

export class DataKeys {
  readonly #partition: UsedPartition;
  readonly #options: DataKeysOptions;
  /** By who asks: whom KMS has allowed one, another must not use. */
  readonly #slots = new WeakMap<object, Map<string, Slot>>();
  readonly #opened = new Map<string, Opened>();
  /** Under way, by who asks and the id. */
  readonly #opening = new WeakMap<object, Map<string, Promise<DataKey>>>();
  readonly #moved = new MovedKeys();
  #stopSweeping: () => void = () => undefined;
  #sweeping: Promise<void> = Promise.resolve();
  #closed = false;

  constructor(partition: UsedPartition, options: DataKeysOptions) {
    this.#partition = partition;
    this.#options = options;
    partition.onMoved((messages) => this.#noteMoved(messages));
    partition.onStateLost(() => this.#moved.forget());
  }

  /** Looks now and once a day for keys that nothing needs any more. */
  start(): void {
    this.#sweepNow();
  }

  async close(): Promise<void> {
    this.#closed = true;
    this.#stopSweeping();
    await this.#sweeping;
  }

  /** The key to seal with now; not a promise while one is in use. Rejects with `KeyUnusable`. */
  sealing(order: SealingOrder): DataKey | Promise<DataKey> {
    const slot = this.#slotOf(order);
    const { key, createdAt } = slot;
    if (key !== undefined && !key.isWorn && this.#isWithin(createdAt, order.reuseMs)) return key;
    slot.making ??= this.#make(order, slot).finally(() => {
      slot.making = undefined;
    });
    return slot.making;
  }

  /** The key that opens it; not a promise if KMS has allowed it to this user within the period. Rejects with `KeyUnusable`. */
  opening(sealed: Uint8Array, reuseMs: number, user?: KeyUser): DataKey | Promise<DataKey> {
    const id = dataKeyIdOf(sealed);
    const known = this.#opened.get(id);
    if (known !== undefined && this.#isAllowed(known, reuseMs, user)) return known.key;
    const opening = mapOf(this.#opening, user?.caller ?? nobody);
    let key = opening.get(id);
    if (key === undefined) {
      key = this.#open(id, known, user).finally(() => opening.delete(id));
      opening.set(id, key);
    }
    return key;
  }

  /** Whether the server's own key opens it, and nobody's of KMS. */
  async isManaged(sealed: Uint8Array): Promise<boolean> {
    const id = dataKeyIdOf(sealed);
    const known = this.#opened.get(id);
    if (known !== undefined) return known.allowedAt === undefined;
    const record = await this.#partition.entities.get<DataKeyRecord>(kind, id);
    return record !== undefined && record.context === undefined;
  }

  /** What they have sealed is going to another queue, of another partition's: resolves when that is stored. */
  async noteMovedKeys(ids: readonly string[]): Promise<void> {
    const now = this.#partition.now();
    await this.#partition.entities.write(...ids.map((path) => ({ kind: movedKind, path, value: now })));
  }

  /** Removes what nothing in the store needs any more. */
  async sweep(): Promise<void> {
    const { entities } = this.#partition;
    let after: string | undefined;
    do {
      const page = await entities.list<DataKeyRecord>(kind, '', sweptAtOnce, after);
      const removed: EntityChange[] = [];
      for (const { path, value } of page) {
        if (this.#closed) return;
        if (value.keptUntil > this.#partition.now()) continue;
        const movedAt = await entities.get<number>(movedKind, path);
        if (movedAt !== undefined && movedAt + movedKeepMs + slackMs > this.#partition.now()) continue;
        removed.push({ kind, path }, { kind: movedKind, path });
        this.#opened.delete(path);
      }
      if (removed.length > 0) await entities.write(...removed);
      after = page.length < sweptAtOnce ? undefined : page.at(-1)?.path;
    } while (after !== undefined);
  }

  #sweepNow(): void {
    const { clock = systemClock, report = () => undefined } = this.#options;
    this.#sweeping = this.sweep()
      .catch(report)
      .finally(() => {
        if (!this.#closed) this.#stopSweeping = clock.schedule(clock.now() + dayMs, () => this.#sweepNow());
      });
  }

  /** A clock that was set back must not make a key last longer. */
  #isWithin(since: number, periodMs: number): boolean {
    const now = this.#partition.now();
    return now >= since && now < since + periodMs;
  }

  #slotOf({ kms }: SealingOrder): Slot {
    const slots = mapOf(this.#slots, kms?.user.caller ?? nobody);
    const name = kms === undefined ? '' : `${kms.reference}\n${kms.context[1]}`;
    let slot = slots.get(name);
    if (slot === undefined) {
      slot = { createdAt: 0 };
      keepAtMost(slots, dataKeysInMemory - 1);
      slots.set(name, slot);
    }
    return slot;
  }

  async #make(order: SealingOrder, slot: Slot): Promise<DataKey> {
    const createdAt = this.#partition.now();
    const id = newDataKeyId();
    const path = id.toString('hex');
    const { plaintext, sealed, context } = await this.#generate(order, path);
    const value: DataKeyRecord = {
      sealed: sealed.toString('base64'),
      ...(context !== undefined && { context }),
      createdAt,
      keptUntil: createdAt + order.keepMs + slackMs,
    };
    // Synced before it is used: what it seals must never be in the store without it.
    await this.#partition.entities.write({ kind, path, value });
    const key = new DataKey(id, plaintext);
    this.#remember(path, key, order.kms?.user, createdAt, order.kms !== undefined);
    slot.key = key;
    slot.createdAt = createdAt;
    return key;
  }

  async #generate({ kms }: SealingOrder, path: string) {
    if (kms === undefined) {
      const plaintext = randomBytes(32);
      return { plaintext, sealed: this.#options.vault.seal(plaintext, vaultContext(path)), context: undefined };
    }
    const { reference, user } = kms;
    const context = { [kms.context[0]]: kms.context[1] };
    const { keyRing } = this.#options;
    const { plaintext, sealed } = await keyRing.generateDataKey(reference, user, context);
    // As AWS does: whoever sends needs to be allowed kms:Decrypt as well, and the key is known to open again.
    await keyRing.openDataKey(sealed, context, user);
    return { plaintext, sealed, context };
  }

  #isAllowed({ allowedAt }: Opened, reuseMs: number, user: KeyUser | undefined): boolean {
    if (allowedAt === undefined) return true;
    const since = allowedAt.get(user?.caller ?? nobody);
    return since !== undefined && this.#isWithin(since, reuseMs);
  }

  async #open(id: string, known: Opened | undefined, user: KeyUser | undefined): Promise<DataKey> {
    const record = await this.#partition.entities.get<DataKeyRecord>(kind, id);
    if (record === undefined) {
      throw new KeyUnusable('invalid-ciphertext', `The data key ${id} that this was encrypted with is not there.`);
    }
    const sealed = Buffer.from(record.sealed, 'base64');
    const { context } = record;
    const askedAt = this.#partition.now();
    const secret =
      context === undefined
        ? this.#options.vault.open(sealed, vaultContext(id))
        : await this.#options.keyRing.openDataKey(sealed, context, user);
    const key = known?.key ?? new DataKey(Buffer.from(id, 'hex'), secret);
    this.#remember(id, key, user, askedAt, context !== undefined);
    return key;
  }

  #remember(id: string, key: DataKey, user: KeyUser | undefined, askedAt: number, isOfKms: boolean): void {
    let opened = this.#opened.get(id);
    if (opened === undefined) {
      opened = { key, ...(isOfKms && { allowedAt: new WeakMap() }) };
      keepAtMost(this.#opened, dataKeysInMemory - 1);
      this.#opened.set(id, opened);
    }
    opened.allowedAt?.set(user?.caller ?? nobody, askedAt);
  }

  /** Written in the very turn of the move, so by its commit: in the other queue a message may live as long once more. */
  #noteMoved(messages: readonly { readonly payload: Bytes }[]): void {
    const now = this.#partition.now();
    const ids = this.#moved.unnoted(messages, now);
    if (ids.length === 0) return;
    this.#moved.note(ids, now);
    // Who waits for the move hears of a commit that fails.
    this.noteMovedKeys(ids).catch(() => undefined);
  }
}

function vaultContext(path: string): string {
  return `data-key/${path}`;
}

function mapOf<T>(maps: WeakMap<object, Map<string, T>>, who: object): Map<string, T> {
  let map = maps.get(who);
  if (map === undefined) {
    map = new Map();
    maps.set(who, map);
  }
  return map;
}

/** The oldest make room. */
function keepAtMost(map: Map<string, unknown>, entries: number): void {
  for (const name of map.keys()) {
    if (map.size <= entries) return;
    map.delete(name);
  }
}
