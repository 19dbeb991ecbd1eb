/** Every limit of the edge, with its unit and where the figure comes from. Nothing here is Node's default by accident. */
export interface EdgeLimits {
  /** Bytes. A batch of SQS is 1 MiB; base64, escapes and percent signs can blow that up sixfold; Kinesis's is 10 MiB. */
  readonly bodyMaxBytes: number;
  /**
   * Bytes. An oversized body is read to its end up to here and thrown away, so that the client reads our refusal
   * instead of a reset connection.
   */
  readonly discardedMaxBytes: number;
  /** Bytes of all headers together. AWS's front end takes 16 KiB; session tokens of some identity providers need more. */
  readonly headersMaxBytes: number;
  /** Headers of one request; an SDK sends about fifteen. */
  readonly headersMax: number;
  /** Bytes of the path with the query string. A presigned GET of a long message has 8 to 12 KiB. */
  readonly urlMaxBytes: number;
  /** Parameters of one Query request. A full batch with ten attributes a message has about 400. */
  readonly parametersMax: number;
  /** Dots in the name of one Query parameter; the deepest of SQS, SNS and STS has five. */
  readonly parameterDepthMax: number;
  /** Objects and arrays within each other in a JSON body. The deepest shape of a contract has about ten. */
  readonly jsonDepthMax: number;
  /**
   * Objects, arrays and their elements in a JSON body: each takes some thirty bytes of heap for three in the body. The
   * largest honest bodies, ten messages with ten attributes, have about a thousand.
   */
  readonly jsonValuesMax: number;
  /**
   * Bytes of the bodies that are held at one time, above 64 KiB each: without it, every open connection could hold
   * one of `bodyMaxBytes`. Enough for a thousand batches of 1 MiB.
   */
  readonly heldBodiesMaxBytes: number;
  /** Milliseconds between the start of a connection and the end of its headers; half of what a whole request may take. */
  readonly headersTimeoutMs: number;
  /** Milliseconds for a whole request to arrive, the body included: 16 MiB at 140 KB/s. */
  readonly requestTimeoutMs: number;
  /** Milliseconds without a byte in either direction; well above the 20 s of a long poll. */
  readonly idleTimeoutMs: number;
  /** Milliseconds that an unused connection stays open: longer than the 60 s of common load balancers, so that they close first. */
  readonly keepAliveMs: number;
  /** Milliseconds for a TLS handshake; a slow client on another continent takes about one second. */
  readonly handshakeTimeoutMs: number;
  /** Open connections. About 20 KB each in Node, so 200 MB if all are used. */
  readonly connectionsMax: number;
  /**
   * Open connections of one address (IPv6: of one /64). No limit unless someone sets one: behind a load balancer, and on
   * one machine, everybody has the same address.
   */
  readonly connectionsPerAddressMax: number;
  /** Addresses, or access keys, whose rates are remembered: at most 20 MB. The one that was quiet longest is forgotten. */
  readonly ratedClientsMax: number;
  /** Milliseconds that running requests get to finish when the listener closes: a long poll's 20 s, and some. */
  readonly closeGraceMs: number;
}

export const edgeLimits: EdgeLimits = {
  bodyMaxBytes: 16 * 1024 * 1024,
  discardedMaxBytes: 64 * 1024 * 1024,
  headersMaxBytes: 32 * 1024,
  headersMax: 100,
  urlMaxBytes: 16 * 1024,
  parametersMax: 20_000,
  parameterDepthMax: 16,
  jsonDepthMax: 512,
  jsonValuesMax: 200_000,
  heldBodiesMaxBytes: 1024 * 1024 * 1024,
  headersTimeoutMs: 60_000,
  requestTimeoutMs: 120_000,
  idleTimeoutMs: 180_000,
  keepAliveMs: 75_000,
  handshakeTimeoutMs: 10_000,
  connectionsMax: 10_000,
  connectionsPerAddressMax: Number.POSITIVE_INFINITY,
  ratedClientsMax: 100_000,
  closeGraceMs: 25_000,
};

/** Limits of the fault rules, which are ours: AWS has nothing of the kind. */
export const faultLimits = {
  /** Rules at a time; each request is held against all of them. */
  rulesMax: 100,
  /** Milliseconds that a rule may delay a call: less than `idleTimeoutMs`, which would cut the connection meanwhile. */
  delayMaxMs: 120_000,
  /** Requests that one rule may hit. */
  timesMax: 1_000_000_000,
  /** Characters of an injected error's text. */
  messageMaxLength: 1024,
} as const;
