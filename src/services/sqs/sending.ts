import type { CallContext } from '#aws/contract';
import type { NewMessage, QueueHandle, SentMessage } from '#runtime';
import { isPlainText } from '#std/plainTexts';
import { type TextBytes, textBytesOf } from '#std/textBytes';
import { formatUuid, randomUuidBytes } from '#std/uuid';
import { invalidMessageContents, invalidParameter, invalidValue, missingParameter } from './errors.ts';
import { checkId, deduplicationIdOf, deduplicationKeyOf, invalidId, sequenceNumber } from './fifo.ts';
import * as limits from './limits.ts';
import {
  type Attributes,
  attributesMd5,
  encodeAttributes,
  hasForbiddenBytes,
  hasForbiddenCharacters,
  noAttributes,
} from './messageAttributes.ts';
import { encodePayload } from './payload.ts';
import { isFifo, maximumMessageSize } from './queueAttributes.ts';

type Queue = Pick<QueueHandle, 'record'>;

/** What SendMessage and an entry of SendMessageBatch have in common. */
export interface SendRequest {
  readonly MessageBody?: string | undefined;
  readonly DelaySeconds?: number | undefined;
  readonly MessageAttributes?: Attributes | undefined;
  readonly MessageSystemAttributes?: Attributes | undefined;
  readonly MessageDeduplicationId?: string | undefined;
  readonly MessageGroupId?: string | undefined;
}

/** The digests that the sender checks. */
interface Digests {
  MD5OfMessageBody: string;
  MD5OfMessageAttributes?: string;
  MD5OfMessageSystemAttributes?: string;
}

/** A message that has passed all checks. */
export interface Composed {
  readonly message: NewMessage;
  readonly digests: Digests;
}

/**
 * Checks a message against its queue and encodes it. Throws what AWS answers to a message that it refuses; `place` is the
 * entry of a batch, which a missing parameter is named by; `isPlain`: all texts of the call are known to be plain.
 */
export function compose(
  request: SendRequest,
  queue: Queue,
  context: Pick<CallContext, 'accountId' | 'caller'>,
  { place = '', isPlain: isKnownPlain = false }: { place?: string; isPlain?: boolean },
): Composed {
  const body = messageBodyOf(request);
  const isPlain = isKnownPlain || (typeof body === 'string' ? isPlainText(body) : body.isPlain);
  if (!isPlain || body === '') checkBody(body, place);
  const ids = isFifo(queue.record) ? checkFifo(request, body, queue, place) : checkStandard(request, place);
  const attributes = encodeAttributes(request.MessageAttributes);
  const system = encodeSystemAttributes(request.MessageSystemAttributes);
  const bodyBytes = textLength(body, isPlain);
  const allowed = maximumMessageSize(queue.record);
  if (bodyBytes + attributes.size > allowed) {
    throw invalidParameter(
      `One or more parameters are invalid. Reason: Message must be shorter than ${allowed} bytes.`,
    );
  }
  const { bytes, bodyMd5 } = encodePayload({
    body,
    bodyBytes,
    isPlain,
    senderId: context.caller?.principal.userId || context.accountId,
    deduplicationId: ids.deduplicationId ?? '',
    traceHeader: system.traceHeader,
    attributes: attributes.encoded,
  });
  const digests: Digests = { MD5OfMessageBody: bodyMd5 };
  if (attributes.encoded.length > 0) digests.MD5OfMessageAttributes = attributesMd5(attributes.encoded);
  if (system.encoded.length > 0) digests.MD5OfMessageSystemAttributes = attributesMd5(system.encoded);
  return { message: { messageId: randomUuidBytes(), payload: bytes, ...ids.message }, digests };
}

/** Of a duplicate the digests are its own, as the sender checks them; id and number are those of the original. */
export function sentAnswer({ digests }: Composed, { messageId, sequence }: SentMessage, queue: Queue) {
  return {
    MessageId: formatUuid(messageId),
    ...digests,
    ...(isFifo(queue.record) && { SequenceNumber: sequenceNumber(sequence) }),
  };
}

