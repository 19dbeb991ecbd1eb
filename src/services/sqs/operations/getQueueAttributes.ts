import type { QueueDepth, ServedQueue } from '#runtime';
import { invalidAttributeName } from '../errors.ts';
import { isKnownAttribute, shownAttributes } from '../queueAttributes.ts';
import { findQueue, queueArn } from '../queueUrl.ts';
import type { SqsOperation } from '../service.ts';

export const getQueueAttributes: SqsOperation<'GetQueueAttributes'> = async (sqs, input, context) => {
  const queue = await findQueue(sqs, input.QueueUrl, context);
  const { AttributeNames: wanted = [] } = input;
  for (const name of wanted) if (!isKnownAttribute(name)) throw invalidAttributeName(name);
  if (wanted.length === 0) return {};
  const all = attributesOf(queue, await queue.depth());
  if (wanted.includes('All')) return { Attributes: all };
  const selected = Object.fromEntries(Object.entries(all).filter(([name]) => wanted.includes(name)));
  return Object.keys(selected).length > 0 ? { Attributes: selected } : {};
};

/** In the order in which AWS lists them. */
function attributesOf({ record }: ServedQueue, { visible, inFlight, delayed }: QueueDepth): Record<string, string> {
  return {
    QueueArn: queueArn(record),
    ApproximateNumberOfMessages: String(visible),
    ApproximateNumberOfMessagesNotVisible: String(inFlight),
    ApproximateNumberOfMessagesDelayed: String(delayed),
    CreatedTimestamp: seconds(record.createdAt),
    LastModifiedTimestamp: seconds(record.modifiedAt),
    ...shownAttributes(record.attributes),
  };
}

function seconds(milliseconds: number): string {
  return String(Math.floor(milliseconds / 1000));
}
