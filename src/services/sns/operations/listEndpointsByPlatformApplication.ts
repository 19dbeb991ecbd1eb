import { cutPage, pageAndOne, readToken } from '../paging.ts';
import { applicationPath, findApplication } from '../platformApplications.ts';
import { endpointArn } from '../platformArn.ts';
import { type EndpointRecord, endpointKind } from '../platformEndpoints.ts';
import type { SnsOperation } from '../service.ts';

/** In the order of their ids. */
export const listEndpointsByPlatformApplication: SnsOperation<'ListEndpointsByPlatformApplication'> = async (
  sns,
  input,
  context,
) => {
  const application = await findApplication(sns, input.PlatformApplicationArn, context);
  const after = readToken(input.NextToken);
  const prefix = `${applicationPath(application)}/`;
  const behind = after === undefined ? undefined : prefix + after;
  const found = await sns.partition.entities.list<EndpointRecord>(endpointKind, prefix, pageAndOne, behind);
  const { page, token } = cutPage(found, ({ path }) => path.slice(prefix.length));
  const Endpoints = page
    .filter(({ value }) => value.applicationId === application.applicationId)
    .map(({ value: { endpointId, attributes } }) => ({
      EndpointArn: endpointArn({ application, endpointId }),
      Attributes: attributes,
    }));
  return { Endpoints, ...token };
};
