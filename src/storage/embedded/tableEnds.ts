/**
 * Where tables end though more would fit in. A table is moved and merged as a whole, with all that lies between its first key
 * and its last. So it should not reach from one queue into the next, nor from what is deleted at a queue's head to what
 * comes in at its end: new messages then overlap nothing, and deletions only what they delete.
 */
import { compareRanges } from './entryBytes.ts';

/** A kind of entry and a queue's id: as far as that the keys of one queue's messages are alike (`storage/keys.ts`). */
const prefixBytes = 7;

/** A tombstone weighs as much more, about what it hides. */
const bytesOfTombstone = 1024;

/** Part of a buffer. */
export interface KeyPlace {
  readonly bytes: Uint8Array;
  readonly from: number;
  readonly to: number;
}

/** How much a table has, to tell whether it is worth to be one. */
export function weightOf(bytes: number, tombstones: number): number {
  return bytes + bytesOfTombstone * tombstones;
}

/**
 * Between two keys of which the first is a table's last. Always where another kind of entry begins, so that the few of all
 * queues don't make a table that overlaps all their messages; where another queue begins, or tombstones end or begin
 * (`isTurn`), when the table `hasEnough`.
 */
export function isTableEnd(last: KeyPlace, next: KeyPlace, hasEnough: boolean, isTurn: boolean): boolean {
  if (last.bytes[last.from] !== next.bytes[next.from]) return true;
  return hasEnough && (isTurn || comparePrefixes(last, next) !== 0);
}

function comparePrefixes(a: KeyPlace, b: KeyPlace): number {
  const [aTo, bTo] = [Math.min(a.from + prefixBytes, a.to), Math.min(b.from + prefixBytes, b.to)];
  return compareRanges(a.bytes, a.from, aTo, b.bytes, b.from, bTo);
}
