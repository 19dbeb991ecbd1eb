import { AwsError, type CallContext, type ServedService } from '#aws/contract';
import { sqs as contract, type SqsOperations } from '#aws/generated/sqs';
import { CommitFailed, type Partition, QueueGone } from '#runtime';
import { queueDoesNotExist, unsupportedOperation } from './errors.ts';
import { changeMessageVisibility } from './operations/changeMessageVisibility.ts';
import { changeMessageVisibilityBatch } from './operations/changeMessageVisibilityBatch.ts';
import { createQueue } from './operations/createQueue.ts';
import { deleteMessage } from './operations/deleteMessage.ts';
import { deleteMessageBatch } from './operations/deleteMessageBatch.ts';
import { deleteQueue } from './operations/deleteQueue.ts';
import { getQueueAttributes } from './operations/getQueueAttributes.ts';
import { getQueueUrl } from './operations/getQueueUrl.ts';
import { listQueues } from './operations/listQueues.ts';
import { listQueueTags } from './operations/listQueueTags.ts';
import { purgeQueue } from './operations/purgeQueue.ts';
import { receiveMessage } from './operations/receiveMessage.ts';
import { sendMessage } from './operations/sendMessage.ts';
import { sendMessageBatch } from './operations/sendMessageBatch.ts';
import { setQueueAttributes } from './operations/setQueueAttributes.ts';
import { tagQueue } from './operations/tagQueue.ts';
import { untagQueue } from './operations/untagQueue.ts';
import { ReceiptHandles } from './receiptHandle.ts';
import type { Sqs, SqsOperation } from './service.ts';

/** What is absent here is answered UnsupportedOperation. */
const operations: { readonly [Name in keyof SqsOperations]?: SqsOperation<Name> } = {
  ChangeMessageVisibility: changeMessageVisibility,
  ChangeMessageVisibilityBatch: changeMessageVisibilityBatch,
  CreateQueue: createQueue,
  DeleteMessage: deleteMessage,
  DeleteMessageBatch: deleteMessageBatch,
  DeleteQueue: deleteQueue,
  GetQueueAttributes: getQueueAttributes,
  GetQueueUrl: getQueueUrl,
  ListQueues: listQueues,
  ListQueueTags: listQueueTags,
  PurgeQueue: purgeQueue,
  ReceiveMessage: receiveMessage,
  SendMessage: sendMessage,
  SendMessageBatch: sendMessageBatch,
  SetQueueAttributes: setQueueAttributes,
  TagQueue: tagQueue,
  UntagQueue: untagQueue,
};

export function createSqs(partition: Partition): ServedService {
  const sqs: Sqs = { partition, receiptHandles: new ReceiptHandles(partition.secret) };
  const bound = Object.keys(contract.operations).map((name) => {
    const call = (operations[name as keyof SqsOperations] ?? notServed(name)) as (
      sqs: Sqs,
      input: never,
      context: CallContext,
    ) => Promise<unknown>;
    return [name, (input: never, context: CallContext) => call(sqs, input, context).catch(refuse)];
  });
  return { contract, operations: Object.fromEntries(bound), pathDefaults };
}

function notServed(name: string): () => Promise<never> {
  const refusal = `The operation ${name} is not supported by this version of Posthorn.`;
  return () => Promise.reject(unsupportedOperation(refusal));
}

/** `/<account>/<queue>` is that queue's URL, for Query requests that name none. */
function pathDefaults(path: string, endpoint: string): { QueueUrl: string } | undefined {
  return /^\/\d{12}\/[^/]+\/?$/.test(path) ? { QueueUrl: `${endpoint}${path.replace(/\/$/, '')}` } : undefined;
}

/** What the runtime throws, as AWS says it. */
function refuse(error: unknown): never {
  if (error instanceof QueueGone) throw queueDoesNotExist();
  if (error instanceof CommitFailed) {
    throw new AwsError('ServiceUnavailable', `Nothing was changed: the data could not be stored. ${error.message}`, {
      httpStatus: 503,
    });
  }
  throw error;
}
