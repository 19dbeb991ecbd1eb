/**
 * Server-side encryption of topics: what SNS itself stores of a message is encrypted by a data key of the topic's KMS key.
 * That is the deliveries that wait, the archive, and the promise of a large fan-out. Queues of SQS get messages in plain, and
 * encrypt them as their own settings say.
 */
import type { CallContext } from '#aws/contract';
import { type DataKey, type DataKeys, isSealed } from '#runtime';
import { type Bytes, joined } from '#std/splitBytes';
import { archivedKeepMs, dataKeyReuseMs, deliveryKeepMs } from './limits.ts';
import type { Sns } from './service.ts';
import type { Topic } from './topics.ts';

/** The key that the topic's messages are encrypted with; undefined if they aren't. Without `caller` nobody is asked whether he may. */
export async function topicKey(
  { dataKeys }: Pick<Sns, 'dataKeys'>,
  { record, arn, isFifo }: Topic,
  caller?: CallContext['caller'],
): Promise<DataKey | undefined> {
  const { KmsMasterKeyId: reference = '' } = record.attributes;
  if (reference === '') return undefined;
  const { accountId, region } = record;
  const user = { accountId, region, service: 'sns', ...(caller !== undefined && { caller }) };
  const kms = { reference, user, context: ['aws:sns:topicArn', arn] as const };
  return dataKeys.sealing({ kms, reuseMs: dataKeyReuseMs, keepMs: isFifo ? archivedKeepMs : deliveryKeepMs });
}

/** As it is stored; `binding` as in `open`. */
export function sealed(key: DataKey | undefined, plain: object, binding?: string): Buffer {
  const bytes = Buffer.from(JSON.stringify(plain));
  return key === undefined ? bytes : key.seal(bytes, binding);
}

/** What was stored, encrypted or not. Rejects with `KeyUnusable`. */
export async function opened<T>(
  { dataKeys }: { readonly dataKeys: DataKeys },
  payload: Bytes,
  binding?: string,
): Promise<T> {
  if (!isSealed(payload)) return JSON.parse(Buffer.from(joined(payload)).toString()) as T;
  const key = await dataKeys.opening(payload, dataKeyReuseMs);
  return JSON.parse(key.open(payload, binding).toString()) as T;
}
