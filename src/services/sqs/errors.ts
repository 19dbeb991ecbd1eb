import { AwsError, invalidParameterValue } from '#aws/contract';
import type { KeyUnusable } from '#runtime';
import { errorCodes } from './errorCodes.ts';

export { missingParameter } from '#aws/contract';

/**
 * SQS's errors. The model names the shapes; the Query codes and statuses that it leaves out are here. What AWS's front
 * end refuses before the service has no shape: its code is the same in both protocols.
 */
const legacy = 'AWS.SimpleQueueService';

/** Measured: the two protocols word it differently. */
export const queueDoesNotExist = () =>
  new AwsError('QueueDoesNotExist', 'The specified queue does not exist.', {
    queryCode: `${legacy}.NonExistentQueue`,
    queryMessage: 'The specified queue does not exist for this wsdl version.',
  });

export const queueNameExists = (attribute: string) =>
  new AwsError(
    'QueueNameExists',
    `A queue already exists with the same name and a different value for attribute ${attribute}`,
    { queryCode: 'QueueAlreadyExists' },
  );

export const queueDeletedRecently = () =>
  new AwsError(
    'QueueDeletedRecently',
    'You must wait 60 seconds after deleting a queue before you can create another with the same name.',
    { queryCode: `${legacy}.QueueDeletedRecently` },
  );

export const purgeQueueInProgress = (name: string) =>
  new AwsError('PurgeQueueInProgress', `Only one PurgeQueue operation on ${name} is allowed every 60 seconds.`, {
    queryCode: `${legacy}.PurgeQueueInProgress`,
    httpStatus: 403,
  });

/** Measured: it is the names that AWS calls invalid here, not the values. */
export const twoKindsOfEncryption = () =>
  new AwsError(
    'InvalidAttributeName',
    'You can use one type of server-side encryption (SSE) at one time. You can either enable KMS SSE or SQS SSE.',
  );

export const invalidAttributeName = (name: string) =>
  new AwsError('InvalidAttributeName', `Unknown Attribute ${name}.`);

export const onlyForFifo = (name: string) =>
  new AwsError('InvalidAttributeName', `You can specify the ${name} only when FifoQueue is set to true.`);

export const invalidAttributeValue = (name: string, reason = '') =>
  new AwsError('InvalidAttributeValue', `Invalid value for the parameter ${name}.${reason && ` Reason: ${reason}`}`);

export const invalidParameter = invalidParameterValue;

export const invalidValue = (value: string | number, parameter: string, reason: string) =>
  invalidParameter(`Value ${value} for parameter ${parameter} is invalid. Reason: ${reason}`);

export const invalidAddress = (queueUrl: string) =>
  new AwsError('InvalidAddress', `The address ${queueUrl} is not valid for this endpoint.`, { httpStatus: 404 });

export const receiptHandleIsInvalid = (handle: string) =>
  new AwsError('ReceiptHandleIsInvalid', `The input receipt handle "${handle}" is not a valid receipt handle.`, {
    httpStatus: 404,
  });

/** On FIFO queues alone: elsewhere an old handle is taken, and deletes nothing. */
export const receiptHandleExpired = (handle: string) =>
  invalidValue(handle, 'ReceiptHandle', 'The receipt handle has expired.');

export const messageNotInflight = () =>
  new AwsError('MessageNotInflight', 'The specified message is not in flight.', {
    queryCode: `${legacy}.MessageNotInflight`,
  });

const invalidCharacters =
  'Invalid characters found. Valid unicode characters are #x9 | #xA | #xD | #x20 to #xD7FF | #xE000 to #xFFFD | #x10000 to #x10FFFF';

export const invalidMessageContents = () => new AwsError('InvalidMessageContents', invalidCharacters);

/** AWS says the same of an attribute's text, under another code. */
export const invalidAttributeContents = () => invalidParameter(invalidCharacters);

export const overLimit = (message: string) => new AwsError('OverLimit', message, { httpStatus: 403 });

export const requestThrottled = () => new AwsError('RequestThrottled', 'Request is throttled.', { httpStatus: 403 });

export const emptyBatchRequest = (entryName: string) =>
  new AwsError('EmptyBatchRequest', `There should be at least one ${entryName} in the request.`, {
    queryCode: `${legacy}.EmptyBatchRequest`,
  });

export const tooManyEntries = (sent: number, allowed: number) =>
  new AwsError(
    'TooManyEntriesInBatchRequest',
    `Maximum number of entries per request are ${allowed}. You have sent ${sent}.`,
    {
      queryCode: `${legacy}.TooManyEntriesInBatchRequest`,
    },
  );

export const batchEntryIdsNotDistinct = (id: string) =>
  new AwsError('BatchEntryIdsNotDistinct', `Id ${id} repeated.`, { queryCode: `${legacy}.BatchEntryIdsNotDistinct` });

export const invalidBatchEntryId = () =>
  new AwsError(
    'InvalidBatchEntryId',
    'A batch entry id can only contain alphanumeric characters, hyphens and underscores. It can be at most 80 letters long.',
    { queryCode: `${legacy}.InvalidBatchEntryId` },
  );

export const batchRequestTooLong = (sent: number, allowed: number) =>
  new AwsError(
    'BatchRequestTooLong',
    `Batch requests cannot be longer than ${allowed} bytes. You have sent ${sent} bytes.`,
    {
      queryCode: `${legacy}.BatchRequestTooLong`,
    },
  );

/** What KMS says of keys that can't be used; SQS has its own codes for it, and KMS's texts. */
const keyErrors: Readonly<Record<KeyUnusable['reason'], string>> = {
  'access-denied': 'KmsAccessDenied',
  disabled: 'KmsDisabled',
  'invalid-ciphertext': 'KmsInvalidState',
  'invalid-usage': 'KmsInvalidKeyUsage',
  'not-found': 'KmsNotFound',
  'pending-deletion': 'KmsInvalidState',
};

export function keyUnusable({ reason, message }: KeyUnusable): AwsError {
  const code = keyErrors[reason];
  return new AwsError(code, message, errorCodes[code]);
}

export const resourceNotFound = (message: string) =>
  new AwsError('ResourceNotFoundException', message, { httpStatus: 404 });
