import { listedMoveTasks } from '../limits.ts';
import { checkNumber, findQueueByArn, presentTask } from '../moveTasks.ts';
import type { SqsOperation } from '../service.ts';

/** The newest first. */
export const listMessageMoveTasks: SqsOperation<'ListMessageMoveTasks'> = async (sqs, input, context) => {
  const { SourceArn, MaxResults = listedMoveTasks.default } = input;
  const source = await findQueueByArn(sqs, SourceArn, 'SourceArn', context);
  checkNumber(MaxResults, 'MaxResults', listedMoveTasks);
  const tasks = await sqs.partition.moves.list(source, MaxResults);
  return tasks.length === 0 ? {} : { Results: tasks.map((task) => presentTask(source, task)) };
};
