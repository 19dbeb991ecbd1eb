/** Limits of deliveries that leave this server. Times are milliseconds, sizes bytes. */

/** From the look-up of the name to the end of the answer; AWS gives an endpoint about 15 seconds. */
export const attemptMs = 15_000;
/** A mail is a dialogue of several turns, with pauses that relays make on purpose. */
export const mailMs = 60_000;
export const mailConnections = 4;

/** What is read of an answer before its connection is given up. */
export const answerBytes = 64 * 1024;
/** What of it is kept for the status log. */
export const loggedCharacters = 1_024;

export const socketsPerEndpoint = 32;
export const idleSocketsPerEndpoint = 4;
export const idleSocketMs = 10_000;

/** Connections to Apple, one per team or certificate; the one that was used longest ago makes room. */
export const apnsSessions = 32;
export const idleSessionMs = 300_000;

/** Access tokens and signed tokens of platform applications. */
export const heldTokens = 1_000;
/** Renewed that long before its end, so that none ends on its way. */
export const tokenMarginMs = 60_000;
/** Apple wants a token no older than an hour, and no new one within 20 minutes. */
export const apnsTokenMs = 50 * 60_000;

export const outboxEntries = 1_000;
export const outboxBytes = 32 * 1024 * 1024;
