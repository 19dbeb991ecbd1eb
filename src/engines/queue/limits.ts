/** Bounds of the engine's memory per queue; AWS's own limits live with the service. */

/** Entries that the window of waiting messages holds at most. Enough for 400 receives of 10 between two page loads. */
export const windowMessages = 4_096;

/** Bytes of payloads that the window keeps in memory; beyond it only positions stay. */
export const windowBytes = 2 * 1024 * 1024;

/** Messages read from the store at a time; at 1 us each a page costs the event loop about a millisecond. */
export const pageMessages = 1_024;

/** A page stops after this many bytes of payload. */
export const pageBytes = 1024 * 1024;

/** The next page is read ahead when fewer messages than this are left in the window. */
export const pageAhead = 128;

/** Expired messages dropped in one step, so that a million of them never block the event loop. */
export const expiriesPerStep = 1_024;

/** "Total VisibilityTimeout": 12 hours from the receive, through however many changes (SQS API, ChangeMessageVisibility). */
export const longestVisibilityMs = 43_200_000;
