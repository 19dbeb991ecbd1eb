import { batchResult, checkBatch, eachEntry } from '../batch.ts';
import { batchRequestTooLong } from '../errors.ts';
import { maximumMessageBytes } from '../limits.ts';
import { findQueue } from '../queueUrl.ts';
import { compose, type SendRequest } from '../sending.ts';
import type { SqsOperation } from '../service.ts';

const entryName = 'SendMessageBatchRequestEntry';

export const sendMessageBatch: SqsOperation<'SendMessageBatch'> = async (sqs, input, context) => {
  const queue = await findQueue(sqs, input.QueueUrl, context);
  // first: what fails the whole call
  checkBatch(input.Entries, entryName);
  const total = input.Entries.reduce((sum, entry) => sum + sizeOf(entry), 0);
  if (total > maximumMessageBytes) throw batchRequestTooLong(total, maximumMessageBytes);
  // then: what fails one entry
  const { done, failed } = eachEntry(input.Entries, (entry, index) =>
    compose(entry, queue, context, `${entryName}.${index + 1}.`),
  );
  // last: the others are stored together
  if (done.length > 0) await queue.send(done.map(({ result }) => result.message));
  const successful = done.map(({ id, result }) => ({ Id: id, ...result.answer }));
  return batchResult(successful, failed);
};

/** Bytes of the body and of attribute names, types and values, whether they are valid or not. */
function sizeOf({ MessageBody = '', MessageAttributes = {} }: SendRequest): number {
  let size = Buffer.byteLength(MessageBody);
  for (const [name, { DataType = '', StringValue = '', BinaryValue }] of Object.entries(MessageAttributes)) {
    size += Buffer.byteLength(name) + Buffer.byteLength(DataType) + Buffer.byteLength(StringValue);
    size += BinaryValue?.length ?? 0;
  }
  return size;
}
