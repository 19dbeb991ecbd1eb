import { AwsError } from '#aws/contract';
import {
  batchEntryIdsNotDistinct,
  emptyBatchRequest,
  invalidBatchEntryId,
  missingParameter,
  tooManyEntries,
} from './errors.ts';
import * as limits from './limits.ts';

export interface FailedEntry {
  readonly Id: string;
  readonly SenderFault: boolean;
  readonly Code: string;
  readonly Message: string;
}

interface BatchEntry {
  readonly Id?: string | undefined;
}

/** The checks that all three batch operations share. They fail the whole call; what is wrong with one entry does not. */
export function checkBatch(entries: readonly BatchEntry[], entryName: string): void {
  if (entries.length === 0) throw emptyBatchRequest(entryName);
  if (entries.length > limits.batchEntries) throw tooManyEntries(entries.length, limits.batchEntries);
  const seen = new Set<string>();
  for (const [index, { Id }] of entries.entries()) {
    if (Id === undefined) throw missingParameter(`${entryName}.${index + 1}.Id`);
    if (!/^[A-Za-z0-9_-]{1,80}$/.test(Id)) throw invalidBatchEntryId();
    if (seen.has(Id)) throw batchEntryIdsNotDistinct(Id);
    seen.add(Id);
  }
}

/** Does each entry by itself: what is thrown for one becomes its place in `Failed`. */
export function eachEntry<Entry extends BatchEntry, Result>(
  entries: readonly Entry[],
  act: (entry: Entry, index: number) => Result,
): { done: { id: string; entry: Entry; result: Result }[]; failed: FailedEntry[] } {
  const done: { id: string; entry: Entry; result: Result }[] = [];
  const failed: FailedEntry[] = [];
  for (const [index, entry] of entries.entries()) {
    const { Id: id = '' } = entry;
    try {
      done.push({ id, entry, result: act(entry, index) });
    } catch (error) {
      failed.push(failedEntry(id, error));
    }
  }
  return { done, failed };
}

export function failedEntry(id: string, error: unknown): FailedEntry {
  if (!(error instanceof AwsError)) throw error;
  return { Id: id, SenderFault: error.senderFault, Code: error.queryCode, Message: error.message };
}

/** `Successful` and `Failed`, without those that are empty, as AWS answers. */
export function batchResult<Successful>(successful: readonly Successful[], failed: readonly FailedEntry[]) {
  const result: { Successful?: readonly Successful[]; Failed?: readonly FailedEntry[] } = {};
  if (successful.length > 0) result.Successful = successful;
  if (failed.length > 0) result.Failed = failed;
  // The model calls both required; AWS leaves the empty one out, and every SDK takes that.
  return result as Required<typeof result>;
}
