import { findEndpoint } from '../platformEndpoints.ts';
import type { SnsOperation } from '../service.ts';

export const getEndpointAttributes: SnsOperation<'GetEndpointAttributes'> = async (sns, input, context) => {
  const { endpoint } = await findEndpoint(sns, input.EndpointArn, context);
  return { Attributes: endpoint.attributes };
};
