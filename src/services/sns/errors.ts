import { type AwsError, modeledError } from '#aws/contract';
import { sns } from '#aws/generated/sns';
import type { KeyUnusable } from '#runtime';

/** SNS's errors. Codes and statuses are the model's; most of what is wrong with a request is one code with many texts. */

/** What most refusals begin with. */
export const invalidParameter = (reason: string): AwsError => invalid(`Invalid parameter: ${reason}`);

/** Those that don't begin so. */
export const invalid = (message: string): AwsError => modeledError(sns, 'InvalidParameterException', message);

/** Of message attributes; in Query the code is `ParameterValueInvalid`. */
export const invalidAttributeValue = (message: string): AwsError =>
  modeledError(sns, 'InvalidParameterValueException', message);

export const topicNotFound = (): AwsError => modeledError(sns, 'NotFoundException', 'Topic does not exist');

export const subscriptionNotFound = (): AwsError =>
  modeledError(sns, 'NotFoundException', 'Subscription does not exist');

export const notAuthorized = (message: string): AwsError => modeledError(sns, 'AuthorizationErrorException', message);

export const invalidState = (message: string): AwsError => modeledError(sns, 'InvalidStateException', message);

export const resourceNotFound = (message = 'Resource does not exist'): AwsError =>
  modeledError(sns, 'ResourceNotFoundException', message);

export const subscriptionLimitExceeded = (message: string): AwsError =>
  modeledError(sns, 'SubscriptionLimitExceededException', message);

export const tagLimitExceeded = (): AwsError =>
  modeledError(sns, 'TagLimitExceededException', 'Could not complete request: tag quota of per resource exceeded');

export const emptyBatchRequest = (): AwsError =>
  modeledError(sns, 'EmptyBatchRequestException', "The batch request doesn't contain any entries.");

export const tooManyEntries = (): AwsError =>
  modeledError(
    sns,
    'TooManyEntriesInBatchRequestException',
    'The batch request contains more entries than permissible.',
  );

export const batchEntryIdsNotDistinct = (): AwsError =>
  modeledError(sns, 'BatchEntryIdsNotDistinctException', 'Two or more batch entries in the request have the same Id.');

export const invalidBatchEntryId = (): AwsError =>
  modeledError(
    sns,
    'InvalidBatchEntryIdException',
    "The Id of a batch entry in a batch request doesn't abide by the specification.",
  );

export const batchRequestTooLong = (): AwsError =>
  modeledError(
    sns,
    'BatchRequestTooLongException',
    'The length of all the messages put together is more than the limit.',
  );

export const platformApplicationNotFound = (): AwsError =>
  modeledError(sns, 'NotFoundException', 'PlatformApplication does not exist');

export const endpointNotFound = (): AwsError => modeledError(sns, 'NotFoundException', 'Endpoint does not exist');

export const endpointDisabled = (): AwsError => modeledError(sns, 'EndpointDisabledException', 'Endpoint is disabled');

export const platformApplicationDisabled = (): AwsError =>
  modeledError(sns, 'PlatformApplicationDisabledException', 'Platform application is disabled');

export const userError = (message: string): AwsError => modeledError(sns, 'UserErrorException', message);

export const optedOut = (message: string): AwsError => modeledError(sns, 'OptedOutException', message);

/** What KMS says of keys that can't be used; SNS has its own codes for it, and KMS's texts. */
const keyErrors: Readonly<Record<KeyUnusable['reason'], string>> = {
  'access-denied': 'KMSAccessDeniedException',
  disabled: 'KMSDisabledException',
  'invalid-ciphertext': 'KMSInvalidStateException',
  // It has none of its own for that.
  'invalid-usage': 'KMSInvalidStateException',
  'not-found': 'KMSNotFoundException',
  'pending-deletion': 'KMSInvalidStateException',
};

export const keyUnusable = ({ reason, message }: KeyUnusable): AwsError =>
  modeledError(sns, keyErrors[reason], message);
