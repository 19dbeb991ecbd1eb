/** What the waiting messages of one queue take in memory, together. */
export interface Held {
  bytes: number;
}

/** Of a message, beside its payload: its entry, its id and what V8 puts around them. Measured with 4,096 of them, rounded up. */
export const entryBytes = 300;
