import { expect, test, vi } from 'vitest';
import { type DataKeys, Partition, Turns } from '#runtime';
import { MemoryStore } from '#storage/memory';
import { createDeliveryQueue } from './confirmation.ts';
import { Farewells } from './farewells.ts';
import { LargeFanOuts } from './largeFanOuts.ts';
import { Pace } from './pace.ts';
import { deliveryQueuePath, type SubscriptionRecord } from './records.ts';
import { Replays } from './replays.ts';
import type { Sns } from './service.ts';
import { SigningKeys } from './signingIdentity.ts';
import { Topics } from './topics.ts';

test('a subscription that nobody confirms is there as long as its token, one that was confirmed stays', async () => {
  const partition = await Partition.open(new MemoryStore());
  const none = () => undefined;
  const sns: Sns = {
    ...{
      partition,
      topics: new Topics(partition),
      signingKeys: new SigningKeys(partition),
      turns: new Turns(),
      pace: new Pace(),
    },
    ...{
      encoder: { prepare: () => none, keys: () => ({ ready: none }) },
      dataKeys: {} as DataKeys,
      deliveries: { watch: none, unwatch: none, count: none },
    },
    ...{ replays: new Replays(partition, none), largeFanOuts: new LargeFanOuts(partition, none) },
    ...{ smsSandbox: false, enforceQuotas: false },
  };
  const path = { accountId: '111122223333', region: 'eu-west-1', name: 'orders' };
  const more = { topicId: 'topic', createdAt: 0, attributes: {}, tags: {}, subscriptionsDeleted: 0 };
  const { topic } = await sns.topics.create({ ...path, ...more });
  const subscribe = async (subscriptionId: string, status: SubscriptionRecord['status']) => {
    const record: SubscriptionRecord = {
      ...{ subscriptionId, status, topic: path, owner: path.accountId, createdAt: 0, attributes: {} },
      ...{ protocol: 'http', endpoint: `http://${subscriptionId}/`, confirmationWasAuthenticated: true },
      ...{ token: 'token', tokenExpiresAt: 2_000 },
    };
    await createDeliveryQueue(sns, record);
    await sns.topics.putSubscription(topic, record);
    return record;
  };
  const pending = await subscribe('pending', 'pending');
  await subscribe('confirmed', 'confirmed');
  const farewells = new Farewells(partition, none);
  const now = vi.spyOn(partition, 'now').mockReturnValue(1_999);
  await farewells.sweep(sns);
  expect([...topic.subscriptions.keys()]).toEqual(['pending', 'confirmed']);
  now.mockReturnValue(2_000);
  await farewells.sweep(sns);
  expect([...topic.subscriptions.keys()]).toEqual(['confirmed']);
  const { accountId, region, name } = deliveryQueuePath(pending);
  expect(await partition.queue(accountId, region, name)).toBeUndefined();
  await farewells.close();
  await partition.close();
});
