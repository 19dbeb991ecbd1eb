/** What a signature of version 4 claims, and the ways in which one is refused. Plain data; `read.ts` makes it. */

import type { QueryParameter } from './query.ts';

/** What of a request a signature covers. Texts are as Node hands them over: one character a byte. */
export interface SignedRequest {
  readonly method: string;
  /** Without the query string; not decoded. */
  readonly path: string;
  /** Behind the question mark, or the empty string. */
  readonly query: string;
  /** Name, value, name, value. Node's `headers` drops or joins the repeated ones, so it is of no use here. */
  readonly rawHeaders: readonly string[];
  readonly body: Uint8Array;
}

export interface Signature {
  /** `presigned`: all of it is in the query string. */
  readonly form: 'header' | 'presigned';
  /** `AKID/20150830/us-east-1/sqs/aws4_request`, whose parts follow. */
  readonly credential: string;
  readonly accessKeyId: string;
  /** `20150830`, the day that the signing key is for. */
  readonly day: string;
  readonly region: string;
  readonly service: string;
  /** In lower case, sorted. */
  readonly signedHeaders: readonly string[];
  /** Hexadecimal, as the client sent it. */
  readonly hex: string;
  /** `20150830T123600Z`. */
  readonly timestamp: string;
  readonly sessionToken: string | undefined;
  /** By lower-case name, folded as the canonical request wants them. */
  readonly headers: ReadonlyMap<string, string>;
  readonly query: readonly QueryParameter[];
}

/** What the server expects of a signature, before it knows a secret. */
export interface SignatureRules {
  /** As in the credential scope: `sqs`. */
  readonly service: string;
  /** Milliseconds since 1970. */
  readonly now: number;
  /** Absent: every name that looks like a region is one. */
  readonly regions?: ReadonlySet<string>;
}

export type RefusalKind =
  | 'missingToken'
  | 'incompleteSignature'
  | 'unknownKey'
  | 'signatureMismatch'
  | 'expiredToken'
  | 'requestExpired';

/** A no, as a value; `signatureError` turns it into the answer of a service. */
export interface SignatureRefusal {
  readonly refused: RefusalKind;
  readonly message: string;
}

export function isRefused(outcome: Signature | SignatureRefusal): outcome is SignatureRefusal {
  return 'refused' in outcome;
}

/** A request that says nothing about who sends it: a refusal, or an anonymous caller where a policy has a word for those. */
export const missingToken: SignatureRefusal = {
  refused: 'missingToken',
  message: 'Request is missing Authentication Token',
};

/** The access key id, or the session token with it, is of nobody. */
export const unknownKey: SignatureRefusal = {
  refused: 'unknownKey',
  message: 'The security token included in the request is invalid.',
};

/** The credentials were temporary, and their time is over. */
export const expiredToken: SignatureRefusal = {
  refused: 'expiredToken',
  message: 'The security token included in the request is expired',
};

export function incomplete(message: string): SignatureRefusal {
  return { refused: 'incompleteSignature', message };
}

export function mismatch(message: string): SignatureRefusal {
  return { refused: 'signatureMismatch', message };
}
