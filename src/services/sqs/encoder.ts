import type { Identity } from '#access';
import { AwsError } from '#aws/contract';
import {
  type DataKey,
  KeyUnusable,
  type NewMessage,
  type PreparedMessage,
  type QueueEncoder,
  type QueueHandle,
  type QueueKeys,
  type QueueMessage,
} from '#runtime';
import { assert, required } from '#std/assert';
import type { Bytes } from '#std/splitBytes';
import { randomUuidBytes } from '#std/uuid';
import { type Encryption, isEncrypted, sealed, sealingKey } from './encryption.ts';
import { invalidMessageContents, missingParameter } from './errors.ts';
import { checkId, deduplicationIdOf, deduplicationKeyOf } from './fifo.ts';
import { encodeAttributes, hasForbiddenCharacters } from './messageAttributes.ts';
import { PayloadCopies } from './payloadCopies.ts';
import { isFifo, maximumMessageSize } from './queueAttributes.ts';
import { maySend } from './sender.ts';

type Source = NonNullable<QueueMessage['source']>;
type Queue = Pick<QueueHandle, 'record'>;

export interface EncoderOptions {
  readonly encryption: Encryption;
  /** The queue's policy is asked, and that of its key. */
  readonly isEnforced: boolean;
}

/**
 * Messages of other services, as if they had been sent by SendMessage. What SendMessage would refuse is undefined here; why
 * is of no use to whoever published to a thousand queues.
 */
export function createQueueEncoder({ encryption, isEnforced }: EncoderOptions): QueueEncoder {
  const identities = new SourceIdentities();
  return {
    prepare(message: QueueMessage, keys: QueueKeys): PreparedMessage {
      assert(keys instanceof EncoderKeys, "the keys are this encoder's");
      const prepared = refusing(() => prepare(message));
      if (prepared === undefined) return () => undefined;
      const { source } = message;
      return (queue, middle) => {
        if (isEnforced && source !== undefined && !maySend(queue, source)) return undefined;
        const composed = prepared(queue, middle);
        return composed && keys.seal(queue, composed);
      };
    },
    keys: (source) =>
      new EncoderKeys(encryption, isEnforced && source !== undefined ? identities.of(source) : undefined),
  };
}

const sourcesMax = 10_000;

/** Services, as the policies of keys see them. The same one each time, for a data key is used by the one who was given it. */
class SourceIdentities {
  readonly #known = new Map<string, Identity>();

  of({ arn, service }: Source): Identity {
    let identity = this.#known.get(arn);
    if (identity === undefined) {
      const context = {
        'aws:SourceArn': arn,
        'aws:SourceAccount': required(arn.split(':')[4], 'the account of an ARN'),
      };
      identity = { principal: { kind: 'service', accountId: '', arn: service, userId: '', context }, policies: [] };
      if (this.#known.size >= sourcesMax) this.#known.clear();
      this.#known.set(arn, identity);
    }
    return identity;
  }
}

/** Asked for before anything is written, and kept until it has been: a period may end in between. */
class EncoderKeys implements QueueKeys {
  readonly #encryption: Encryption;
  readonly #caller: Identity | undefined;
  readonly #known = new Map<QueueHandle['record'], DataKey | 'unusable'>();

  constructor(encryption: Encryption, caller: Identity | undefined) {
    this.#encryption = encryption;
    this.#caller = caller;
  }

  ready({ record }: Queue): Promise<void> | undefined {
    if (this.#known.has(record)) return undefined;
    const key = sealingKey(this.#encryption, record, this.#caller);
    if (key === undefined) return undefined;
    if (!(key instanceof Promise)) {
      this.#known.set(record, key);
      return undefined;
    }
    return key.then(
      (made) => {
        this.#known.set(record, made);
      },
      (error) => {
        if (!(error instanceof KeyUnusable)) throw error;
        this.#known.set(record, 'unusable');
      },
    );
  }

  seal({ record }: Queue, message: NewMessage): NewMessage | undefined {
    const key = this.#known.get(record);
    if (key === 'unusable') return undefined;
    if (key !== undefined) return sealed(message, key);
    assert(!isEncrypted(this.#encryption, record), 'who sends to an encrypted queue has asked for its key');
    return message;
  }
}

function refusing<T>(act: () => T): T | undefined {
  try {
    return act();
  } catch (error) {
    if (error instanceof AwsError) return undefined;
    throw error;
  }
}

function prepare(message: QueueMessage): PreparedMessage {
  const { body, senderId, traceHeader = '', groupId } = message;
  const { before, after } = typeof body === 'string' ? { before: body, after: '' } : body;
  if (before === '' && after === '') throw missingParameter('MessageBody');
  // Each by itself: to put them together for that alone takes as long as looking through them.
  if (hasForbiddenCharacters(before) || hasForbiddenCharacters(after)) throw invalidMessageContents();
  if (groupId !== undefined) checkId(groupId, 'MessageGroupId');
  const { encoded, size } = encodeAttributes(message.attributes);
  const copies = new PayloadCopies(before, after, { senderId, traceHeader, attributes: encoded });
  return (queue, middle = '') => {
    const bytes = copies.bodyBytes + Buffer.byteLength(middle) + size;
    if (bytes > maximumMessageSize(queue.record) || hasForbiddenCharacters(middle)) return undefined;
    if (isFifo(queue.record)) {
      const encode = (deduplicationId: string) => copies.copyWithId(middle, deduplicationId);
      return refusing(() => toFifoQueue(queue, message, before + middle + after, encode));
    }
    const [messageId, payload] = [randomUuidBytes(), copies.copy(middle)];
    return groupId === undefined ? { messageId, payload } : { messageId, payload, groupId };
  };
}

function toFifoQueue(
  queue: Queue,
  { groupId, deduplicationId: given = '', repetition }: QueueMessage,
  body: string,
  encode: (deduplicationId: string) => Bytes,
): NewMessage | undefined {
  if (groupId === undefined) return undefined;
  if (given !== '') checkId(given, 'MessageDeduplicationId');
  const deduplicationId = deduplicationIdOf(given, body, queue);
  const payload = encode(deduplicationId);
  const repeated = repetition === undefined ? deduplicationId : `${deduplicationId}\0${repetition}`;
  const deduplicationKey = deduplicationKeyOf(groupId, repeated, queue);
  return { messageId: randomUuidBytes(), payload, groupId, deduplicationKey };
}
