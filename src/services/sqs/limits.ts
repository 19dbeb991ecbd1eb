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
export const maximumMessageSize = { min: 1_024, max: maximumMessageBytes };
export const messageRetentionSeconds = { min: 60, max: 1_209_600 };
export const delaySeconds = { min: 0, max: 900 };
export const waitTimeSeconds = { min: 0, max: 20 };
export const visibilityTimeoutSeconds = { min: 0, max: 43_200 };
export const maxNumberOfMessages = { min: 1, max: 10 };
/** Of groups and of deduplication; alphanumerics and punctuation. */
export const groupIdLength = 128;
/** API calls a second of one action on a FIFO queue without high throughput; an API batch is one call. */
export const fifoCallsPerSecond = 300;
/** Name, type and value of `AWSTraceHeader`; ours, as AWS documents none: what the payload has room for. */
export const traceHeaderBytes = 65_535;
export const messagesMovedPerSecond = { min: 1, max: 500 };
/** A page of ListMessageMoveTasks. */
export const listedMoveTasks = { min: 1, max: 10, default: 1 };
/** How often a message is received before it becomes a dead letter. */
export const maxReceiveCount = { min: 1, max: 1_000 };
/** Queues that a RedriveAllowPolicy of the kind `byQueue` names. */
export const redriveSources = { min: 1, max: 10 };
/** Bytes of Policy, RedrivePolicy or RedriveAllowPolicy. AWS says it of Policy. */
export const policyBytes = 8_192;
export const policyStatements = 20;
/** Of one statement. */
export const policyActions = 7;
/** `[A-Za-z0-9_-]` characters of a permission's label. */
export const labelLength = 80;
/** As in KMS: an alias, an id or an ARN. */
export const kmsKeyIdLength = 2_048;
export const kmsDataKeyReusePeriodSeconds = { min: 60, max: 86_400 };
/** Of a queue that does not say. */
export const kmsDataKeyReuseMs = 300_000;
/** Ours: the server's own keys are asked of nobody, so the period is only to have no key encrypt everything. */
export const managedDataKeyReuseMs = 86_400_000;
/** The longest MessageRetentionPeriod. */
export const longestRetentionMs = 14 * 86_400_000;
/** With strict timing: from one purge to the next, and from a deletion to a new queue of that name. */
export const purgeIntervalMs = 60_000;
export const deletionIntervalMs = 60_000;
