import { endpointNotFound, invalidParameter } from '../errors.ts';
import { checkEndpointArn, endpointArn } from '../platformArn.ts';
import {
  checkEndpointAttributes,
  findEndpoint,
  findEndpointOfToken,
  normalAttributes,
  turnOf,
  writeEndpoint,
} from '../platformEndpoints.ts';
import { announce } from '../platformEvents.ts';
import type { SnsOperation } from '../service.ts';

export const setEndpointAttributes: SnsOperation<'SetEndpointAttributes'> = async (sns, input, context) => {
  const path = checkEndpointArn(input.EndpointArn, context);
  if (path === undefined) throw endpointNotFound();
  await sns.turns.take(turnOf(path.application), async () => {
    const { application, endpoint } = await findEndpoint(sns, input.EndpointArn, context);
    checkEndpointAttributes(input.Attributes);
    const attributes = { ...endpoint.attributes, ...normalAttributes(input.Attributes) };
    const other = await findEndpointOfToken(sns, application, attributes.Token ?? '');
    if (other !== undefined && other.endpointId !== endpoint.endpointId) {
      const arn = endpointArn({ application, endpointId: other.endpointId });
      throw invalidParameter(
        `Token Reason: Endpoint ${arn} already exists with the same Token, but different attributes.`,
      );
    }
    await sns.partition.entities.write(...writeEndpoint(application, { ...endpoint, attributes }, endpoint));
    await announce(sns, application, 'EndpointUpdated', input.EndpointArn, context.endpoint);
  });
};
