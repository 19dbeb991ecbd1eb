/** Queues of deliveries that no subscription has: for what is published to a phone number or to one endpoint. */
import type { Partition, QueueHandle, QueuePath } from '#runtime';
import { deliveriesInFlightMax, deliveryRetentionMs, inFlightMs } from './deliveryLimits.ts';
import type { SmsScope } from './phoneNumbers.ts';
import type { ApplicationRecord } from './platformApplications.ts';
import { internalAccountId } from './records.ts';
import type { Deliveries } from './service.ts';

type Parts = { readonly partition: Partition; readonly deliveries: Deliveries };

/** Kind `sns-direct-queue`, path `<region>/<name>`: so that they are found after a start. */
const kind = 'sns-direct-queue';

/** All endpoints of an application have one push service, and so one queue. */
export function pushQueuePath({ region, applicationId }: ApplicationRecord): QueuePath {
  return { accountId: internalAccountId, region, name: `push-${applicationId}` };
}

export function smsQueuePath({ accountId, region }: SmsScope): QueuePath {
  return { accountId: internalAccountId, region, name: `sms-${accountId}` };
}

/** Whose SMS are in the queue; undefined if it is none of SMS. */
export function smsScopeOf({ region, name }: QueuePath): SmsScope | undefined {
  return name.startsWith('sms-') ? { accountId: name.slice('sms-'.length), region } : undefined;
}

export async function openDirectQueue({ partition, deliveries }: Parts, path: QueuePath): Promise<QueueHandle> {
  const existing = await partition.queue(path.accountId, path.region, path.name);
  if (existing !== undefined) return existing;
  // First what makes it known: a queue that nobody finds again would keep its messages for ever.
  await partition.entities.write({ kind, path: `${path.region}/${path.name}`, value: {} });
  const settings = {
    ...{ visibilityTimeoutMs: inFlightMs, delayMs: 0 },
    ...{ retentionMs: deliveryRetentionMs, maxInFlight: deliveriesInFlightMax },
  };
  const { handle } = await partition.createQueue({ ...path, settings, attributes: {}, tags: {} });
  deliveries.watch(path);
  return handle;
}

export async function deleteDirectQueue({ partition, deliveries }: Parts, path: QueuePath): Promise<void> {
  const queue = await partition.queue(path.accountId, path.region, path.name);
  await queue?.deleteQueue();
  await partition.entities.write({ kind, path: `${path.region}/${path.name}` });
  deliveries.unwatch(path);
}

/** All of them, page by page. */
export async function* directQueues({ entities }: Partition, pageSize: number): AsyncGenerator<QueuePath> {
  let after: string | undefined;
  do {
    const page = await entities.list(kind, '', pageSize, after);
    for (const { path } of page) {
      const [region = '', name = ''] = path.split('/');
      yield { accountId: internalAccountId, region, name };
    }
    after = page.length < pageSize ? undefined : page.at(-1)?.path;
  } while (after !== undefined);
}
