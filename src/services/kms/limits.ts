/** KMS's limits, as its developer guide and its API model have them. */

/** Days. */
export const deletionWindow = { least: 7, most: 30, usual: 30 } as const;
/** Days between automatic rotations. The model bounds what a client may ask for. */
export const usualRotationPeriodDays = 365;
/** Of one key, in its life. */
export const onDemandRotations = 25;
/** Of one key. */
export const aliases = 50;
export const tags = 50;
export const grants = 50_000;
/** Bytes. */
export const keyPolicy = 32_768;
/** Entries, where the client doesn't say. */
export const listPage = { keys: 100, aliases: 50, grants: 50, tags: 50, rotations: 100 } as const;

/** How many entities of a deleted key are removed in one commit. */
export const removedAtOnce = 500;
/** Milliseconds until what could not be done in time is tried again. */
export const agendaRetryMs = 60_000;
/** How many grants are read from the store at a time. */
export const grantsReadAtOnce = 1_000;
