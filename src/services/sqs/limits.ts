/** SQS's limits, from the API model's documentation and the service quotas page. Sizes are bytes. */

/** One message, and the sum of a batch: body plus attribute names, types and values. */
export const maximumMessageBytes = 1_048_576;

export const batchEntries = 10;
/** `[A-Za-z0-9_-]` characters. */
export const batchIdLength = 80;
export const queueNameLength = 80;
export const receiptHandleLength = 1_024;
export const messageAttributes = 10;
export const attributeNameLength = 256;
export const attributeTypeLength = 256;
export const tags = 50;
export const tagKeyLength = 128;
export const tagValueLength = 256;
export const listPage = 1_000;
/** A standard queue refuses receives beyond this many messages in flight ("approximately 120,000"). */
export const messagesInFlight = 120_000;
export const delaySeconds = { min: 0, max: 900 };
export const waitTimeSeconds = { min: 0, max: 20 };
export const visibilityTimeoutSeconds = { min: 0, max: 43_200 };
export const maxNumberOfMessages = { min: 1, max: 10 };
/** Of groups and of deduplication; alphanumerics and punctuation. */
export const groupIdLength = 128;
