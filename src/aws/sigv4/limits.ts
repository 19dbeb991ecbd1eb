/** Limits of signatures, with their units and where the figures come from. */
export const signatureLimits = {
  /** Milliseconds that a request's clock may differ from ours, either way: AWS's 15 minutes. */
  skewMs: 15 * 60_000,
  /** Seconds that a presigned request may be valid: AWS's 7 days. */
  expiresMaxSeconds: 604_800,
  /** Signing keys kept; about 300 bytes each. One serves an access key, a day, a region and a service. */
  signingKeysMax: 4096,
  /** Beginnings of Authorization headers kept with what they say; with the next figure, 1 MiB at most. */
  knownSignersMax: 1024,
  /** Characters of such a beginning; the SDKs' have about 250. */
  knownSignerLength: 1024,
} as const;
