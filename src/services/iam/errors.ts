import { AwsError, modeledError } from '#aws/contract';
import { iam } from '#aws/generated/iam';

/** IAM's errors. Codes and statuses are the model's, but for the two that its front end words. */

export type EntityWord = 'user' | 'group' | 'role';

export const noSuchEntity = (message: string): AwsError => modeledError(iam, 'NoSuchEntityException', message);

export const notFound = (kind: EntityWord, name: string): AwsError =>
  noSuchEntity(`The ${kind} with name ${name} cannot be found.`);

export const inlinePolicyNotFound = (kind: EntityWord, policyName: string): AwsError =>
  noSuchEntity(`The ${kind} policy with name ${policyName} cannot be found.`);

export const policyNotFound = (arn: string): AwsError => noSuchEntity(`Policy ${arn} was not found.`);

export const notAttachable = (what: string): AwsError => noSuchEntity(`${what} does not exist or is not attachable.`);

export const accessKeyNotFound = (accessKeyId: string): AwsError =>
  noSuchEntity(`The Access Key with id ${accessKeyId} cannot be found.`);

export const alreadyExists = (kind: 'User' | 'Group' | 'Role', name: string): AwsError =>
  entityAlreadyExists(`${kind} with name ${name} already exists.`);

export const entityAlreadyExists = (message: string): AwsError =>
  modeledError(iam, 'EntityAlreadyExistsException', message);

export const deleteConflict = (message: string): AwsError => modeledError(iam, 'DeleteConflictException', message);

export const limitExceeded = (message: string): AwsError => modeledError(iam, 'LimitExceededException', message);

export const quotaExceeded = (quota: string, limit: number): AwsError =>
  limitExceeded(`Cannot exceed quota for ${quota}: ${limit}`);

export const invalidInput = (message: string): AwsError => modeledError(iam, 'InvalidInputException', message);

export const malformedPolicy = (reason: string): AwsError =>
  modeledError(iam, 'MalformedPolicyDocumentException', reason);

export const validationError = (message: string): AwsError =>
  new AwsError('ValidationError', message, { httpStatus: 400 });

export const accessDenied = (message: string): AwsError => new AwsError('AccessDenied', message, { httpStatus: 403 });

export const invalidToken = (): AwsError =>
  new AwsError('InvalidClientTokenId', 'The security token included in the request is invalid', { httpStatus: 403 });
