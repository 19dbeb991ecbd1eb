import type { ServiceContract, Shape } from '#aws/contract';
import { iam as model } from '#aws/generated/iam';
import { validationError } from './errors.ts';

/** Names and paths of what is made, which IAM refuses in words of its own, not in those of the model. */

const name = /^[\w+=,.@-]+$/;
const path = /^\/(?:[\x21-\x7e]+\/)?$/;

export function checkName(parameter: string, value: string): void {
  if (name.test(value)) return;
  throw validationError(
    `The specified value for ${parameter} is invalid. It must contain only alphanumeric characters and/or the following: +=,.@_-`,
  );
}

export function checkPath(value: string): void {
  if (path.test(value)) return;
  throw validationError(
    'The specified value for path is invalid. It must begin and end with / and contain only alphanumeric characters and/or / characters.',
  );
}

const checkedHere = new Set([
  ...['userNameType', 'existingUserNameType', 'groupNameType', 'roleNameType', 'policyNameType'],
  ...['pathType', 'policyPathType'],
  // May hold wildcards, says the documentation of its model.
  'AttachmentName',
]);

/** The model without the patterns that are checked here: a name that can't be is one that isn't found. */
export const contract: ServiceContract = {
  ...model,
  shapes: Object.fromEntries(
    Object.entries(model.shapes).map(([key, shape]) => [key, checkedHere.has(key) ? withoutPattern(shape) : shape]),
  ),
};

function withoutPattern(shape: Shape): Shape {
  if (shape.type !== 'string') return shape;
  const { pattern: _, ...rest } = shape;
  return rest;
}
