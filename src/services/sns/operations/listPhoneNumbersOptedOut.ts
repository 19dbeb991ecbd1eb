import { cutPage, pageAndOne, readToken } from '../paging.ts';
import { listOptedOut } from '../phoneNumbers.ts';
import type { SnsOperation } from '../service.ts';

/** In the order of their digits. The token's name begins small here. */
export const listPhoneNumbersOptedOut: SnsOperation<'ListPhoneNumbersOptedOut'> = async (sns, input, context) => {
  const found = await listOptedOut(sns, context, pageAndOne, readToken(input.nextToken));
  const { page, token } = cutPage(found, (number) => number);
  const { NextToken } = token;
  return { phoneNumbers: page, ...(NextToken !== undefined && { nextToken: NextToken }) };
};
