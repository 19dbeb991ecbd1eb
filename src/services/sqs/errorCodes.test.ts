import { expect, it } from 'vitest';
import { AwsError } from '#aws/contract';
import { sqs } from '#aws/generated/sqs';
import { errorCodes } from './errorCodes.ts';
import * as errors from './errors.ts';

it('names errors of the model only', () => {
  for (const name of Object.keys(errorCodes)) {
    const shape = sqs.shapes[name];
    expect(shape?.type === 'structure' && shape.error, name).toBeTruthy();
  }
});

it('agrees with the errors that the operations throw', () => {
  const made = Object.values(errors)
    .map((make) => (make as (...given: string[]) => unknown)('', '', ''))
    .filter((error) => error instanceof AwsError)
    .filter(({ name }) => Object.hasOwn(sqs.shapes, name));
  expect(made.length).toBeGreaterThan(10);
  for (const { code, queryCode, httpStatus } of made) {
    const { queryCode: expectedCode = code, httpStatus: expectedStatus = 400 } = errorCodes[code] ?? {};
    expect([code, queryCode, httpStatus]).toEqual([code, expectedCode, expectedStatus]);
  }
});
