/** How often queues are looked through for expired messages. AWS takes up to 15 minutes (MessageRetentionPeriod). */
export const sweepIntervalMs = 60_000;
/** For so long a sweep trusts what earlier ones have seen of where queues begin. */
export const headsKnownMs = 3_600_000;

/** A queue that nobody has used for this long leaves memory; opening it again takes about a millisecond. */
export const idleMs = 60_000;

/** After a failed commit the store is tried again this often, so that the server is ready as soon as there is space. */
export const probeIntervalMs = 1_000;

/** Entries read or removed at a time by background work: about 5 ms of the event loop. */
export const backgroundPage = 1_000;

/** Queues that the sweep looks at before everybody else gets a turn: less than a millisecond. */
export const sweptAtOnce = 20;

/** Bytes read at a time by background work. */
export const backgroundPageBytes = 4 * 1024 * 1024;

/** Messages that a task without a rate moves with one commit. */
export const movedAtOnce = 100;

/** Tasks of a queue that are kept for listing: AWS lists up to ten (SQS API, ListMessageMoveTasks). */
export const moveTasksKept = 10;

/**
 * Bytes that the waiting messages of all queues take in memory. While they take more, what comes into a queue's window is
 * measured by a share of the limits (`shareOf`). A thousand queues with backlogs that were read took 1.9 GiB before there was this limit.
 */
export const crowdedBytes = 128 * 1024 * 1024;

/** How long it is known that a queue was deleted: AWS lets a name be used again after a minute (SQS API, CreateQueue). */
export const deletedRecentlyMs = 60_000;

/** Data keys that are kept in memory; the oldest make room, and are read again. Some 10 MiB. */
export const dataKeysInMemory = 10_000;

/** Names of deleted queues that are remembered at most. */
export const deletedRecentlyMax = 10_000;

/** Publishes and move tasks wait while more letters than this wait for one partition. */
export const lettersWaitingMax = 20_000;

/** Letters that go to another partition at a time, and the bytes of their records past the first. */
export const shippedAtOnce = 256;
export const shippedBytes = 1024 * 1024;
