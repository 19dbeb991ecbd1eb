/** Whether the holder of a secret has signed a request. */

import { hash } from 'node:crypto';
import { isSameText } from '#std/sameText';
import { canonicalRequest } from './canonical.ts';
import type { HmacKey } from './hmac.ts';
import { mismatch, type Signature, type SignatureRefusal, type SignedRequest } from './signature.ts';
import type { SigningKeys } from './signingKeys.ts';

export interface Verification {
  readonly keys: SigningKeys;
  /** Tell the client what should have been signed. It names every header of the request, so only for debugging. */
  readonly debug?: boolean;
}

const mismatchText =
  'The request signature we calculated does not match the signature you provided. Check your AWS Secret Access Key and ' +
  'signing method. Consult the service documentation for details.';

/** Whether the holder of the signing key has signed this very request. */
export function hasSigned(signature: Signature, request: SignedRequest, key: HmacKey): boolean {
  const payloadHash = hash('sha256', request.body);
  const text = stringToSign(signature, canonicalRequest(signature, request, payloadHash));
  return isSameText(key.digest(text), signature.hex) && isOfPayload(signature, payloadHash);
}

/** Undefined where the signature is good. */
export function verifySignature(
  signature: Signature,
  request: SignedRequest,
  secret: string,
  { keys, debug = false }: Verification,
): SignatureRefusal | undefined {
  const key = keys.find(signature, secret);
  if (!hasSigned(signature, request, key)) return mismatch(debug ? explanation(signature, request) : mismatchText);
  keys.keep(signature, secret, key);
  return undefined;
}

/**
 * A client that names the hash of its body must mean this body. `UNSIGNED-PAYLOAD` and the chunked forms are S3's alone,
 * and so are no hash here.
 */
function isOfPayload({ headers }: Signature, payloadHash: string): boolean {
  const claimed = headers.get('x-amz-content-sha256');
  return claimed === undefined || claimed === payloadHash;
}

function stringToSign({ timestamp, credential, accessKeyId }: Signature, canonical: string): string {
  // The text holds bytes as characters, so it is not to be encoded as UTF-8 once more.
  const digest = hash('sha256', Buffer.from(canonical, 'latin1'));
  return `AWS4-HMAC-SHA256\n${timestamp}\n${credential.slice(accessKeyId.length + 1)}\n${digest}`;
}

function explanation(signature: Signature, request: SignedRequest): string {
  const canonical = canonicalRequest(signature, request, hash('sha256', request.body));
  return (
    `${mismatchText}\n\nThe Canonical String for this request should have been\n'${canonical}'\n\n` +
    `The String-to-Sign should have been\n'${stringToSign(signature, canonical)}'\n`
  );
}
