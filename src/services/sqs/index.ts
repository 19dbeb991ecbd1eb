import { AwsError, type CallContext, type ServedService } from '#aws/contract';
import { sqs as contract, type SqsOperations } from '#aws/generated/sqs';
import { CommitFailed, KeyUnusable, QueueGone, type ServedQueues } from '#runtime';
import { accessOf } from './access.ts';
import type { Encryption } from './encryption.ts';
import { keyUnusable, queueDoesNotExist } from './errors.ts';
import { messageOperations } from './messageOperations.ts';
import { addPermission } from './operations/addPermission.ts';
import { cancelMessageMoveTask } from './operations/cancelMessageMoveTask.ts';
import { createQueue } from './operations/createQueue.ts';
import { deleteQueue } from './operations/deleteQueue.ts';
import { getQueueAttributes } from './operations/getQueueAttributes.ts';
import { getQueueUrl } from './operations/getQueueUrl.ts';
import { listDeadLetterSourceQueues } from './operations/listDeadLetterSourceQueues.ts';
import { listMessageMoveTasks } from './operations/listMessageMoveTasks.ts';
import { listQueues } from './operations/listQueues.ts';
import { listQueueTags } from './operations/listQueueTags.ts';
import { purgeQueue } from './operations/purgeQueue.ts';
import { removePermission } from './operations/removePermission.ts';
import { setQueueAttributes } from './operations/setQueueAttributes.ts';
import { startMessageMoveTask } from './operations/startMessageMoveTask.ts';
import { tagQueue } from './operations/tagQueue.ts';
import { untagQueue } from './operations/untagQueue.ts';
import { Quotas } from './quotas.ts';
import { ReceiptHandles } from './receiptHandle.ts';
import { bind, type Sqs, type SqsOperation } from './service.ts';

export { createSqsAtEdge } from './edge.ts';

const operations: { readonly [Name in keyof SqsOperations]: SqsOperation<Name> } = {
  ...messageOperations,
  AddPermission: addPermission,
  CancelMessageMoveTask: cancelMessageMoveTask,
  CreateQueue: createQueue,
  DeleteQueue: deleteQueue,
  GetQueueAttributes: getQueueAttributes,
  GetQueueUrl: getQueueUrl,
  ListDeadLetterSourceQueues: listDeadLetterSourceQueues,
  ListMessageMoveTasks: listMessageMoveTasks,
  ListQueues: listQueues,
  ListQueueTags: listQueueTags,
  PurgeQueue: purgeQueue,
  RemovePermission: removePermission,
  SetQueueAttributes: setQueueAttributes,
  StartMessageMoveTask: startMessageMoveTask,
  TagQueue: tagQueue,
  UntagQueue: untagQueue,
};

/** What AWS does and few want of their own server; both are off unless asked for. */
export interface SqsSwitches {
  /** A purge, and a new queue of a deleted one's name, must wait for 60 seconds. */
  readonly strictTiming?: boolean;
  /** FIFO queues are throttled at AWS's requests per second. */
  readonly enforceQuotas?: boolean;
}

export interface SqsOptions extends SqsSwitches {
  readonly encryption: Encryption;
}

export function createSqs(partition: ServedQueues, options: SqsOptions): ServedService {
  const { strictTiming = false, enforceQuotas = false, encryption } = options;
  const sqs: Sqs = {
    partition,
    receiptHandles: new ReceiptHandles(partition.secret),
    encryption,
    strictTiming,
    quotas: enforceQuotas ? new Quotas(() => partition.now()) : undefined,
  };
  const bound = bind(operations, sqs, (operation) => operation().catch(refuse));
  const access = (operation: string, input: never, context: CallContext) => accessOf(sqs, operation, input, context);
  return { contract, operations: bound, accessOf: access, pathDefaults };
}

/** `/<account>/<queue>` is that queue's URL, for Query requests that name none. */
function pathDefaults(path: string, endpoint: string): { QueueUrl: string } | undefined {
  return /^\/\d{12}\/[^/]+\/?$/.test(path) ? { QueueUrl: `${endpoint}${path.replace(/\/$/, '')}` } : undefined;
}

/** What the runtime throws, as AWS says it. */
function refuse(error: unknown): never {
  if (error instanceof QueueGone) throw queueDoesNotExist();
  if (error instanceof KeyUnusable) throw keyUnusable(error);
  if (error instanceof CommitFailed) {
    throw new AwsError('ServiceUnavailable', `Nothing was changed: the data could not be stored. ${error.message}`, {
      httpStatus: 503,
    });
  }
  throw error;
}
