import { archiveMs } from '../archivePolicy.ts';
import { largeMessageProtocols } from '../endpoints.ts';
import { invalidParameter } from '../errors.ts';
import { findTopic, refuseIfGone } from '../finding.ts';
import { largeMessageSubscriptions, messageBytes } from '../limits.ts';
import { findLog, logSettings } from '../publishing.ts';
import type { SnsOperation } from '../service.ts';
import { checkAttribute } from '../topicAttributes.ts';
import type { Topic } from '../topics.ts';

/** An empty value takes an attribute away, where that is possible. */
export const setTopicAttributes: SnsOperation<'SetTopicAttributes'> = async (sns, input, context) => {
  const { AttributeName: name, AttributeValue: value = '' } = input;
  const topic = await findTopic(sns, input.TopicArn, context);
  const checked = checkAttribute(name, value, { ...topic.record, fifo: topic.isFifo });
  if (name === 'MaximumMessageSize' && Number(checked) > messageBytes) checkLargeMessages(topic);
  const log = name === 'ArchivePolicy' ? await findLog(sns, topic.record) : undefined;
  refuseIfGone(topic);
  const { [name]: _, ...others } = topic.record.attributes;
  const attributes = checked === '' ? others : { ...others, [name]: checked };
  if (log === undefined) {
    await sns.topics.update(topic, { attributes });
    return;
  }
  const since = topic.record.archivedSince ?? sns.partition.now();
  // Both are written in this turn.
  await Promise.all([
    sns.topics.update(topic, { attributes, archivedSince: checked === '' ? undefined : since }),
    log.update({ settings: logSettings(archiveMs(attributes)) }),
  ]);
};

/** Most protocols can't carry them, and nobody can have too many of them. */
function checkLargeMessages(topic: Topic): void {
  const others = [...topic.subscriptions.values()].some(
    ({ record }) => !largeMessageProtocols.includes(record.protocol),
  );
  if (!others && topic.subscriptions.size <= largeMessageSubscriptions) return;
  throw invalidParameter(
    `MaximumMessageSize: above ${messageBytes} bytes a topic has at most ${largeMessageSubscriptions} subscriptions, of the protocols ${largeMessageProtocols.join(', ')}`,
  );
}
