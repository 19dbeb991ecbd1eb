/**
 * Of the errors that SQS's model names: their Query codes and statuses, where they are not the shape's own name and 400.
 * The model has lost both; they are facts of the API version 2012-11-05. For errors that are made by their name alone.
 */
const legacy = 'AWS.SimpleQueueService';

interface ErrorCode {
  readonly queryCode?: string;
  readonly httpStatus?: number;
}

export const errorCodes: Readonly<Record<string, ErrorCode>> = {
  BatchEntryIdsNotDistinct: { queryCode: `${legacy}.BatchEntryIdsNotDistinct` },
  BatchRequestTooLong: { queryCode: `${legacy}.BatchRequestTooLong` },
  EmptyBatchRequest: { queryCode: `${legacy}.EmptyBatchRequest` },
  InvalidAddress: { httpStatus: 404 },
  InvalidBatchEntryId: { queryCode: `${legacy}.InvalidBatchEntryId` },
  InvalidSecurity: { httpStatus: 403 },
  KmsAccessDenied: { queryCode: 'KMS.AccessDeniedException' },
  KmsDisabled: { queryCode: 'KMS.DisabledException' },
  KmsInvalidKeyUsage: { queryCode: 'KMS.InvalidKeyUsageException' },
  KmsInvalidState: { queryCode: 'KMS.InvalidStateException' },
  KmsNotFound: { queryCode: 'KMS.NotFoundException' },
  KmsOptInRequired: { queryCode: 'KMS.OptInRequired', httpStatus: 403 },
  KmsThrottled: { queryCode: 'KMS.ThrottlingException' },
  MessageNotInflight: { queryCode: `${legacy}.MessageNotInflight` },
  OverLimit: { httpStatus: 403 },
  PurgeQueueInProgress: { queryCode: `${legacy}.PurgeQueueInProgress`, httpStatus: 403 },
  QueueDeletedRecently: { queryCode: `${legacy}.QueueDeletedRecently` },
  QueueDoesNotExist: { queryCode: `${legacy}.NonExistentQueue` },
  QueueNameExists: { queryCode: 'QueueAlreadyExists' },
  ReceiptHandleIsInvalid: { httpStatus: 404 },
  RequestThrottled: { httpStatus: 403 },
  ResourceNotFoundException: { httpStatus: 404 },
  TooManyEntriesInBatchRequest: { queryCode: `${legacy}.TooManyEntriesInBatchRequest` },
  UnsupportedOperation: { queryCode: `${legacy}.UnsupportedOperation` },
};
