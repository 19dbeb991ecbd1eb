import { invalidParameter } from '../errors.ts';
import { findTopic } from '../finding.ts';
import type { SnsOperation } from '../service.ts';
import { addPermission as addToPolicy, checkLabel, defaultPolicy } from '../topicPolicy.ts';

/** Writes a statement into the topic's Policy. */
export const addPermission: SnsOperation<'AddPermission'> = async (sns, input, context) => {
  const { Label: label, AWSAccountId: accountIds, ActionName: actions } = input;
  const topic = await findTopic(sns, input.TopicArn, context);
  checkLabel(label);
  if (accountIds.length === 0) throw invalidParameter('AWSAccountId');
  if (accountIds.some((accountId) => !/^\d{12}$/.test(accountId))) throw invalidParameter('AWSAccountId');
  if (actions.length === 0) throw invalidParameter('ActionName');
  const { attributes } = topic.record;
  const permission = { label, accountIds: [...new Set(accountIds)], actions: [...new Set(actions)] };
  const Policy = addToPolicy(attributes.Policy ?? defaultPolicy(topic.record), topic.record, permission);
  await sns.topics.update(topic, { attributes: { ...attributes, Policy } });
};
