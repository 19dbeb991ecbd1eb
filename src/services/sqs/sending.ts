import type { CallContext } from '#aws/contract';
import type { QueueHandle } from '#runtime';
import { formatUuid, randomUuidBytes } from '#std/uuid';
import {
  invalidMessageContents,
  invalidParameter,
  invalidValue,
  missingParameter,
  unsupportedOperation,
} from './errors.ts';
import * as limits from './limits.ts';
import {
  type Attributes,
  attributesMd5,
  encodeAttributes,
  hasForbiddenCharacters,
  noAttributes,
} from './messageAttributes.ts';
import { encodePayload } from './payload.ts';
import { maximumMessageSize } from './queueAttributes.ts';

/** What SendMessage and an entry of SendMessageBatch have in common. */
export interface SendRequest {
  readonly MessageBody?: string | undefined;
  readonly DelaySeconds?: number | undefined;
  readonly MessageAttributes?: Attributes | undefined;
  readonly MessageSystemAttributes?: Attributes | undefined;
  readonly MessageDeduplicationId?: string | undefined;
  readonly MessageGroupId?: string | undefined;
}

/** A message that has passed all checks, and what the answer will say of it. */
export interface Composed {
  readonly message: { messageId: Buffer; payload: Buffer; delayMs?: number };
  /** Counts towards the limit of a batch. */
  readonly size: number;
  readonly answer: {
    MessageId: string;
    MD5OfMessageBody: string;
    MD5OfMessageAttributes?: string;
    MD5OfMessageSystemAttributes?: string;
  };
}

/**
 * Checks a message against its queue and encodes it. Throws what AWS answers to a message that it refuses; `place` is the
 * entry of a batch, which a missing parameter is named by.
 */
export function compose(request: SendRequest, queue: QueueHandle, context: CallContext, place = ''): Composed {
  const body = checkBody(request.MessageBody, place);
  checkQueueTypeParameters(request);
  const delayMs = checkDelay(request.DelaySeconds);
  const attributes = encodeAttributes(request.MessageAttributes);
  const system = encodeSystemAttributes(request.MessageSystemAttributes);
  const bodyBytes = Buffer.byteLength(body);
  const size = bodyBytes + attributes.size;
  const allowed = maximumMessageSize(queue.record);
  if (size > allowed) {
    throw invalidParameter(
      `One or more parameters are invalid. Reason: Message must be shorter than ${allowed} bytes.`,
    );
  }
  const messageId = randomUuidBytes();
  const { bytes, bodyMd5 } = encodePayload({
    body,
    bodyBytes,
    senderId: context.accountId,
    groupId: request.MessageGroupId ?? '',
    traceHeader: system.traceHeader,
    attributes: attributes.encoded,
  });
  return {
    message: { messageId, payload: bytes, ...(delayMs !== undefined && { delayMs }) },
    size,
    answer: {
      MessageId: formatUuid(messageId),
      MD5OfMessageBody: bodyMd5,
      ...(attributes.encoded.length > 0 && { MD5OfMessageAttributes: attributesMd5(attributes.encoded) }),
      ...(system.encoded.length > 0 && { MD5OfMessageSystemAttributes: attributesMd5(system.encoded) }),
    },
  };
}

function checkBody(body = '', place: string): string {
  if (body === '') throw missingParameter(`${place}MessageBody`);
  if (hasForbiddenCharacters(body)) throw invalidMessageContents();
  return body;
}

/** A standard queue takes a group id (fair queues), but deduplicates nothing. */
function checkQueueTypeParameters({ MessageDeduplicationId, MessageGroupId }: SendRequest): void {
  const wrongType = 'The request include parameter that is not valid for this queue type.';
  if (MessageDeduplicationId !== undefined)
    throw invalidValue(MessageDeduplicationId, 'MessageDeduplicationId', wrongType);
  if (MessageGroupId === undefined || /^[!-~]{1,128}$/.test(MessageGroupId)) return;
  const reason = `MessageGroupId can only include alphanumeric and punctuation characters. 1 to ${limits.groupIdLength} in length.`;
  throw invalidValue(MessageGroupId, 'MessageGroupId', reason);
}

function checkDelay(seconds: number | undefined): number | undefined {
  if (seconds === undefined) return undefined;
  const { min, max } = limits.delaySeconds;
  if (seconds < min || seconds > max) {
    throw invalidValue(seconds, 'DelaySeconds', `DelaySeconds must be >= ${min} and <= ${max}.`);
  }
  return seconds * 1000;
}

function encodeSystemAttributes(attributes: Attributes | undefined): { encoded: Buffer; traceHeader: string } {
  if (attributes === undefined) return { encoded: noAttributes, traceHeader: '' };
  for (const [name, { DataType }] of Object.entries(attributes)) {
    if (name !== 'AWSTraceHeader') {
      throw invalidParameter(`Message system attribute name '${name}' is invalid.`);
    }
    if (DataType !== 'String') {
      throw invalidParameter(
        `The message system attribute '${name}' has an invalid message attribute type: it must be String.`,
      );
    }
  }
  const { encoded, size } = encodeAttributes(attributes);
  const traceHeader = attributes.AWSTraceHeader?.StringValue ?? '';
  if (size > 0xffff) throw invalidParameter("The message system attribute 'AWSTraceHeader' is too long.");
  return { encoded, traceHeader };
}

/** What only FIFO queues do is refused by name until they are there. */
export function refuseFifo(): never {
  throw unsupportedOperation('FIFO queues are not supported by this version of Posthorn.');
}
