import { describe, expect, it } from 'vitest';
import { describeOurs } from '../target.ts';
import { invalidParameter, ok, refused, violated } from './queryCall.ts';

describe('ListOriginationNumbers', () => {
  it('answers a list [model: ListOriginationNumbersResult]', async () => {
    expect(await ok('ListOriginationNumbers', { MaxResults: 30 })).toMatchObject({ PhoneNumbers: expect.any(Array) });
  });

  it.each([
    [0, 'Member must have value greater than or equal to 1'],
    [31, 'Member must have value less than or equal to 30'],
  ])('refuses a page of %i [model: MaxItemsListOriginationNumbers]', async (MaxResults, constraint) => {
    await refused('ListOriginationNumbers', { MaxResults }, violated(`'${MaxResults}'`, 'maxResults', constraint));
  });

  it('refuses a token that it never gave [model: ListOriginationNumbersRequest]', async () => {
    await refused('ListOriginationNumbers', { NextToken: 'no token!' }, invalidParameter('NextToken'));
  });
});

describeOurs('ListOriginationNumbers here', () => {
  it('has none [posthorn: SMS]', async () => {
    expect(await ok('ListOriginationNumbers')).toEqual({ PhoneNumbers: [] });
  });
});
