import { describe, expect, it } from 'vitest';
import { describeOurs } from '../target.ts';
import { optOut } from './phoneNumbers.ts';
import { invalidParameter, ok, refused } from './queryCall.ts';

describe('ListPhoneNumbersOptedOut', () => {
  it('answers a list [aws: list opted out]', async () => {
    expect(await ok('ListPhoneNumbersOptedOut')).toMatchObject({ phoneNumbers: expect.any(Array) });
  });

  it('refuses a token that it never gave [model: ListPhoneNumbersOptedOutInput]', async () => {
    await refused('ListPhoneNumbersOptedOut', { nextToken: 'no token!' }, invalidParameter('NextToken'));
  });
});

describeOurs('ListPhoneNumbersOptedOut here', () => {
  it('goes page by page, a hundred each [model: ListPhoneNumbersOptedOut]', async () => {
    const mine = { accessKeyId: '200000000001' };
    const numbers = Array.from({ length: 101 }, (_, index) => `+4474285${45_000 + index}`);
    await Promise.all(numbers.map((number) => optOut(number, mine.accessKeyId)));
    const first = await ok('ListPhoneNumbersOptedOut', {}, mine);
    expect(first.phoneNumbers).toEqual(numbers.slice(0, 100));
    const second = await ok('ListPhoneNumbersOptedOut', { nextToken: String(first.nextToken) }, mine);
    expect(second).toEqual({ phoneNumbers: [numbers[100]] });
  });
});
