/** What FIFO queues have more than others: ids of groups, deduplication and attempts, and sequence numbers. */
import { hash } from 'node:crypto';
import type { QueueHandle } from '#runtime';
import { digestOf } from '#std/digestRing';
import type { TextBytes } from '#std/textBytes';
import { invalidParameter, invalidValue } from './errors.ts';
import { groupIdLength } from './limits.ts';

type Queue = Pick<QueueHandle, 'record'>;

/** Alphanumerics and punctuation are all that ASCII shows, but for the space. */
const idPattern = new RegExp(`^[!-~]{1,${groupIdLength}}$`);

type IdName = 'MessageGroupId' | 'MessageDeduplicationId' | 'ReceiveRequestAttemptId';

/** `place` is the entry of a batch. */
export function checkId(id: string, name: IdName, place = ''): void {
  if (idPattern.test(id)) return;
  const reason = `${name} can only include alphanumeric and punctuation characters. 1 to ${groupIdLength} in length`;
  throw invalidId(id, name, reason, place);
}

/** Measured: of an entry of a batch, AWS tells the reason alone, without a stop. */
export function invalidId(id: string, name: IdName, reason: string, place: string): Error {
  return place === '' ? invalidValue(id, name, `${reason}.`) : invalidParameter(reason);
}

/** What the sender gave, or the digest of the body alone if the queue deduplicates by content. */
export function deduplicationIdOf(given: string, body: string | TextBytes, { record }: Queue): string {
  if (given !== '') return given;
  if (record.attributes.ContentBasedDeduplication === 'true')
    return hash('sha256', typeof body === 'string' ? body : body.bytes, 'hex');
  throw invalidParameter(
    'The queue should either have ContentBasedDeduplication enabled or MessageDeduplicationId provided explicitly',
  );
}

/**
 * What must be unique for five minutes: the id in all of the queue, or in its group, as `DeduplicationScope` says. Group ids
 * have no NUL, so that no two pairs give one text.
 */
export function deduplicationKeyOf(groupId: string, deduplicationId: string, { record }: Queue): Buffer {
  const isByGroup = record.attributes.DeduplicationScope === 'messageGroup';
  const unique = isByGroup ? `${groupId}\0${deduplicationId}` : deduplicationId;
  return digestOf(unique);
}

/** 20 digits that grow with each message, as AWS's do; these begin like AWS's, too. */
export function sequenceNumber(sequence: number): string {
  return `18849${String(sequence).padStart(15, '0')}`;
}
