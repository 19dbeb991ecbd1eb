import { cutPage, pageAndOne, readToken } from '../paging.ts';
import { subscriberKind } from '../records.ts';
import type { SnsOperation } from '../service.ts';
import { listedSubscription } from '../subscription.ts';

/** The caller's own, whoever has the topics. */
export const listSubscriptions: SnsOperation<'ListSubscriptions'> = async (sns, input, context) => {
  const prefix = `${context.accountId}/${context.region}/`;
  const after = readToken(input.NextToken);
  const found = await sns.partition.entities.list(subscriberKind, prefix, pageAndOne, after && `${prefix}${after}`);
  const { page, token } = cutPage(found, ({ path }) => path.slice(prefix.length));
  const subscriptions = await Promise.all(
    page.map(async ({ path }) => {
      const [accountId = '', name = '', subscriptionId = ''] = path.slice(prefix.length).split('/');
      return sns.topics.findSubscription({ accountId, region: context.region, name }, subscriptionId);
    }),
  );
  const Subscriptions = subscriptions.flatMap((each) => (each === undefined ? [] : [listedSubscription(each.record)]));
  return { Subscriptions, ...token };
};
