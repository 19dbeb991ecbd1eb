/**
 * CloudTrail's contract, as far as it is served. Written by hand: one operation of eighty doesn't make it worth to carry the
 * model. Shapes, members and errors are those of the API reference; limits are left to the operation, because CloudTrail has
 * errors of its own for them.
 */
import type { ServiceContract } from '#aws/contract';

export const cloudTrail: ServiceContract = {
  service: 'cloudtrail',
  apiVersion: '2013-11-01',
  targetPrefix: 'com.amazonaws.cloudtrail.v20131101.CloudTrail_20131101',
  shapeNamespace: 'com.amazonaws.cloudtrail.v20131101',
  jsonVersion: '1.1',
  protocols: ['json'],
  queryCompatible: false,
  xmlNamespace: 'http://cloudtrail.amazonaws.com/doc/2013-11-01/',
  operations: {
    LookupEvents: {
      http: ['POST', '/'],
      input: 'LookupEventsRequest',
      output: 'LookupEventsResponse',
      errors: [
        'InvalidLookupAttributesException',
        'InvalidTimeRangeException',
        'InvalidMaxResultsException',
        'InvalidNextTokenException',
        'InvalidEventCategoryException',
        'UnsupportedOperationException',
      ],
      paginator: { inputToken: 'NextToken', outputToken: 'NextToken', limitKey: 'MaxResults', resultKey: 'Events' },
    },
  },
  shapes: {
    LookupEventsRequest: {
      type: 'structure',
      members: {
        LookupAttributes: { shape: 'LookupAttributesList' },
        StartTime: { shape: 'Date' },
        EndTime: { shape: 'Date' },
        EventCategory: { shape: 'String' },
        MaxResults: { shape: 'Integer' },
        NextToken: { shape: 'String' },
      },
    },
    LookupEventsResponse: {
      type: 'structure',
      members: { Events: { shape: 'EventsList' }, NextToken: { shape: 'String' } },
    },
    LookupAttributesList: { type: 'list', member: { shape: 'LookupAttribute' } },
    LookupAttribute: {
      type: 'structure',
      required: ['AttributeKey', 'AttributeValue'],
      members: { AttributeKey: { shape: 'String' }, AttributeValue: { shape: 'String' } },
    },
    EventsList: { type: 'list', member: { shape: 'Event' } },
    Event: {
      type: 'structure',
      members: {
        EventId: { shape: 'String' },
        EventName: { shape: 'String' },
        ReadOnly: { shape: 'String' },
        AccessKeyId: { shape: 'String' },
        EventTime: { shape: 'Date' },
        EventSource: { shape: 'String' },
        Username: { shape: 'String' },
        Resources: { shape: 'ResourceList' },
        CloudTrailEvent: { shape: 'String' },
      },
    },
    ResourceList: { type: 'list', member: { shape: 'Resource' } },
    Resource: {
      type: 'structure',
      members: { ResourceType: { shape: 'String' }, ResourceName: { shape: 'String' } },
    },
    InvalidLookupAttributesException: { type: 'structure', members: {}, error: {} },
    InvalidTimeRangeException: { type: 'structure', members: {}, error: {} },
    InvalidMaxResultsException: { type: 'structure', members: {}, error: {} },
    InvalidNextTokenException: { type: 'structure', members: {}, error: {} },
    InvalidEventCategoryException: { type: 'structure', members: {}, error: {} },
    UnsupportedOperationException: { type: 'structure', members: {}, error: {} },
    Date: { type: 'timestamp' },
    Integer: { type: 'integer' },
    String: { type: 'string' },
  },
};

export interface LookupAttribute {
  readonly AttributeKey: string;
  readonly AttributeValue: string;
}

export interface LookupEventsRequest {
  readonly LookupAttributes?: readonly LookupAttribute[] | undefined;
  readonly StartTime?: number | undefined;
  readonly EndTime?: number | undefined;
  readonly EventCategory?: string | undefined;
  readonly MaxResults?: number | undefined;
  readonly NextToken?: string | undefined;
}

export interface Resource {
  readonly ResourceType: string;
  readonly ResourceName: string;
}

export interface Event {
  readonly EventId: string;
  readonly EventName: string;
  readonly ReadOnly: string;
  readonly AccessKeyId?: string | undefined;
  readonly EventTime: number;
  readonly EventSource: string;
  readonly Username?: string | undefined;
  readonly Resources: readonly Resource[];
  readonly CloudTrailEvent: string;
}

export interface LookupEventsResponse {
  readonly Events: readonly Event[];
  readonly NextToken?: string | undefined;
}
