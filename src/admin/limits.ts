/** Limits of Posthorn's own pages. */

/** Entries of one answer, at most and unless the request says otherwise. */
export const listMax = 1000;
export const listDefault = 100;

/** What one request to look for messages reads before it answers with what it has found and where to go on. */
export const scannedMessages = 10_000;
export const scannedPages = 100;

/** Bytes of bodies after which an answer is full. A thousand messages of 1 MiB would not fit into memory. */
export const answerBytes = 8 * 1024 * 1024;
