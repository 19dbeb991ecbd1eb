/** Bounds of what the engine keeps in memory and does at a time, for one queue. AWS's limits live with the service. */
export interface WindowLimits {
  /** Entries that the window of waiting messages holds at most. */
  readonly windowMessages: number;
  /** Bytes of payloads that the window keeps in memory; beyond it only positions stay. */
  readonly windowBytes: number;
  /** Messages read from the store at a time. */
  readonly pageMessages: number;
  /** A page stops after this many bytes of payload. */
  readonly pageBytes: number;
  /** The next page is read when fewer messages than this are left in the window. */
  readonly pageAhead: number;
  /** Expired messages dropped in one step, so that a million of them never block the event loop. */
  readonly expiriesPerStep: number;
}

/** A window lasts for 400 receives of 10; a page costs the event loop about a millisecond, at 1 us a message. */
export const windowLimits: WindowLimits = {
  windowMessages: 4_096,
  windowBytes: 2 * 1024 * 1024,
  pageMessages: 1_024,
  pageBytes: 1024 * 1024,
  pageAhead: 128,
  expiriesPerStep: 1_024,
};

/**
 * A receive is stored when its message is still there after this time. Most messages are deleted before, and cost neither
 * the write nor its removal; after a crash, a receive of the last second has not happened.
 */
export const storeDeliveryAfterMs = 1_000;

/** "Total VisibilityTimeout": 12 hours from the receive, through however many changes (SQS API, ChangeMessageVisibility). */
export const longestVisibilityMs = 43_200_000;
