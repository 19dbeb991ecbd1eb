/** Limits of the delivery loop. Times are milliseconds. */

/** Deliveries of one queue that are under way together: at first, with an endpoint that fails, and at most. */
export const concurrency = { first: 8, least: 2, most: 32 };

/** How long a delivery stays away after a crash of this server. */
export const inFlightMs = 20_000;
/** While it waits for a slot or is under way, that is begun anew this often. */
export const heartbeatMs = 10_000;

/** Senders have limits of their own; this is for one that has forgotten. */
export const attemptMaxMs = 120_000;

/** How long a receiver waits at its queue before it asks again: thousands of queues that wait should cost nothing. */
export const longPollMs = 600_000;

/** After a failed commit, or with more messages in flight than a queue may have. */
export const troubleMs = 1_000;

/** Until a topic's KMS key that could not be used is tried again. */
export const keyTroubleMs = 5_000;

/** Retries of AWS's longest policy take 23 days; a queue of deliveries keeps them a little longer. */
export const deliveryRetentionMs = 24 * 86_400_000;

/** Deliveries of one queue that are under way or wait for a retry: each takes some hundred bytes of memory. */
export const deliveriesInFlightMax = 120_000;

/** Receivers that begin in one turn of the event loop when the server starts: some milliseconds. */
export const receiversAtOnce = 20;
