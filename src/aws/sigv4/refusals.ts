/** What each refusal of a signature is called, by protocol, and with which status. */

import { AwsError, frontEndNamespace, type ServiceContract } from '../contract.ts';
import type { RefusalKind, SignatureRefusal } from './signature.ts';

interface Names {
  /** In AWS JSON. */
  readonly code: string;
  /** In AWS Query, and in `x-amzn-query-error` of the JSON services that once spoke it. */
  readonly queryCode: string;
  readonly httpStatus: number;
}

const names: Readonly<Record<RefusalKind, Names>> = {
  missingToken: {
    code: 'MissingAuthenticationTokenException',
    queryCode: 'MissingAuthenticationToken',
    httpStatus: 403,
  },
  incompleteSignature: { code: 'IncompleteSignatureException', queryCode: 'IncompleteSignature', httpStatus: 400 },
  unknownKey: { code: 'UnrecognizedClientException', queryCode: 'InvalidClientTokenId', httpStatus: 403 },
  signatureMismatch: { code: 'InvalidSignatureException', queryCode: 'SignatureDoesNotMatch', httpStatus: 403 },
  expiredToken: { code: 'ExpiredTokenException', queryCode: 'ExpiredToken', httpStatus: 403 },
  requestExpired: { code: 'RequestExpired', queryCode: 'RequestExpired', httpStatus: 400 },
};

/**
 * Services that were born with AWS JSON, like KMS, answer 400 to all of these. SQS kept the statuses of its Query days:
 * an InvalidSignatureException of it is a 403.
 */
export function signatureError(
  { refused, message }: SignatureRefusal,
  contract: Pick<ServiceContract, 'protocols' | 'queryCompatible'> | undefined,
): AwsError {
  const { code, queryCode, httpStatus } = names[refused];
  const bornJson = contract !== undefined && !contract.protocols.includes('query') && !contract.queryCompatible;
  return new AwsError(code, message, {
    queryCode,
    httpStatus: bornJson ? 400 : httpStatus,
    shapeNamespace: frontEndNamespace,
  });
}
