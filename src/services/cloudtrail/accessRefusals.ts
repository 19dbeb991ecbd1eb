/** Which errors say that somebody may not do what was asked, and how they are called on record. */
import { type AwsError, frontEndNamespace } from '#aws/contract';

const denied = new Set(['AccessDenied', 'AccessDeniedException', 'AuthorizationError', 'AuthorizationErrorException']);
const badSignatures = new Set([
  'ExpiredToken',
  'IncompleteSignature',
  'InvalidClientTokenId',
  'MissingAuthenticationToken',
  'RequestExpired',
  'SignatureDoesNotMatch',
]);

/** By policies, or because nobody knows who asks. */
export function isAccessRefusal({ code, queryCode }: AwsError): boolean {
  return denied.has(code) || denied.has(queryCode) || badSignatures.has(queryCode);
}

/** One name in all protocols: the old one where AWS's front end speaks, the model's where the service does. */
export function recordedCode(error: AwsError): string {
  const { code, queryCode, shapeNamespace } = error;
  if (denied.has(code) || denied.has(queryCode)) return 'AccessDenied';
  return shapeNamespace === frontEndNamespace || badSignatures.has(queryCode) ? queryCode : code;
}
