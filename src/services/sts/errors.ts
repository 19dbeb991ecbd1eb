import { AwsError, modeledError } from '#aws/contract';
import { sts } from '#aws/generated/sts';

/** STS's errors. What the model doesn't have is worded by its front end. */

export const accessDenied = (message: string): AwsError => new AwsError('AccessDenied', message, { httpStatus: 403 });

export const notAuthorized = (who: string, action: string, resource: string): AwsError =>
  accessDenied(`User: ${who} is not authorized to perform: ${action} on resource: ${resource}`);

export const validationError = (message: string): AwsError =>
  new AwsError('ValidationError', message, { httpStatus: 400 });

export const invalidParameterValue = (message: string): AwsError =>
  new AwsError('InvalidParameterValue', message, { httpStatus: 400 });

export const malformedPolicy = (reason: string): AwsError =>
  modeledError(sts, 'MalformedPolicyDocumentException', reason);

export const policyNotFound = (arn: string): AwsError =>
  new AwsError('NoSuchEntity', `Policy ${arn} does not exist or is not attachable.`, { httpStatus: 404 });

export const packedPolicyTooLarge = (percent: number): AwsError =>
  modeledError(
    sts,
    'PackedPolicyTooLargeException',
    `Packed policy consumes ${percent}% of allotted space, please use smaller policy.`,
  );

export const invalidIdentityToken = (message: string): AwsError =>
  modeledError(sts, 'InvalidIdentityTokenException', message);

export const expiredToken = (message: string): AwsError => modeledError(sts, 'ExpiredTokenException', message);

export const issuerUnreachable = (message: string): AwsError =>
  modeledError(sts, 'IDPCommunicationErrorException', message);

export const invalidAuthorizationMessage = (): AwsError =>
  modeledError(sts, 'InvalidAuthorizationMessageException', 'Message is not valid');

/** Of a call that nobody has signed. */
export const missingToken = (): AwsError =>
  new AwsError('MissingAuthenticationToken', 'Request is missing Authentication Token', { httpStatus: 403 });
