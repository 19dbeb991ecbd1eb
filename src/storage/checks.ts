import type { ScanRange, WriteOperation } from './store.ts';

/** The longest key any store accepts, in bytes. */
export const maxKeyBytes = 1024;

/** The longest value, in bytes: a log's frame, a table's block and a commit have room for it. */
export const maxValueBytes = 15 * 1024 * 1024;

/** What is wrong here is a bug in the caller, so it is thrown at the call and never becomes a `CommitFailed`. */
export function checkOperations(operations: readonly WriteOperation[]): void {
  for (const { key, value } of operations) {
    checkKey(key);
    if (value !== undefined && value.length > maxValueBytes) {
      throw new RangeError(`A value has at most ${maxValueBytes} bytes, not ${value.length}.`);
    }
  }
}

export function checkKey(key: Uint8Array): void {
  if (key.length === 0 || key.length > maxKeyBytes) {
    throw new RangeError(`A key has 1 to ${maxKeyBytes} bytes, not ${key.length}.`);
  }
}

export function checkRange(range: ScanRange): void {
  if (!Number.isSafeInteger(range.limit) || range.limit < 0) {
    throw new RangeError(`A scan's limit is a whole number, not ${range.limit}.`);
  }
  if (range.maxBytes !== undefined && !(range.maxBytes >= 0)) {
    throw new RangeError(`A scan's maxBytes is not negative, as ${range.maxBytes} is.`);
  }
}
