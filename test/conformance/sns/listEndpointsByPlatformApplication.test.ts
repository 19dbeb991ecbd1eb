import { describe, expect, it } from 'vitest';
import { application, describePlatforms, endpointOf, malformedApplicationArns } from './platforms.ts';
import { invalidParameter, missing, notFound, ok, refused } from './queryCall.ts';

describePlatforms('ListEndpointsByPlatformApplication', () => {
  it('lists its endpoints with their attributes, and no others [aws: list endpoints]', async () => {
    const PlatformApplicationArn = await application();
    await endpointOf(await application());
    const EndpointArn = await endpointOf(PlatformApplicationArn, {
      Token: 't',
      Attributes: { CustomUserData: 'some' },
    });
    expect(await ok('ListEndpointsByPlatformApplication', { PlatformApplicationArn })).toEqual({
      Endpoints: [{ EndpointArn, Attributes: { Enabled: 'true', Token: 't', CustomUserData: 'some' } }],
    });
  });

  it('has an empty list without endpoints [model: ListEndpointsByPlatformApplication]', async () => {
    const PlatformApplicationArn = await application();
    const answer = await ok('ListEndpointsByPlatformApplication', { PlatformApplicationArn });
    expect(answer).toEqual({ Endpoints: [] });
  });

  it('goes page by page, a hundred each [model: ListEndpointsByPlatformApplication]', async () => {
    const PlatformApplicationArn = await application();
    await Promise.all(Array.from({ length: 101 }, () => endpointOf(PlatformApplicationArn)));
    const first = await ok('ListEndpointsByPlatformApplication', { PlatformApplicationArn });
    expect(first.Endpoints).toHaveLength(100);
    const NextToken = String(first.NextToken);
    const second = await ok('ListEndpointsByPlatformApplication', { PlatformApplicationArn, NextToken });
    expect(second.Endpoints).toHaveLength(1);
    expect(second.NextToken).toBeUndefined();
  });

  it('does not know another application [aws: list endpoints by platform application]', async () => {
    const PlatformApplicationArn = `${await application()}2`;
    await refused('ListEndpointsByPlatformApplication', { PlatformApplicationArn }, notFound('PlatformApplication'));
  });
});

describe('ListEndpointsByPlatformApplication without one', () => {
  it.each(malformedApplicationArns)('refuses %s [aws: arn format]', async (_, PlatformApplicationArn, reason) => {
    const refusal = invalidParameter(`PlatformApplicationArn Reason: ${reason}`);
    await refused('ListEndpointsByPlatformApplication', { PlatformApplicationArn }, refusal);
  });

  it('demands an ARN [model: ListEndpointsByPlatformApplicationInput]', async () => {
    await refused('ListEndpointsByPlatformApplication', {}, missing('platformApplicationArn'));
  });
});
