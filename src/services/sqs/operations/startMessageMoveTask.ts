import { MoveAlreadyRunning, type ServedQueue } from '#runtime';
import { invalidParameter } from '../errors.ts';
import { messagesMovedPerSecond } from '../limits.ts';
import { checkNumber, findQueueByArn, taskHandle } from '../moveTasks.ts';
import { isFifo } from '../queueAttributes.ts';
import { queueArn } from '../queueUrl.ts';
import type { SqsOperation } from '../service.ts';

/** Moves what is in a dead-letter queue back to where it came from, or to one queue that the caller names. */
export const startMessageMoveTask: SqsOperation<'StartMessageMoveTask'> = async (sqs, input, context) => {
  const { SourceArn, DestinationArn, MaxNumberOfMessagesPerSecond: messagesPerSecond } = input;
  // first: the source
  const source = await findQueueByArn(sqs, SourceArn, 'SourceArn', context);
  const [deadLetterSource] = await sqs.partition.listDeadLetterSources(source.record, undefined, 1);
  if (deadLetterSource === undefined) {
    throw invalidParameter('Source queue must be configured as a Dead Letter Queue.');
  }
  // then: the destination
  if (DestinationArn === queueArn(source.record)) {
    throw invalidParameter('Source queue arn and destination queue arn cannot be the same.');
  }
  let destination: ServedQueue | undefined;
  if (DestinationArn !== undefined) {
    destination = await findQueueByArn(sqs, DestinationArn, 'DestinationArn', context);
    if (isFifo(source.record) !== isFifo(destination.record)) {
      throw invalidParameter('The source queue and destination queue must be of the same queue type.');
    }
  }
  // last: the rate, and whether a task is running
  if (messagesPerSecond !== undefined) {
    checkNumber(messagesPerSecond, 'MaxNumberOfMessagesPerSecond', messagesMovedPerSecond);
  }
  try {
    const task = await sqs.partition.moves.start({
      source,
      ...(destination !== undefined && { destination: destination.record }),
      ...(messagesPerSecond !== undefined && { messagesPerSecond }),
    });
    return { TaskHandle: taskHandle(source, task) };
  } catch (error) {
    if (!(error instanceof MoveAlreadyRunning)) throw error;
    throw invalidParameter(
      'There is already a task running. Only one active task is allowed for a source queue arn at a given time.',
    );
  }
};
