/** Whether a queue's policy lets another service send to it on behalf of one of its resources. */
import { decide, type Identity } from '#access';
import type { QueueHandle, QueueMessage } from '#runtime';
import { required } from '#std/assert';
import { policyOf } from './access.ts';
import { queueArn } from './queueUrl.ts';

type Source = NonNullable<QueueMessage['source']>;
type Queue = Pick<QueueHandle, 'record'>;

/** Decided once for each queue and source: a queue whose attributes change has another record. */
const decided = new WeakMap<object, Map<string, boolean>>();

export function maySend(queue: Queue, source: Source): boolean {
  const { record } = queue;
  let ofQueue = decided.get(record);
  if (ofQueue === undefined) {
    ofQueue = new Map();
    decided.set(record, ofQueue);
  }
  const known = ofQueue.get(source.arn);
  // A policy may look at the clock, or deny by it; those that do are asked each time.
  if (known !== undefined) return known;
  const allowed = decideSend(queue, source);
  if (!/Date|aws:(CurrentTime|EpochTime)/i.test(record.attributes.Policy ?? '')) ofQueue.set(source.arn, allowed);
  return allowed;
}

function decideSend(queue: Queue, { arn, service }: Source): boolean {
  const { record } = queue;
  const principal = { kind: 'service', accountId: '', arn: service, userId: '', context: {} } as const;
  const identity: Identity = { principal, policies: [] };
  const now = Date.now();
  const request = {
    action: 'sqs:SendMessage',
    resource: queueArn(record),
    resourceAccountId: record.accountId,
    context: {
      'aws:SourceArn': arn,
      'aws:SourceAccount': required(arn.split(':')[4], 'the account of an ARN'),
      'aws:SecureTransport': 'true',
      'aws:CurrentTime': new Date(now).toISOString(),
      'aws:EpochTime': String(Math.floor(now / 1000)),
    },
  };
  const policy = policyOf(queue);
  return policy !== undefined && decide(identity, request, policy).effect === 'allowed';
}
