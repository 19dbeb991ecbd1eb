import type { Findings } from './soakFindings.ts';
import { emptyCounts, inFlightUntil, type ReceiveCall } from './soakLedger.ts';

/** A message of a FIFO queue: the how manieth of its group it is. */
export type Place = { readonly group: number; readonly index: number };

/**
 * What the clients of a FIFO queue were promised, as three numbers a group: each group has one sender, who repeats a send
 * under its deduplication id until it is answered, and deletes are repeated, too. So nothing is in doubt but for a moment,
 * and whatever the number of messages, a group is: gone up to `low`, asked to be deleted up to `high`, sent up to `sent`.
 *
 * The first message of a group that an answer brings must lie from `low` to `high`, and each one behind it must be the
 * next; and nobody gets any while another holds messages of the group that are certainly in flight.
 */
export class SoakFifoLedger {
  readonly #findings: Findings;
  readonly #queue: string;
  readonly #sent: Uint32Array;
  readonly #low: Uint32Array;
  readonly #high: Uint32Array;
  /** Received up to there, at least once. */
  readonly #seen: Uint32Array;
  /** Of the last receive of the group, how many messages are not asked to be deleted. */
  readonly #heldCount: Uint32Array;
  readonly #hiddenUntil: Float64Array;
  readonly counts = emptyCounts();
  #owed = 0;

  constructor(queue: string, groups: number, findings: Findings) {
    this.#queue = queue;
    this.#findings = findings;
    this.#sent = new Uint32Array(groups);
    this.#low = new Uint32Array(groups);
    this.#high = new Uint32Array(groups);
    this.#seen = new Uint32Array(groups);
    this.#heldCount = new Uint32Array(groups);
    this.#hiddenUntil = new Float64Array(groups).fill(Number.NEGATIVE_INFINITY);
  }

  /** Messages that are there, as far as is known. */
  get owed(): number {
    return this.#owed;
  }

  /** The index of the group's next message; call it before the request leaves. */
  sending(group: number): number {
    this.counts.sent += 1;
    this.#owed += 1;
    return add(this.#sent, group, 1) - 1;
  }

  /** All that one answer brought, in its order. */
  received(places: readonly Place[], call: ReceiveCall, now: number): void {
    const next = new Map<number, number>();
    for (const { group, index } of places) {
      this.counts.received += 1;
      if (!(index < at(this.#sent, group))) {
        this.#findings.add('altered', `${this.#queue} gave ${index} of group ${group}, never sent`);
        continue;
      }
      const expected = next.get(group);
      if (expected === undefined) this.#judgeFirst(group, index, now);
      else if (index !== expected)
        this.#findings.add('disordered', `${this.#text(group, index)} behind ${expected - 1}`);
      next.set(group, index + 1);
      if (index < at(this.#seen, group)) this.counts.receivedAgain += 1;
      else this.#seen[group] = index + 1;
    }
    for (const [group, end] of next) {
      this.#hiddenUntil[group] = inFlightUntil(call);
      this.#heldCount[group] = end - at(this.#high, group);
    }
  }

  /** Its visibility is about to end by request. */
  returning(group: number): void {
    this.#hiddenUntil[group] = Number.NEGATIVE_INFINITY;
  }

  /** Returns until when the message is certainly in flight, which `deleted` wants to know. */
  deleting({ group, index }: Place): number {
    const hiddenUntil = at(this.#hiddenUntil, group);
    if (index >= at(this.#high, group)) {
      this.#owed -= index + 1 - at(this.#high, group);
      this.#high[group] = index + 1;
    }
    // The rest of the group is free as soon as the last of what is held is gone, which may be long before the answer.
    if (add(this.#heldCount, group, -1) === 0) this.returning(group);
    return hiddenUntil;
  }

  deleted({ group, index }: Place, hiddenUntil: number, now: number): void {
    this.counts.deleted += 1;
    if (now >= hiddenUntil) this.counts.inDoubt += 1;
    else if (index >= at(this.#low, group)) this.#low[group] = index + 1;
  }

  settle(): void {
    if (this.#owed > 0) this.#findings.add('lost', `${this.#queue}: ${this.#owed} messages`, this.#owed);
  }

  #judgeFirst(group: number, index: number, now: number): void {
    const low = at(this.#low, group);
    const high = at(this.#high, group);
    const hiddenUntil = at(this.#hiddenUntil, group);
    if (index < low)
      this.#findings.add('doubled', `${this.#text(group, index)}: deletes up to ${low - 1} are acknowledged`);
    else if (index > high) this.#findings.add('disordered', `${this.#text(group, index)}, but ${high} is still there`);
    else if (now < hiddenUntil)
      this.#findings.add(
        'doubled',
        `${this.#text(group, index)}, in flight for ${Math.round(hiddenUntil - now)} ms more`,
      );
    // Everything before it is gone; it and what is behind it are not.
    this.#low[group] = index;
    this.#owed += high - index;
    this.#high[group] = index;
  }

  #text(group: number, index: number): string {
    return `${this.#queue} gave ${index} of group ${group}`;
  }
}

function at(array: Uint32Array | Float64Array, index: number): number {
  return array[index] ?? Number.NaN;
}

function add(array: Uint32Array, index: number, difference: number): number {
  const sum = at(array, index) + difference;
  array[index] = sum;
  return sum;
}
