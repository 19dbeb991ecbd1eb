import { hash, randomUUID } from 'node:crypto';
import { type PublishedAttributes, showAttributes } from './attributeForms.ts';
import { invalidParameter } from './errors.ts';
import { FilterableMessage } from './filterPolicy/filterableMessage.ts';
import * as limits from './limits.ts';
import { checkMessageAttributes } from './messageAttributes.ts';
import { parseMessageStructure, type StructuredMessage, textFor } from './messageStructure.ts';
import { maximumMessageSize } from './topicAttributes.ts';
import type { Topic } from './topics.ts';

/** What Publish and an entry of PublishBatch have in common. */
export interface PublishRequest {
  readonly Message: string;
  readonly Subject?: string | undefined;
  readonly MessageStructure?: string | undefined;
  readonly MessageAttributes?: PublishedAttributes | undefined;
  readonly MessageDeduplicationId?: string | undefined;
  readonly MessageGroupId?: string | undefined;
}

/** A message that has passed all checks. Plain data, for the log of a FIFO topic keeps it. */
export interface Publication {
  readonly messageId: string;
  readonly publishedAt: number;
  readonly subject?: string;
  readonly message: string;
  /** The texts by protocol, of a message with a structure. */
  readonly structure?: StructuredMessage;
  /** As envelopes show them; `publishedAttributes` gives them back as they came. */
  readonly attributes: Record<string, { Type: string; Value: string }>;
  readonly groupId?: string;
  readonly deduplicationId?: string;
}

/** Checks what holds for a message wherever it goes; gives its size. */
export function checkContent(request: PublishRequest): number {
  const { Message: message, Subject: subject, MessageStructure: structure } = request;
  if (message === '') throw invalidParameter('Empty message');
  if (subject !== undefined) checkSubject(subject);
  if (structure !== undefined && structure !== 'json') throw invalidParameter('MessageStructure');
  checkMessageAttributes(request.MessageAttributes);
  return sizeOf(request);
}

/** What counts towards the limit: the text, and names, types and values of the attributes, valid or not. */
export function sizeOf({ Message, MessageAttributes = {} }: PublishRequest): number {
  let bytes = Buffer.byteLength(Message);
  for (const [name, { DataType = '', StringValue = '', BinaryValue }] of Object.entries(MessageAttributes)) {
    bytes += Buffer.byteLength(name) + Buffer.byteLength(DataType) + Buffer.byteLength(StringValue);
    bytes += BinaryValue?.length ?? 0;
  }
  return bytes;
}

/** Checks all of a message to a topic, and gives it as it is delivered. */
export function checkPublication(request: PublishRequest, topic: Topic, publishedAt: number): Publication {
  if (checkContent(request) > maximumMessageSize(topic)) throw invalidParameter('Message too long');
  const ids = topic.isFifo ? checkFifo(request, topic) : checkStandard(request);
  const { Message: message, Subject: subject, MessageStructure } = request;
  return {
    messageId: randomUUID(),
    publishedAt,
    ...(subject !== undefined && { subject }),
    message,
    ...(MessageStructure === 'json' && { structure: parseMessageStructure(message) }),
    attributes: showAttributes(request.MessageAttributes),
    ...ids,
  };
}

/** What a protocol's subscribers read. */
export function textOf({ structure, message }: Publication, protocol: string): string {
  return structure === undefined ? message : (textFor(structure, protocol) ?? '');
}

/** The message as filter policies see it. */
export function filterable({ attributes, message }: Publication): FilterableMessage {
  const values = Object.entries(attributes).map(([name, { Type, Value }]) => [
    name,
    Type.startsWith('Binary') ? { DataType: Type } : { DataType: Type, StringValue: Value },
  ]);
  return new FilterableMessage({ attributes: Object.fromEntries(values), body: message });
}

/** ASCII was the rule for long; today any text on one line passes. */
function checkSubject(subject: string): void {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what a subject must not hold
  if (subject === '' || subject.length > limits.subjectLength || /[\x00-\x1f\x7f]/.test(subject)) {
    throw invalidParameter('Subject');
  }
}

/** Alphanumerics and punctuation are all that ASCII shows, but for the space. */
const idPattern = new RegExp(`^[!-~]{1,${limits.groupIdLength}}$`);

/** A group is handed on to SQS, whose standard queues serve their groups in turn. */
function checkStandard({ MessageGroupId: groupId, MessageDeduplicationId: deduplicationId }: PublishRequest) {
  if (deduplicationId !== undefined && deduplicationId !== '') {
    throw invalidParameter(
      'MessageDeduplicationId Reason: The request includes MessageDeduplicationId parameter that is not valid for this topic type',
    );
  }
  if (groupId === undefined || groupId === '') return {};
  checkId(groupId, 'MessageGroupId');
  return { groupId };
}

function checkFifo(request: PublishRequest, topic: Topic) {
  const { MessageGroupId: groupId = '', MessageDeduplicationId: given = '', Message: message } = request;
  if (groupId === '') throw invalidParameter('The MessageGroupId parameter is required for FIFO topics');
  checkId(groupId, 'MessageGroupId');
  if (given !== '') checkId(given, 'MessageDeduplicationId');
  if (given === '' && topic.record.attributes.ContentBasedDeduplication !== 'true') {
    throw invalidParameter(
      'The topic should either have ContentBasedDeduplication enabled or MessageDeduplicationId provided explicitly',
    );
  }
  return { groupId, deduplicationId: given === '' ? hash('sha256', message, 'hex') : given };
}

function checkId(id: string, name: 'MessageGroupId' | 'MessageDeduplicationId'): void {
  if (idPattern.test(id)) return;
  throw invalidParameter(
    `${name} Reason: ${name} can only include alphanumeric and punctuation characters. 1 to ${limits.groupIdLength} in length`,
  );
}
