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
  /** The next page is read when fewer messages than this could be received from the window. */
  readonly pageAhead: number;
  /** Expired messages dropped in one step, so that a million of them never block the event loop. */
  readonly expiriesPerStep: number;
  /** How many of its first messages a FIFO queue looks through for groups that are not blocked. */
  readonly lookAhead: number;
}

/**
 * A window lasts for 1,600 receives of 10, and 500 clients that each send and receive ten at a time keep less in a queue than
 * half of it. A page costs the event loop about a millisecond, at 1 us a message. The look-ahead is AWS's (SQS Developer Guide,
 * "FIFO queue quotas"); an entry takes some 100 bytes.
 */
export const windowLimits: WindowLimits = {
  windowMessages: 16_384,
  windowBytes: 8 * 1024 * 1024,
  pageMessages: 1_024,
  pageBytes: 1024 * 1024,
  pageAhead: 128,
  expiriesPerStep: 1_024,
  lookAhead: 120_000,
};

const shares = new WeakMap<WindowLimits, WindowLimits>();

/**
 * What each lane of a queue with groups may have, so that all of them together take twice as much as one; and what a queue
 * may have while all queues together hold too much; where both is so, a share of the share. It is a sixteenth, and of the
 * window no more than four pages' messages and two pages' bytes. Made once for each: steps ask for them.
 */
export function shareOf(limits: WindowLimits): WindowLimits {
  let shared = shares.get(limits);
  if (shared === undefined) {
    const sixteenth = (whole: number) => Math.max(1, Math.ceil(whole / 16));
    const pageMessages = sixteenth(limits.pageMessages);
    const pageBytes = sixteenth(limits.pageBytes);
    shared = {
      ...limits,
      windowMessages: Math.min(sixteenth(limits.windowMessages), 4 * pageMessages),
      windowBytes: Math.min(sixteenth(limits.windowBytes), 2 * pageBytes),
      pageMessages,
      pageBytes,
      pageAhead: sixteenth(limits.pageAhead),
    };
    shares.set(limits, shared);
  }
  return shared;
}

/**
 * A receive is stored when its message is still there after this time. Most messages are deleted before, and cost neither
 * the write nor its removal; after a crash, a receive of the last second has not happened. Not on FIFO queues, where a
 * receive is stored before it is answered.
 */
export const storeDeliveryAfterMs = 1_000;

/**
 * How long a receive whose time is up still waits for what may lie behind expired messages. A page is there within
 * milliseconds, but a million expired ones take half a minute to go, and a client does not wait that long.
 */
export const behindExpiredMs = 1_000;

/** "Total VisibilityTimeout": 12 hours from the receive, through however many changes (SQS API, ChangeMessageVisibility). */
export const longestVisibilityMs = 43_200_000;

/** The deduplication interval (SQS API, SendMessage, MessageDeduplicationId). */
export const deduplicationMs = 300_000;

/** How long a receive can be repeated (SQS API, ReceiveMessage, ReceiveRequestAttemptId). */
export const repeatReceiveMs = 300_000;

/** Deduplication keys that any step forgets at most, so that forgetting keeps up with accepting and costs no pause. */
export const forgottenKeysPerStep = 32;

/** From when on a group is a noisy neighbour: AWS's figures (SQS Developer Guide, "How fair queues work"). */
export const noisyGroup = { inFlight: 30, shareOfInFlight: 0.1 };
