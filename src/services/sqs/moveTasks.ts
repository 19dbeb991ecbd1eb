/** Message move tasks as the API shows them: queues by their ARNs, and task handles. The texts are AWS's. */
import type { CallContext } from '#aws/contract';
import type { SqsOperations } from '#aws/generated/sqs';
import type { MoveTask, ServedQueue } from '#runtime';
import { invalidParameter, resourceNotFound } from './errors.ts';
import { parseArn, parseQueueArn, queueArn } from './queueUrl.ts';
import type { Sqs } from './service.ts';

type ListedTask = NonNullable<SqsOperations['ListMessageMoveTasks']['output']['Results']>[number];

/** The queue of the caller's region that an ARN names. */
export async function findQueueByArn(
  sqs: Sqs,
  arn: string,
  parameter: 'SourceArn' | 'DestinationArn',
  context: CallContext,
): Promise<ServedQueue> {
  if (parseArn(arn) === undefined) {
    throw invalidParameter(
      `You must use this format to specify the ${parameter}: arn:<partition>:<service>:<region>:<account-id>:<resource-id>`,
    );
  }
  const path = parseQueueArn(arn);
  const isHere = path !== undefined && path.region === context.region;
  const queue = isHere ? await sqs.partition.queue(path.accountId, path.region, path.name) : undefined;
  if (queue === undefined) {
    throw resourceNotFound(`The resource that you specified for the ${parameter} parameter doesn't exist.`);
  }
  return queue;
}

/** As AWS's: the base64 of JSON. */
export function taskHandle({ record }: ServedQueue, { taskId }: MoveTask): string {
  return Buffer.from(JSON.stringify({ taskId, sourceArn: queueArn(record) })).toString('base64');
}

export function readTaskHandle(handle: string): { taskId: string; sourceArn: string } {
  if (handle === '') throw invalidParameter('The TaskHandle parameter is required.');
  const { taskId, sourceArn } = parseHandle(handle);
  if (typeof taskId !== 'string' || typeof sourceArn !== 'string') throw invalidTaskHandle();
  return { taskId, sourceArn };
}

function parseHandle(handle: string): { taskId?: unknown; sourceArn?: unknown } {
  try {
    const parsed: unknown = JSON.parse(Buffer.from(handle, 'base64').toString());
    return typeof parsed === 'object' && parsed !== null ? parsed : {};
  } catch {
    throw invalidTaskHandle();
  }
}

function invalidTaskHandle(): Error {
  return invalidParameter('Value for parameter TaskHandle is invalid.');
}

/** The handle is there while the task can be cancelled. */
export function presentTask(source: ServedQueue, task: MoveTask): ListedTask {
  const { status, destination, messagesPerSecond, failureReason } = task;
  return {
    ...(status === 'RUNNING' && { TaskHandle: taskHandle(source, task) }),
    Status: status,
    SourceArn: queueArn(source.record),
    ...(destination !== undefined && { DestinationArn: queueArn(destination) }),
    ...(messagesPerSecond !== undefined && { MaxNumberOfMessagesPerSecond: messagesPerSecond }),
    ApproximateNumberOfMessagesMoved: task.moved,
    ApproximateNumberOfMessagesToMove: task.toMove,
    ...(failureReason !== undefined && { FailureReason: failureReason }),
    StartedTimestamp: task.startedAt,
  };
}

/** Measured: of these numbers AWS doesn't repeat the value. */
export function checkNumber(
  value: number,
  parameter: 'MaxResults' | 'MaxNumberOfMessagesPerSecond',
  { min, max }: { readonly min: number; readonly max: number },
): void {
  if (value >= min && value <= max) return;
  throw invalidParameter(
    `Value for parameter ${parameter} is invalid. Reason: You must enter a number that's between ${min} and ${max}.`,
  );
}
