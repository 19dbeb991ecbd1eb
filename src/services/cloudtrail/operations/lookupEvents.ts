import { createHash } from 'node:crypto';
import type { CallContext } from '#aws/contract';
import type { Event, LookupAttribute, LookupEventsRequest, LookupEventsResponse } from '../contract.ts';
import {
  invalidEventCategory,
  invalidLookupAttributes,
  invalidMaxResults,
  invalidNextToken,
  invalidTimeRange,
  unsupportedOperation,
} from '../errors.ts';
import { attributeValueCharacters, lookupResults } from '../limits.ts';
import type { TrailRecord } from '../record.ts';
import { namedResources } from '../resources.ts';
import { type FoundRecord, type Place, searchBackwards } from '../search.ts';
import type { Trail } from '../trail.ts';
import { usernameOf } from '../userIdentity.ts';

/** Whether a record has an attribute of that value. */
type AttributeTest = (record: TrailRecord, value: string) => boolean;

const attributes: Readonly<Record<string, AttributeTest>> = {
  AccessKeyId: ({ userIdentity }, value) => userIdentity.accessKeyId === value,
  EventId: ({ eventID }, value) => eventID === value,
  EventName: ({ eventName }, value) => eventName === value,
  EventSource: ({ eventSource }, value) => eventSource === value,
  ReadOnly: ({ readOnly }, value) => String(readOnly) === value,
  ResourceName: (record, value) => namedResources(record).some(({ ResourceName }) => isNamed(ResourceName, value)),
  ResourceType: (record, value) => namedResources(record).some(({ ResourceType }) => ResourceType === value),
  Username: ({ userIdentity }, value) => usernameOf(userIdentity) === value,
};

/** Those whose value stands in the record as it is asked for. */
const literal = new Set(['AccessKeyId', 'EventId', 'EventName', 'EventSource', 'ResourceName']);

/** `trail`: undefined where nothing is recorded. */
export async function lookupEvents(
  trail: Trail | undefined,
  input: LookupEventsRequest,
  context: CallContext,
): Promise<LookupEventsResponse> {
  const attribute = checkAttributes(input.LookupAttributes ?? []);
  const { from, to } = checkTimes(input);
  const max = checkMaxResults(input.MaxResults);
  const isInsight = checkCategory(input.EventCategory);
  const question = digestOf(input, context);
  const after = readToken(input.NextToken, question);
  if (trail === undefined) throw unsupportedOperation('This server keeps no audit records: auditDir is not set.');
  // Nothing here looks for insights, so there are none.
  if (isInsight) return { Events: [] };
  // What has happened before the question is part of the answer.
  await trail.flush();
  const { accountId, region } = context;
  const { found, next } = await searchBackwards(
    trail.directory,
    {
      ...{ accountId, region, from, to },
      ...(attribute !== undefined && literal.has(attribute.AttributeKey) && { holds: written(attribute) }),
      matches: (record) =>
        attribute === undefined || attributes[attribute.AttributeKey]?.(record, attribute.AttributeValue) === true,
    },
    { max, after },
  );
  return { Events: found.map(eventOf), ...(next !== undefined && { NextToken: tokenOf(next, question) }) };
}

function checkAttributes(given: readonly LookupAttribute[]): LookupAttribute | undefined {
  const [first] = given;
  if (given.length > 1) throw invalidLookupAttributes('Only one lookup attribute can be used at a time.');
  if (first === undefined) return undefined;
  const { AttributeKey, AttributeValue } = first;
  if (!Object.hasOwn(attributes, AttributeKey)) {
    const known = Object.keys(attributes).join(', ');
    throw invalidLookupAttributes(`${AttributeKey.slice(0, 64)} is not a lookup attribute: one of ${known} is.`);
  }
  if (AttributeValue === '' || AttributeValue.length > attributeValueCharacters) {
    throw invalidLookupAttributes(`An attribute value has 1 to ${attributeValueCharacters} characters.`);
  }
  if (AttributeKey === 'ReadOnly' && AttributeValue !== 'true' && AttributeValue !== 'false') {
    throw invalidLookupAttributes('The value of ReadOnly is true or false.');
  }
  return first;
}

function checkTimes({ StartTime, EndTime }: LookupEventsRequest): { from: number; to: number } {
  const from = StartTime ?? Number.NEGATIVE_INFINITY;
  const to = EndTime ?? Number.POSITIVE_INFINITY;
  if (from > to) throw invalidTimeRange('The start time is after the end time.');
  return { from, to };
}

function checkMaxResults(given: number = lookupResults.max): number {
  const { min, max } = lookupResults;
  if (given < min || given > max) throw invalidMaxResults(`MaxResults is a number from ${min} to ${max}.`);
  return given;
}

function checkCategory(given: string | undefined): boolean {
  if (given !== undefined && given !== 'insight') throw invalidEventCategory('insight is the only event category.');
  return given === 'insight';
}

/** What a token belongs to: it goes on with this very question. */
function digestOf(input: LookupEventsRequest, { accountId, region }: CallContext): string {
  const { LookupAttributes, StartTime, EndTime, EventCategory } = input;
  const asked = JSON.stringify([accountId, region, LookupAttributes, StartTime, EndTime, EventCategory]);
  return createHash('sha256').update(asked).digest('base64url').slice(0, 16);
}

function tokenOf({ file, end }: Place, question: string): string {
  return Buffer.from(JSON.stringify([file, end, question])).toString('base64url');
}

function readToken(token: string | undefined, question: string): Place | undefined {
  if (token === undefined) return undefined;
  const [file, end, asked] = parts(token);
  if (typeof file !== 'string' || !Number.isSafeInteger(end) || asked !== question) {
    throw invalidNextToken('The token is none of this lookup: it goes with the parameters that it was given for.');
  }
  // No path: the name is only compared with those of the files that are there.
  return { file, end: Math.max(0, end as number) };
}

function parts(token: string): readonly unknown[] {
  try {
    const read: unknown = JSON.parse(Buffer.from(token, 'base64url').toString());
    return Array.isArray(read) ? read : [];
  } catch {
    return [];
  }
}

function eventOf({ record, text }: FoundRecord): Event {
  const { userIdentity, eventID, eventName, eventSource, eventTime, readOnly } = record;
  const username = usernameOf(userIdentity);
  return {
    ...{ EventId: eventID, EventName: eventName, ReadOnly: String(readOnly) },
    ...(userIdentity.accessKeyId !== undefined && { AccessKeyId: userIdentity.accessKeyId }),
    ...{ EventTime: Date.parse(eventTime), EventSource: eventSource },
    ...(username !== undefined && { Username: username }),
    ...{ Resources: namedResources(record), CloudTrailEvent: text },
  };
}

/** A resource is found by its ARN, and by the name at the end of it. */
function isNamed(resourceName: string, value: string): boolean {
  return resourceName === value || resourceName.endsWith(`:${value}`) || resourceName.endsWith(`/${value}`);
}

/** As it stands in the line. */
function written({ AttributeValue }: LookupAttribute): string {
  return JSON.stringify(AttributeValue).slice(1, -1);
}
