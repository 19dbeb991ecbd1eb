/**
 * Signature Version 4, verified. The edge goes through it in AWS's order:
 *
 * 1. `readSignature`, as soon as the service is known: parts, time, covered headers, scope.
 * 2. The holder of `accessKeyId` and `sessionToken`; nobody is `unknownKey`.
 * 3. `verifySignature` with the holder's secret; after it, credentials that are over are `expiredToken`.
 * 4. `signatureError` names any of these refusals as the service does.
 */

export { HmacKey } from './hmac.ts';
export { signatureLimits } from './limits.ts';
export { readSignature } from './read.ts';
export { signatureError } from './refusals.ts';
export {
  expiredToken,
  isRefused,
  missingToken,
  type RefusalKind,
  type Signature,
  type SignatureRefusal,
  type SignatureRules,
  type SignedRequest,
  unknownKey,
} from './signature.ts';
export { deriveSigningKey, SigningKeys } from './signingKeys.ts';
export { hasSigned, type Verification, verifySignature } from './verify.ts';
