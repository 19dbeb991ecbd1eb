import { asBuffer, readUint48 } from '../../src/std/bytes.ts';
import { readLetterKey } from '../../src/storage/keys.ts';
import { decodeLetter, type LetterRecord } from '../../src/storage/letterRecords.ts';
import type { StoredCopy } from './disk.ts';

/** A letter that lies in the store of the partition that it leaves. */
export interface StoredLetter {
  readonly id: number;
  readonly place: number;
  readonly to: number;
  readonly record: LetterRecord;
  /** Stands for the message while it is on its way. */
  readonly copy: StoredCopy;
  /** What was moved; undefined if the message begins as a letter. */
  readonly moved: StoredCopy | undefined;
  hasArrived: boolean;
  isTaken: boolean;
}

/**
 * The letters of all partitions. Each arrives once, by the commit that notes that it was taken, in the order in which they
 * were written.
 */
export class StoredLetters {
  readonly #letters = new Map<string, StoredLetter>();
  readonly #byCopy = new Map<StoredCopy, StoredLetter>();
  readonly #lastWritten = new Map<string, number>();
  readonly #lastArrived = new Map<string, number>();
  readonly #lastTaken = new Map<string, number>();

  get size(): number {
    return this.#letters.size;
  }

  of(copy: StoredCopy | undefined): StoredLetter | undefined {
    return copy && this.#byCopy.get(copy);
  }

  /** `find`: where the message was until now. */
  put(
    place: number,
    key: Buffer,
    value: Buffer,
    commit: number,
    find: (id: string) => StoredCopy | undefined,
  ): StoredLetter {
    const { partition: to, id } = readLetterKey(key);
    rise(this.#lastWritten, `${place} to ${to}`, id, 'was written');
    const record = decodeLetter(value);
    const body = asBuffer(record.message.payload).toString();
    const [name = ''] = body.split(' ', 1);
    const moved = find(name);
    const copy = copyOnItsWay(record, { id: name, body, commit }, moved);
    const letter = { id, place, to, record, copy, moved, hasArrived: false, isTaken: false };
    this.#letters.set(nameOf(place, key), letter);
    this.#byCopy.set(copy, letter);
    return letter;
  }

  delete(place: number, key: Buffer): StoredLetter | undefined {
    const letter = this.#letters.get(nameOf(place, key));
    this.#letters.delete(nameOf(place, key));
    if (letter !== undefined) this.#byCopy.delete(letter.copy);
    return letter;
  }

  arrived(letter: StoredLetter): void {
    const { id, place, to, copy } = letter;
    if (letter.hasArrived) throw new Error(`the letter of ${copy.id} arrives twice`);
    rise(this.#lastArrived, `${place} to ${to}`, id, 'arrives');
    letter.hasArrived = true;
  }

  /** Gives those that are taken by this. */
  taken(place: number, key: Buffer, value: Buffer): StoredLetter[] {
    const from = key.readUInt8(1);
    const last = readUint48(value, 0);
    rise(this.#lastTaken, `${from} to ${place}`, last, 'is taken');
    const taken = [...this.#letters.values()].filter(
      (each) => each.place === from && each.to === place && each.id <= last && !each.isTaken,
    );
    for (const letter of taken) {
      if (!letter.hasArrived) throw new Error(`the letter of ${letter.copy.id} is taken, but it is nowhere`);
      letter.isTaken = true;
    }
    return taken;
  }
}

function rise(lasts: Map<string, number>, way: string, id: number, what: string): void {
  const last = lasts.get(way) ?? 0;
  if (id <= last) throw new Error(`the letter ${id} from ${way} ${what} after ${last}`);
  lasts.set(way, id);
}

function nameOf(place: number, key: Buffer): string {
  return `${place} ${key.toString('latin1')}`;
}

function copyOnItsWay(
  { path, queueId, message }: LetterRecord,
  facts: Pick<StoredCopy, 'id' | 'body' | 'commit'>,
  moved: StoredCopy | undefined,
): StoredCopy {
  const { messageId, groupId = '', origin = '', receivedBefore = 0, sentAt = 0 } = message;
  const place = { queueName: path.name, queueId, contentsId: 0, lane: 0, availableAt: 0, sequence: 0 };
  const name = asBuffer(messageId).toString('hex');
  const kind = { isFifo: moved?.isFifo === true, isThere: true };
  return { ...facts, ...place, ...kind, messageId: name, groupId, origin, receivedBefore, sentAt };
}
