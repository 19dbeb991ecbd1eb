/** The errors that every AWS service may answer, with their HTTP status (SQS API Reference, "Common Errors"). */
export const universalErrors: Readonly<Record<string, number>> = {
  AccessDeniedException: 403,
  ExpiredTokenException: 403,
  IncompleteSignature: 400,
  InternalFailure: 500,
  InvalidClientTokenId: 403,
  MissingAuthenticationToken: 403,
  NotAuthorized: 400,
  OptInRequired: 403,
  RequestExpired: 400,
  RequestTimeoutException: 408,
  ServiceUnavailable: 503,
  SignatureDoesNotMatch: 403,
  ThrottlingException: 400,
  UnrecognizedClientException: 403,
  ValidationError: 400,
};