/** A long one may be the bytes that it came as. Who reads the member itself makes a text of them. */
export function messageBodyOf(request: SendRequest): string | TextBytes {
  return textBytesOf(request, 'MessageBody') ?? request.MessageBody ?? '';
}

/** In UTF-8. */
export function textLength(text: string | TextBytes, isPlain: boolean): number {
  if (typeof text !== 'string') return text.bytes.length;
  return isPlain ? text.length : Buffer.byteLength(text);
}

function checkBody(body: string | TextBytes, place = ''): void {
  if (body === '') throw missingParameter(`${place}MessageBody`);
  const isForbidden = typeof body === 'string' ? hasForbiddenCharacters(body) : hasForbiddenBytes(body.bytes);
  if (isForbidden) throw invalidMessageContents();
}

interface CheckedIds {
  readonly message: Pick<NewMessage, 'delayMs' | 'groupId' | 'deduplicationKey'>;
  readonly deduplicationId?: string;
}

const wrongQueueType = 'The request include parameter that is not valid for this queue type';

const noIds: CheckedIds = { message: {} };

/** A standard queue takes a group id (fair queues), but deduplicates nothing. */
function checkStandard(request: SendRequest, place: string): CheckedIds {
  const { MessageDeduplicationId: deduplicationId = '', MessageGroupId: groupId, DelaySeconds: delay } = request;
  if (deduplicationId !== '') throw invalidId(deduplicationId, 'MessageDeduplicationId', wrongQueueType, place);
  if (groupId !== undefined) checkId(groupId, 'MessageGroupId', place);
  if (delay !== undefined) checkDelay(delay);
  if (groupId === undefined && delay === undefined) return noIds;
  return {
    message: {
      ...(groupId !== undefined && { groupId }),
      ...(delay !== undefined && { delayMs: delay * 1000 }),
    },
  };
}

/** A FIFO queue delays all of its messages alike; measured: AWS takes a `DelaySeconds` of 0, and ignores it. */
function checkFifo(request: SendRequest, body: string | TextBytes, queue: Queue, place: string): CheckedIds {
  const { MessageGroupId: groupId = '', MessageDeduplicationId: given = '', DelaySeconds: delay = 0 } = request;
  if (groupId === '') throw missingParameter('MessageGroupId');
  checkId(groupId, 'MessageGroupId', place);
  if (given !== '') checkId(given, 'MessageDeduplicationId', place);
  const deduplicationId = deduplicationIdOf(given, body, queue);
  if (delay !== 0) throw invalidValue(delay, 'DelaySeconds', `${wrongQueueType}.`);
  return {
    message: { groupId, deduplicationKey: deduplicationKeyOf(groupId, deduplicationId, queue) },
    deduplicationId,
  };
}

function checkDelay(seconds: number): void {
  const { min, max } = limits.delaySeconds;
  if (seconds < min || seconds > max) {
    throw invalidValue(seconds, 'DelaySeconds', `DelaySeconds must be >= ${min} and <= ${max}.`);
  }
}

/** They don't count towards the size. AWS documents a form of the trace header that it does not insist on. */
function encodeSystemAttributes(attributes: Attributes | undefined): { encoded: Buffer; traceHeader: string } {
  if (attributes === undefined) return { encoded: noAttributes, traceHeader: '' };
  for (const [name, { DataType: type = '' }] of Object.entries(attributes)) {
    if (name !== 'AWSTraceHeader') {
      throw invalidParameter(`Message system attribute name '${name}' is invalid.`);
    }
    if (type !== '' && type !== 'String') {
      throw invalidParameter(
        `The message system attribute '${name}' is reserved for AWS X-Ray trace header. The type must be 'String'.`,
      );
    }
  }
  const { encoded, size } = encodeAttributes(attributes, 'system');
  const traceHeader = attributes.AWSTraceHeader?.StringValue ?? '';
  if (size > limits.traceHeaderBytes) {
    throw invalidParameter(
      `The message system attribute 'AWSTraceHeader' must be shorter than ${limits.traceHeaderBytes} bytes.`,
    );
  }
  return { encoded, traceHeader };
}
