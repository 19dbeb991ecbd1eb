/**
 * What would have left this server, had it been told where to: e-mails without a relay, SMS without a gateway, pushes
 * without a push service. Nothing of it is dropped in silence: it is stored, and listed like by a mail catcher. It may come
 * from a topic whose messages are encrypted; so what an entry says is sealed.
 *
 * It has a bound, in entries and in bytes; the oldest make room, and how many did is told. In memory lie the paths and
 * the sizes only. A path is a number that falls, so that the store's order is the newest first.
 */
import type { Entity, EntityChange, Partition, Vault } from '#runtime';
import { assert } from '#std/assert';
import type { Delivery } from '../delivery.ts';
import { outboxBytes, outboxEntries } from './limits.ts';

export interface OutboxEntry {
  /** `email`, `email-json`, `sms`, or the platform of a push: `GCM`, `APNS` ... */
  readonly protocol: string;
  readonly kind: Delivery['kind'];
  /** An e-mail address, a phone number, a device token. */
  readonly to: string;
  readonly messageId: string;
  readonly topicArn: string;
  readonly subscriptionArn: string;
  readonly subject?: string;
  /** Of an e-mail or an SMS the text, of a push the payload. */
  readonly text: string;
  /** What else would have been sent: the sender, headers, SMS attributes. */
  readonly details?: Readonly<Record<string, string>>;
}

export interface StoredEntry extends OutboxEntry {
  /** Milliseconds since the epoch. */
  readonly keptAt: number;
}

export interface OutboxSearch {
  /** The `next` of the answer before. */
  readonly after?: string | undefined;
  readonly limit: number;
  readonly protocol?: string | undefined;
  readonly to?: string | undefined;
}

export interface OutboxPage {
  /** The newest first. */
  readonly entries: readonly (StoredEntry & { readonly id: string })[];
  readonly next?: string;
  /** How many made room for newer ones since the start. */
  readonly dropped: number;
}

/** What is stored of an entry: what it says lies in `sealed`, base64 of the sealed JSON of these members. */
type Contents = Pick<OutboxEntry, 'subject' | 'text' | 'details'>;
type Written = StoredEntry | (Omit<StoredEntry, keyof Contents> & { readonly sealed: string });

export interface OutboxOptions {
  readonly entries?: number;
  readonly bytes?: number;
  /** Without it everything is written in plain. */
  readonly vault?: Vault;
}

interface Kept {
  readonly path: string;
  readonly bytes: number;
}

interface Index {
  /** The oldest first. */
  readonly kept: Kept[];
  bytes: number;
  nextPath: number;
}

const kind = 'sns-outbox';
const firstPath = 999_999_999_999;
const pathDigits = 12;
/** Entries that are read from the store in one go. */
const pageEntries = 100;

export class Outbox {
  readonly #partition: Pick<Partition, 'entities' | 'now' | 'onStateLost'>;
  readonly #bounds: { readonly entries: number; readonly bytes: number };
  readonly #vault: Vault | undefined;
  #index: Promise<Index> | undefined;
  #dropped = 0;

  constructor(
    partition: Pick<Partition, 'entities' | 'now' | 'onStateLost'>,
    { entries = outboxEntries, bytes = outboxBytes, vault }: OutboxOptions = {},
  ) {
    this.#partition = partition;
    this.#bounds = { entries, bytes };
    this.#vault = vault;
    // What it knows may not have been stored.
    partition.onStateLost(() => {
      this.#index = undefined;
    });
  }

  /** Resolves once the entry is stored. */
  async keep(entry: OutboxEntry): Promise<void> {
    const index = await this.#open();
    const path = String(index.nextPath).padStart(pathDigits, '0');
    index.nextPath -= 1;
    const value = this.#write(path, { ...entry, keptAt: this.#partition.now() });
    const bytes = sizeOf(value);
    const changes: EntityChange[] = [{ kind, path, value }];
    while (this.#isFull(index, bytes)) {
      const oldest = index.kept.shift();
      if (oldest === undefined) break;
      index.bytes -= oldest.bytes;
      this.#dropped += 1;
      changes.push({ kind, path: oldest.path });
    }
    index.kept.push({ path, bytes });
    index.bytes += bytes;
    await this.#partition.entities.write(...changes);
  }

  async list({ after, limit, protocol, to }: OutboxSearch): Promise<OutboxPage> {
    const entries: (StoredEntry & { id: string })[] = [];
    let from = after;
    while (entries.length < limit) {
      const wanted = limit - entries.length;
      const page = await this.#partition.entities.list<Written>(kind, '', wanted, from);
      const matching = page.filter(({ value }) => isEqual(protocol, value.protocol) && isEqual(to, value.to));
      entries.push(...matching.map(({ path, value }) => ({ id: path, ...this.#read(path, value) })));
      from = page.at(-1)?.path ?? from;
      if (page.length < wanted) return { entries, dropped: this.#dropped };
    }
    return { entries, ...(from !== undefined && { next: from }), dropped: this.#dropped };
  }

  /** Gives how many there were. */
  async clear(): Promise<number> {
    const index = await this.#open();
    const paths = index.kept.splice(0).map(({ path }) => path);
    index.bytes = 0;
    if (paths.length > 0) await this.#partition.entities.write(...paths.map((path) => ({ kind, path })));
    return paths.length;
  }

  #write(path: string, entry: StoredEntry): Written {
    if (this.#vault === undefined) return entry;
    const { subject, text, details, ...rest } = entry;
    const contents: Contents = { text, ...(subject !== undefined && { subject }), ...(details && { details }) };
    const sealed = this.#vault.seal(Buffer.from(JSON.stringify(contents)), contextOf(path)).toString('base64');
    return { ...rest, sealed };
  }

  #read(path: string, written: Written): StoredEntry {
    if (!('sealed' in written)) return written;
    assert(this.#vault !== undefined, 'what is sealed is read with the vault that sealed it');
    const { sealed, ...rest } = written;
    const contents = this.#vault.open(Buffer.from(sealed, 'base64'), contextOf(path)).toString();
    return { ...rest, ...(JSON.parse(contents) as Contents) };
  }

  #isFull(index: Index, bytes: number): boolean {
    return index.kept.length >= this.#bounds.entries || index.bytes + bytes > this.#bounds.bytes;
  }

  #open(): Promise<Index> {
    if (this.#index === undefined) {
      const index = this.#load();
      this.#index = index;
      // The next one tries again.
      index.catch(() => {
        if (this.#index === index) this.#index = undefined;
      });
    }
    return this.#index;
  }

  async #load(): Promise<Index> {
    const kept: Kept[] = [];
    let after: string | undefined;
    let page: Entity<Written>[];
    do {
      page = await this.#partition.entities.list<Written>(kind, '', pageEntries, after);
      kept.push(...page.map(({ path, value }) => ({ path, bytes: sizeOf(value) })));
      after = page.at(-1)?.path;
    } while (page.length === pageEntries);
    const newest = kept[0];
    return {
      kept: kept.reverse(),
      bytes: kept.reduce((sum, { bytes }) => sum + bytes, 0),
      nextPath: newest === undefined ? firstPath : Number(newest.path) - 1,
    };
  }
}

function sizeOf(entry: Written): number {
  return Buffer.byteLength(JSON.stringify(entry));
}

function contextOf(path: string): string {
  return `${kind}/${path}`;
}

function isEqual(wanted: string | undefined, found: string): boolean {
  return wanted === undefined || wanted === found;
}
