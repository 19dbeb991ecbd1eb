import { readToken } from '../paging.ts';
import type { SnsOperation } from '../service.ts';

/** Numbers are bought from AWS, or belong to the operator's gateway: here there are none. */
export const listOriginationNumbers: SnsOperation<'ListOriginationNumbers'> = async (_sns, input) => {
  readToken(input.NextToken);
  return { PhoneNumbers: [] };
};
