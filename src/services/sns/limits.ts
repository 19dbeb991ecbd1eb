/** SNS's limits, from the API model's documentation and the service quotas page. Sizes are bytes. */

/** `[A-Za-z0-9_-]` characters, the suffix `.fifo` included. */
export const topicNameLength = 256;
export const displayNameLength = 100;
/** A message: its text, and names, types and values of its attributes. Of a batch: the sum. */
export const messageBytes = 262_144;
/** What `MaximumMessageSize` may be set to. */
export const maximumMessageSize = { min: 1_024, max: 1_048_576 };
/** Subscriptions of a topic whose messages may be larger than `messageBytes`. */
export const largeMessageSubscriptions = 100;
export const subjectLength = 100;
export const batchEntries = 10;
/** `[A-Za-z0-9_-]` characters. */
export const batchIdLength = 80;
/** Of groups and of deduplication; alphanumerics and punctuation. */
export const groupIdLength = 128;
export const attributeNameLength = 256;
export const tags = 50;
export const listPage = 100;
export const fifoSubscriptions = 100;
/** The API's documentation says two days, the developer guide three: the longer hurts nobody. */
export const tokenLifetimeMs = 3 * 86_400_000;
export const archiveDays = { min: 1, max: 365 };
export const policyBytes = 30_720;
/** `[A-Za-z0-9_-]` characters of a permission's label. */
export const labelLength = 100;
export const dataProtectionPolicyBytes = 30_720;
/** Archived messages that a replay reads, and sends by one commit. */
export const replayedAtOnce = 100;
/**
 * A publish with more copies, or more bytes in them, is stored as such first and handed out bit by bit: about 3 ms of the
 * event loop at a time.
 */
export const copiesInOneTurn = 100;
export const copyBytesInOneTurn = 8 * 1024 * 1024;
/** Bits of a large fan-out that are being committed while the next one is handed out. */
export const bitsInFlight = 3;
/** Publishes to a topic wait while more copies than this have been promised and not been handed out. */
export const copiesPromised = 20_000;

/** AWS's: a topic's data key is used for five minutes. */
export const dataKeyReuseMs = 300_000;
/** The longest that a delivery waits; see `deliveryQueueSettings`. */
export const deliveryKeepMs = 31 * 86_400_000;
/** The longest retention of an archive, and a day. */
export const archivedKeepMs = 366 * 86_400_000;
