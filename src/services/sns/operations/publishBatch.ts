import type { PublishBatchRequestEntry as Entry } from '#aws/generated/sns';
import { required } from '#std/assert';
import {
  batchEntryIdsNotDistinct,
  batchRequestTooLong,
  emptyBatchRequest,
  invalidBatchEntryId,
  tooManyEntries,
} from '../errors.ts';
import { findTopic } from '../finding.ts';
import { batchEntries } from '../limits.ts';
import { checkPublication, sizeOf } from '../publication.ts';
import { publishAll } from '../publishing.ts';
import type { SnsOperation } from '../service.ts';
import { maximumMessageSize } from '../topicAttributes.ts';

/** Measured: what is wrong with one entry refuses them all, with the entry's own error. */
export const publishBatch: SnsOperation<'PublishBatch'> = async (sns, input, context) => {
  const { PublishBatchRequestEntries: entries } = input;
  const topic = await findTopic(sns, input.TopicArn, context);
  checkBatch(entries);
  const size = entries.reduce((sum, entry) => sum + sizeOf(entry), 0);
  if (size > maximumMessageSize(topic)) throw batchRequestTooLong();
  const now = sns.partition.now();
  const publications = entries.map((entry) => checkPublication(entry, topic, now));
  const published = await publishAll(sns, topic, publications, context);
  const Successful = entries.map(({ Id }, index) => ({ Id, ...required(published[index], 'what was published') }));
  return { Successful, Failed: [] };
};

function checkBatch(entries: readonly Entry[]): void {
  if (entries.length === 0) throw emptyBatchRequest();
  if (entries.length > batchEntries) throw tooManyEntries();
  if (new Set(entries.map(({ Id }) => Id)).size < entries.length) throw batchEntryIdsNotDistinct();
  if (entries.some(({ Id }) => !/^[A-Za-z0-9_-]{1,80}$/.test(Id))) throw invalidBatchEntryId();
}
