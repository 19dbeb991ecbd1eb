/** The audit trail's limits. Sizes are bytes. */

/** Of one file, and how many files are kept, unless settings say otherwise. */
export const fileBytes = 64 * 1024 * 1024;
export const files = 20;
/** How long a record waits at most until it is written. */
export const flushMs = 1_000;
/** So much is written without waiting any longer. */
export const flushBytes = 1024 * 1024;
/** Records that wait for a disk that takes none; what comes beyond is counted, and lost. */
export const waitingBytes = 16 * 1024 * 1024;
/** What of the parameters, and of the answer, one record may hold (CloudTrail User Guide, "Record contents"). */
export const fieldBytes = 100 * 1024;
/** Characters of a user agent and of an error's text. */
export const userAgentCharacters = 1_024;
export const errorMessageCharacters = 1_024;

/**
 * Refusals that anybody can cause, without a key: so many at once, and each second, are on record. Else whoever reaches the
 * port could fill the files until everything older is gone.
 */
export const openRefusals = { burst: 300, perSecond: 2 };

/** LookupEvents: events of a page (API reference), and characters of an attribute's value. */
export const lookupResults = { min: 1, max: 50 };
export const attributeValueCharacters = 2_000;
/** What one lookup reads; if there may be more, it answers what it has and a token. */
export const lookupBytes = 16 * 1024 * 1024;
/** Files are read from their ends, so much at a time; a longer line is no record. */
export const chunkBytes = 64 * 1024;
export const lineBytes = 1024 * 1024;
