import { describe, expect, it } from 'vitest';
import {
  application,
  attributesOf,
  describePlatforms,
  endpointOf,
  malformedEndpointArns,
  unknownEndpoint,
} from './platforms.ts';
import { invalidParameter, missing, notFound, refused } from './queryCall.ts';

describePlatforms('GetEndpointAttributes', () => {
  it('shows token and state, and user data if there is some [model: GetEndpointAttributesResponse]', async () => {
    const arn = await application();
    expect(await attributesOf(await endpointOf(arn, { Token: 'a' }))).toEqual({ Enabled: 'true', Token: 'a' });
    const CustomUserData = 'data <&> "more"';
    const second = await endpointOf(arn, { Token: 'b', CustomUserData });
    expect(await attributesOf(second)).toEqual({ Enabled: 'true', Token: 'b', CustomUserData });
  });

  it('does not know another one [aws: get non existent endpoint attributes]', async () => {
    const EndpointArn = unknownEndpoint(await application());
    await refused('GetEndpointAttributes', { EndpointArn }, notFound('Endpoint'));
  });
});

describe('GetEndpointAttributes without one', () => {
  it.each(malformedEndpointArns)('refuses %s [aws: arn format]', async (_, EndpointArn, reason) => {
    await refused('GetEndpointAttributes', { EndpointArn }, invalidParameter(`EndpointArn Reason: ${reason}`));
  });

  it('demands an ARN [model: GetEndpointAttributesInput]', async () => {
    await refused('GetEndpointAttributes', {}, missing('endpointArn'));
  });
});
