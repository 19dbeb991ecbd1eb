import { invalidParameter, resourceNotFound } from '../errors.ts';
import { listedMoveTasks } from '../limits.ts';
import { findQueueByArn, readTaskHandle } from '../moveTasks.ts';
import type { SqsOperation } from '../service.ts';

/** What has been moved stays where it is. */
export const cancelMessageMoveTask: SqsOperation<'CancelMessageMoveTask'> = async (sqs, input, context) => {
  const { taskId, sourceArn } = readTaskHandle(input.TaskHandle);
  const source = await findQueueByArn(sqs, sourceArn, 'SourceArn', context);
  const task = await sqs.partition.moves.cancel(source, taskId);
  if (task === undefined) {
    const known = await sqs.partition.moves.list(source, listedMoveTasks.max);
    if (known.some((each) => each.taskId === taskId)) throw invalidParameter('Only active tasks can be cancelled.');
    throw resourceNotFound('Task does not exist.');
  }
  return { ApproximateNumberOfMessagesMoved: task.moved };
};
