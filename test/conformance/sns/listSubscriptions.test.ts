import { expect, it } from 'vitest';
import { describeOurs, uniqueName } from '../target.ts';
import { topic } from './fixtures.ts';
import { ok } from './queryCall.ts';

describeOurs('ListSubscriptions', () => {
  it('lists those of all topics, and of other accounts too [model: ListSubscriptions]', async () => {
    const options = { accessKeyId: '888877776666' };
    const topics = [await topic(), await topic({}, uniqueName('topic'), options)];
    const sub = (TopicArn: string) => ok('Subscribe', { TopicArn, Protocol: 'sms', Endpoint: '+15551234567' }, options);
    const arns = [];
    for (const TopicArn of topics) arns.push((await sub(TopicArn)).SubscriptionArn);
    const { Subscriptions } = await ok('ListSubscriptions', {}, options);
    expect(Subscriptions?.map(({ SubscriptionArn }) => SubscriptionArn).sort()).toEqual([...arns].sort());
    expect(await ok('ListSubscriptions', {}, { ...options, region: 'sa-east-1' })).toEqual({ Subscriptions: [] });
  });
});
