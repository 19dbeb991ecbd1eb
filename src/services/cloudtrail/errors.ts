import { type AwsError, modeledError } from '#aws/contract';
import { cloudTrail } from './contract.ts';

/** CloudTrail's errors: the names are AWS's. Its texts are nowhere published; these say what was wrong. */
const refusal =
  (name: string) =>
  (message: string): AwsError =>
    modeledError(cloudTrail, name, message);

export const invalidLookupAttributes = refusal('InvalidLookupAttributesException');
export const invalidTimeRange = refusal('InvalidTimeRangeException');
export const invalidMaxResults = refusal('InvalidMaxResultsException');
export const invalidNextToken = refusal('InvalidNextTokenException');
export const invalidEventCategory = refusal('InvalidEventCategoryException');
export const unsupportedOperation = refusal('UnsupportedOperationException');
