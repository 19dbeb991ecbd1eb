import { randomUUID } from 'node:crypto';
import { archiveMs } from '../archivePolicy.ts';
import { topicArn } from '../arn.ts';
import { checkDataProtectionPolicy } from '../dataProtectionPolicy.ts';
import { invalidParameter } from '../errors.ts';
import { logSettings } from '../publishing.ts';
import { logPath, type TopicRecord } from '../records.ts';
import type { Sns, SnsOperation } from '../service.ts';
import { addTags, readTags } from '../tags.ts';
import { checkNewAttributes, checkTopicName, createPrefix, hasAttributes } from '../topicAttributes.ts';
import type { Topic } from '../topics.ts';

/** Creating what exists already is a success, as long as it has the attributes and the tags that are given. */
export const createTopic: SnsOperation<'CreateTopic'> = async (sns, input, context) => {
  const { Name: name, Attributes: given = {}, DataProtectionPolicy: dataProtectionPolicy } = input;
  checkTopicName(name);
  const path = { accountId: context.accountId, region: context.region, name };
  const attributes = checkNewAttributes(given, path);
  const tags = addTags({}, readTags(input.Tags));
  if (dataProtectionPolicy !== undefined) checkDataProtectionPolicy(dataProtectionPolicy);
  const existing = await sns.topics.find(path);
  if (existing === undefined) {
    const createdAt = sns.partition.now();
    const { isNew, topic } = await create(sns, {
      ...{ ...path, topicId: randomUUID(), createdAt, attributes, tags, subscriptionsDeleted: 0 },
      ...(attributes.ArchivePolicy !== undefined && { archivedSince: createdAt }),
      ...(dataProtectionPolicy !== undefined && { dataProtectionPolicy }),
    });
    if (!isNew) checkSame(topic, attributes, tags);
  } else checkSame(existing, attributes, tags);
  return { TopicArn: topicArn(path) };
};

/** A FIFO topic is there when its log is. */
async function create(sns: Sns, record: TopicRecord): Promise<{ topic: Topic; isNew: boolean }> {
  if (record.attributes.FifoTopic !== 'true') return sns.topics.create(record);
  const settings = logSettings(archiveMs(record.attributes));
  const { handle } = await sns.partition.createQueue({ ...logPath(record), settings, attributes: {}, tags: {} });
  const created = await sns.topics.create(record);
  if (!created.isNew) await handle.deleteQueue();
  return created;
}

function checkSame(topic: Topic, attributes: Topic['record']['attributes'], tags: Topic['record']['tags']): void {
  if (!hasAttributes(topic, attributes)) {
    throw invalidParameter(`${createPrefix}Topic already exists with different attributes`);
  }
  const isTagged = Object.entries(tags).every(([key, value]) => topic.record.tags[key] === value);
  if (!isTagged) throw invalidParameter('Tags Reason: Topic already exists with different tags');
}
