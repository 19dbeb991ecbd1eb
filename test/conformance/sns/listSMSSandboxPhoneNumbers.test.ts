import { describe, expect, it } from 'vitest';
import { describeOurs } from '../target.ts';
import { invalidParameter, ok, refused, violated } from './queryCall.ts';
import { account } from './smsAttributes.ts';

describe('ListSMSSandboxPhoneNumbers', () => {
  it.each([
    [0, 'Member must have value greater than or equal to 1'],
    [101, 'Member must have value less than or equal to 100'],
  ])('refuses a page of %i [model: MaxItems]', async (MaxResults, constraint) => {
    await refused('ListSMSSandboxPhoneNumbers', { MaxResults }, violated(`'${MaxResults}'`, 'maxResults', constraint));
  });

  it('refuses a token that it never gave [model: ListSMSSandboxPhoneNumbersInput]', async () => {
    await refused('ListSMSSandboxPhoneNumbers', { NextToken: 'no token!' }, invalidParameter('NextToken'));
  });
});

describeOurs('ListSMSSandboxPhoneNumbers here', () => {
  it('goes page by page, as long as asked [model: ListSMSSandboxPhoneNumbersInput.MaxResults]', async () => {
    const mine = account();
    const numbers = ['+15550100600', '+15550100601', '+15550100602'];
    for (const PhoneNumber of numbers) await ok('CreateSMSSandboxPhoneNumber', { PhoneNumber }, mine);
    const first = await ok('ListSMSSandboxPhoneNumbers', { MaxResults: 2 }, mine);
    expect([...(first.PhoneNumbers ?? [])].map((each) => each.PhoneNumber)).toEqual(numbers.slice(0, 2));
    const NextToken = String(first.NextToken);
    expect(await ok('ListSMSSandboxPhoneNumbers', { MaxResults: 2, NextToken }, mine)).toEqual({
      PhoneNumbers: [{ PhoneNumber: numbers[2], Status: 'Pending' }],
    });
  });
});
