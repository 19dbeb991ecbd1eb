import { describe, expect, it } from 'vitest';
import { application, describePlatforms, endpointOf, malformedEndpointArns, unknownEndpoint } from './platforms.ts';
import { invalidParameter, missing, notFound, ok, refused } from './queryCall.ts';

describePlatforms('DeleteEndpoint', () => {
  it('deletes it, and answers nothing [aws: delete endpoint]', async () => {
    const EndpointArn = await endpointOf(await application());
    expect(await ok('DeleteEndpoint', { EndpointArn })).toEqual({});
    await refused('GetEndpointAttributes', { EndpointArn }, notFound('Endpoint'));
  });

  it('can be repeated [aws: list endpoints by platform application]', async () => {
    const EndpointArn = await endpointOf(await application());
    await ok('DeleteEndpoint', { EndpointArn });
    await ok('DeleteEndpoint', { EndpointArn });
  });

  it('deletes what never was [model: DeleteEndpoint]', async () => {
    await ok('DeleteEndpoint', { EndpointArn: unknownEndpoint(await application()) });
  });

  it('lets the token have a new endpoint [model: CreatePlatformEndpoint]', async () => {
    const arn = await application();
    const EndpointArn = await endpointOf(arn, { Token: 'token', Attributes: { Enabled: 'false' } });
    await ok('DeleteEndpoint', { EndpointArn });
    expect(await endpointOf(arn, { Token: 'token' })).not.toBe(EndpointArn);
  });
});

describe('DeleteEndpoint without one', () => {
  it.each(malformedEndpointArns)('refuses %s [aws: arn format]', async (_, EndpointArn, reason) => {
    await refused('DeleteEndpoint', { EndpointArn }, invalidParameter(`EndpointArn Reason: ${reason}`));
  });

  it('demands an ARN [model: DeleteEndpointInput]', async () => {
    await refused('DeleteEndpoint', {}, missing('endpointArn'));
  });
});
