import { topicArn } from '../arn.ts';
import { cutPage, pageAndOne, readToken } from '../paging.ts';
import type { SnsOperation } from '../service.ts';

/** In the order of their names. */
export const listTopics: SnsOperation<'ListTopics'> = async (sns, input, context) => {
  const found = await sns.topics.list(context, pageAndOne, readToken(input.NextToken));
  const { page, token } = cutPage(found, ({ name }) => name);
  return { Topics: page.map((record) => ({ TopicArn: topicArn(record) })), ...token };
};
