import { cutPage, pageAndOne, readToken } from '../paging.ts';
import { type ApplicationRecord, applicationKind, shownAttributes } from '../platformApplications.ts';
import { applicationArn } from '../platformArn.ts';
import type { SnsOperation } from '../service.ts';

/** In the order of platforms and names. */
export const listPlatformApplications: SnsOperation<'ListPlatformApplications'> = async (sns, input, context) => {
  const after = readToken(input.NextToken);
  const prefix = `${context.accountId}/${context.region}/`;
  const behind = after === undefined ? undefined : prefix + after;
  const { entities } = sns.partition;
  const found = await entities.list<ApplicationRecord>(applicationKind, prefix, pageAndOne, behind);
  const { page, token } = cutPage(found, ({ path }) => path.slice(prefix.length));
  const PlatformApplications = page.map(({ value }) => ({
    PlatformApplicationArn: applicationArn(value),
    Attributes: shownAttributes(value),
  }));
  return { PlatformApplications, ...token };
};
