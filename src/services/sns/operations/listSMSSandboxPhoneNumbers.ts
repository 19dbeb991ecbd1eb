import { listPage } from '../limits.ts';
import { cutPage, readToken } from '../paging.ts';
import type { SnsOperation } from '../service.ts';
import { listSandboxNumbers } from '../smsSandbox.ts';

/** In the order of their digits. */
export const listSMSSandboxPhoneNumbers: SnsOperation<'ListSMSSandboxPhoneNumbers'> = async (sns, input, context) => {
  const limit = input.MaxResults ?? listPage;
  const found = await listSandboxNumbers(sns, context, limit + 1, readToken(input.NextToken));
  const { page, token } = cutPage(found, ({ number }) => number, limit);
  return { PhoneNumbers: page.map(({ number, status }) => ({ PhoneNumber: number, Status: status })), ...token };
};
