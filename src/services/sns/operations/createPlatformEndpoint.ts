import { randomUUID } from 'node:crypto';
import { isDeepStrictEqual } from 'node:util';
import { invalidParameter } from '../errors.ts';
import { findApplication } from '../platformApplications.ts';
import { endpointArn } from '../platformArn.ts';
import {
  checkEndpointAttributes,
  customUserDataBytes,
  findEndpointOfToken,
  normalAttributes,
  turnOf,
  writeEndpoint,
} from '../platformEndpoints.ts';
import { announce } from '../platformEvents.ts';
import type { SnsOperation } from '../service.ts';

/** A token has one endpoint: creating it once more gives its ARN, unless its attributes are others. */
export const createPlatformEndpoint: SnsOperation<'CreatePlatformEndpoint'> = async (sns, input, context) => {
  const { Token: token, CustomUserData: userData, Attributes: given = {} } = input;
  const application = await findApplication(sns, input.PlatformApplicationArn, context);
  if (token === '') throw invalidParameter('Token Reason: cannot be empty');
  if (userData !== undefined && Buffer.byteLength(userData) > customUserDataBytes) {
    throw invalidParameter(
      `CustomUserData Reason: must be at most ${customUserDataBytes} bytes long in UTF-8 encoding`,
    );
  }
  checkEndpointAttributes(given);
  const attributes = normalAttributes({
    ...{ Enabled: 'true', Token: token },
    ...(userData !== undefined && { CustomUserData: userData }),
    ...given,
  });
  return sns.turns.take(turnOf(application), async () => {
    const existing = await findEndpointOfToken(sns, application, attributes.Token ?? token);
    const endpoint = existing ?? { endpointId: randomUUID(), applicationId: application.applicationId, attributes };
    const arn = endpointArn({ application, endpointId: endpoint.endpointId });
    if (!isDeepStrictEqual(endpoint.attributes, attributes)) {
      throw invalidParameter(
        `Token Reason: Endpoint ${arn} already exists with the same Token, but different attributes.`,
      );
    }
    if (existing === undefined) {
      await sns.partition.entities.write(...writeEndpoint(application, endpoint));
      await announce(sns, application, 'EndpointCreated', arn, context.endpoint);
    }
    return { EndpointArn: arn };
  });
};
