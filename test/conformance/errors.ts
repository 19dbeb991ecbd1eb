/** The refusals that cases expect: the shape's name, the old code, the status and the words. */

export interface ExpectedError {
  readonly code: string;
  readonly queryCode: string;
  readonly status: number;
  readonly message: string;
  /** Where the Query protocol words it differently. */
  readonly queryMessage?: string;
}

/** Of what has the same name in both protocols. */
function plain(code: string, message: string, status = 400): ExpectedError {
  return { code, queryCode: code, status, message };
}

function prefixed(code: string, message: string, status = 400): ExpectedError {
  return { code, queryCode: `AWS.SimpleQueueService.${code}`, status, message };
}

export const queueDoesNotExist: ExpectedError = {
  code: 'QueueDoesNotExist',
  queryCode: 'AWS.SimpleQueueService.NonExistentQueue',
  status: 400,
  message: 'The specified queue does not exist.',
  queryMessage: 'The specified queue does not exist for this wsdl version.',
};

export const queueNameExists = (attribute: string): ExpectedError => ({
  code: 'QueueNameExists',
  queryCode: 'QueueAlreadyExists',
  status: 400,
  message: `A queue already exists with the same name and a different value for attribute ${attribute}`,
});

export const missingParameter = (name: string): ExpectedError => ({
  code: 'MissingRequiredParameterException',
  queryCode: 'MissingParameter',
  status: 400,
  message: `The request must contain the parameter ${name}.`,
});

export const invalidParameter = (message: string): ExpectedError => ({
  code: 'InvalidParameterValueException',
  queryCode: 'InvalidParameterValue',
  status: 400,
  message,
});

export const invalidValue = (value: string | number, parameter: string, reason: string): ExpectedError =>
  invalidParameter(`Value ${value} for parameter ${parameter} is invalid. Reason: ${reason}`);

export const resourceNotFound = (parameter: string) =>
  plain(
    'ResourceNotFoundException',
    `The resource that you specified for the ${parameter} parameter doesn't exist.`,
    404,
  );

export const taskDoesNotExist = plain('ResourceNotFoundException', 'Task does not exist.', 404);

/** Of a parameter that names a queue by its ARN. */
export const invalidArn = (parameter: string): ExpectedError =>
  invalidParameter(
    `You must use this format to specify the ${parameter}: arn:<partition>:<service>:<region>:<account-id>:<resource-id>`,
  );

export const numberOutOfRange = (parameter: string, max: number): ExpectedError =>
  invalidParameter(
    `Value for parameter ${parameter} is invalid. Reason: You must enter a number that's between 1 and ${max}.`,
  );

export const malformedInput = (message: string): ExpectedError => ({
  code: 'SerializationException',
  queryCode: 'MalformedInput',
  status: 400,
  message,
});

export const invalidAttributeName = (name: string) => plain('InvalidAttributeName', `Unknown Attribute ${name}.`);

export const onlyForFifo = (name: string) =>
  plain('InvalidAttributeName', `You can specify the ${name} only when FifoQueue is set to true.`);

export const invalidAttributeValue = (name: string, reason = '') =>
  plain('InvalidAttributeValue', `Invalid value for the parameter ${name}.${reason && ` Reason: ${reason}`}`);

export const twoKindsOfEncryption = plain(
  'InvalidAttributeName',
  'You can use one type of server-side encryption (SSE) at one time. You can either enable KMS SSE or SQS SSE.',
);

export const overLimit = (message: string) => plain('OverLimit', message, 403);

export const invalidAddress = (url: string) =>
  plain('InvalidAddress', `The address ${url} is not valid for this endpoint.`, 404);

export const receiptHandleIsInvalid = (handle: string) =>
  plain('ReceiptHandleIsInvalid', `The input receipt handle "${handle}" is not a valid receipt handle.`, 404);

export const messageNotInflight = prefixed('MessageNotInflight', 'The specified message is not in flight.');

export const invalidCharacters =
  'Invalid characters found. Valid unicode characters are #x9 | #xA | #xD | #x20 to #xD7FF | #xE000 to #xFFFD | #x10000 to #x10FFFF';

export const invalidMessageContents = plain('InvalidMessageContents', invalidCharacters);

export const emptyBatchRequest = (entry: string) =>
  prefixed('EmptyBatchRequest', `There should be at least one ${entry} in the request.`);

export const tooManyEntries = (sent: number) =>
  prefixed('TooManyEntriesInBatchRequest', `Maximum number of entries per request are 10. You have sent ${sent}.`);

export const idsNotDistinct = (id: string) => prefixed('BatchEntryIdsNotDistinct', `Id ${id} repeated.`);

export const invalidBatchEntryId = prefixed(
  'InvalidBatchEntryId',
  'A batch entry id can only contain alphanumeric characters, hyphens and underscores. It can be at most 80 letters long.',
);

export const batchRequestTooLong = (sent: number) =>
  prefixed('BatchRequestTooLong', `Batch requests cannot be longer than 1048576 bytes. You have sent ${sent} bytes.`);
