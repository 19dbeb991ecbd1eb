import { AwsError } from '#aws/contract';

/** The operations that set a policy. AWS words their refusals differently. */
export type PolicyRequest = 'Subscribe' | 'SetSubscriptionAttributes';

/** Thrown while a policy is read; the text that follows the request's `Invalid parameter: ` is its message. */
export class PolicyRefusal extends Error {}

/** Where AWS's JSON parser stood. It stopped to quote the source, and says so. */
export const location = (line: number, column: number) =>
  `[Source: REDACTED (\`StreamReadFeature.INCLUDE_SOURCE_IN_LOCATION\` disabled); line: ${line}, column: ${column}]`;

export const invalidPolicy = (reason: string) => new PolicyRefusal(`FilterPolicy: ${reason}`);

export const nestedInAttributes = () =>
  new PolicyRefusal('Filter policy scope MessageAttributes does not support nested filter policy');

export const invalidScope = (scope: string) =>
  new PolicyRefusal(`FilterPolicyScope: Invalid value [${scope}]. Please use either MessageBody or MessageAttributes`);

export const tooManyKeys = (allowed: number) => invalidPolicy(`Filter policy can not have more than ${allowed} keys`);

export const tooComplex = () => invalidPolicy('Filter policy is too complex');

export const tooLarge = (allowed: number) => invalidPolicy(`Filter policy can not have more than ${allowed} bytes`);

/** What a client is told of a refusal. Subscribe names its parameter first. */
export const invalidParameter = ({ message }: PolicyRefusal, request: PolicyRequest) =>
  new AwsError(
    'InvalidParameterException',
    `Invalid parameter: ${request === 'Subscribe' ? 'Attributes Reason: ' : ''}${message}`,
    { queryCode: 'InvalidParameter' },
  );

export const filterPolicyLimitExceeded = () =>
  new AwsError(
    'FilterPolicyLimitExceededException',
    'Number of filter policies in your account has exceeded the limit.',
    { queryCode: 'FilterPolicyLimitExceeded', httpStatus: 403 },
  );
