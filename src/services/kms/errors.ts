import { AwsError, modeledError } from '#aws/contract';
import { kms } from '#aws/generated/kms';

/** KMS's errors. Codes and statuses are the model's, the texts are those that KMS answers with. */

/** What the model does not know, but KMS says. */
export const validation = (message: string): AwsError => new AwsError('ValidationException', message);

export const keyNotFound = (arn: string): AwsError =>
  modeledError(kms, 'NotFoundException', `Key '${arn}' does not exist`);

export const aliasNotFound = (arn: string): AwsError =>
  modeledError(kms, 'NotFoundException', `Alias ${arn} is not found.`);

export const notFound = (message: string): AwsError => modeledError(kms, 'NotFoundException', message);

export const aliasNotSupported = (): AwsError =>
  modeledError(kms, 'InvalidArnException', 'Key Aliases are not supported for this operation.');

export const invalidArn = (message: string): AwsError => modeledError(kms, 'InvalidArnException', message);

export const disabled = (arn: string): AwsError => modeledError(kms, 'DisabledException', `${arn} is disabled.`);

export const pendingDeletion = (arn: string): AwsError => invalidState(`${arn} is pending deletion.`);

export const invalidState = (message: string): AwsError => modeledError(kms, 'KMSInvalidStateException', message);

export const invalidKeyUsage = (message: string): AwsError => modeledError(kms, 'InvalidKeyUsageException', message);

export const incompatibleAlgorithm = (algorithm: string, keySpec: string): AwsError =>
  invalidKeyUsage(`Algorithm ${algorithm} is incompatible with key spec ${keySpec}.`);

/** KMS does not say what is wrong with a ciphertext. */
export const invalidCiphertext = (): AwsError => modeledError(kms, 'InvalidCiphertextException', '');

export const incorrectKey = (): AwsError =>
  modeledError(
    kms,
    'IncorrectKeyException',
    'The key ID in the request does not identify a CMK that can perform this operation.',
  );

export const invalidSignature = (): AwsError => modeledError(kms, 'KMSInvalidSignatureException', '');

export const invalidMac = (): AwsError => modeledError(kms, 'KMSInvalidMacException', '');

export const unsupported = (message = ''): AwsError => modeledError(kms, 'UnsupportedOperationException', message);

export const alreadyExists = (message: string): AwsError => modeledError(kms, 'AlreadyExistsException', message);

export const limitExceeded = (message: string): AwsError => modeledError(kms, 'LimitExceededException', message);

export const malformedPolicy = (message: string): AwsError =>
  modeledError(kms, 'MalformedPolicyDocumentException', message);

export const invalidTag = (message: string): AwsError => modeledError(kms, 'TagException', message);

export const invalidMarker = (): AwsError => modeledError(kms, 'InvalidMarkerException', 'The marker is not valid.');

export const invalidGrantId = (): AwsError =>
  modeledError(kms, 'InvalidGrantIdException', 'The grant ID is not valid.');

export const invalidGrantToken = (): AwsError =>
  modeledError(kms, 'InvalidGrantTokenException', 'The grant token is not valid.');

export const dryRun = (): AwsError =>
  modeledError(kms, 'DryRunOperationException', 'The request would have succeeded, but the DryRun option is set.');

/** The answer of a key policy that is AWS's own: nobody manages an AWS managed key. */
export const notManageable = (operation: string, arn: string, who: string): AwsError =>
  new AwsError(
    'AccessDeniedException',
    `User: ${who} is not authorized to perform: kms:${operation} on resource: ${arn} because no resource-based policy allows the kms:${operation} action`,
  );
