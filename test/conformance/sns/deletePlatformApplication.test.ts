import { describe, expect, it } from 'vitest';
import { uniqueName } from '../target.ts';
import { application, attributesOf, describePlatforms, endpointOf, malformedApplicationArns } from './platforms.ts';
import { invalidParameter, missing, notFound, ok, refused } from './queryCall.ts';

describePlatforms('DeletePlatformApplication', () => {
  it('deletes it, and answers nothing [model: DeletePlatformApplication]', async () => {
    const PlatformApplicationArn = await application();
    expect(await ok('DeletePlatformApplication', { PlatformApplicationArn })).toEqual({});
    await refused('GetPlatformApplicationAttributes', { PlatformApplicationArn }, notFound('PlatformApplication'));
  });

  it('deletes what is not there as well [aws: delete platform application]', async () => {
    const PlatformApplicationArn = await application();
    await ok('DeletePlatformApplication', { PlatformApplicationArn });
    await ok('DeletePlatformApplication', { PlatformApplicationArn });
  });

  it('takes its endpoints away [aws: delete endpoints of delete app]', async () => {
    const name = uniqueName('app');
    const PlatformApplicationArn = await application({}, name);
    const EndpointArn = await endpointOf(PlatformApplicationArn, { Token: 'kept' });
    await ok('DeletePlatformApplication', { PlatformApplicationArn });
    await refused('GetEndpointAttributes', { EndpointArn }, notFound('Endpoint'));
    await application({}, name);
    await refused('GetEndpointAttributes', { EndpointArn }, notFound('Endpoint'));
    const again = await endpointOf(PlatformApplicationArn, { Token: 'kept' });
    expect(again).not.toBe(EndpointArn);
    expect(await attributesOf(again)).toEqual({ Enabled: 'true', Token: 'kept' });
  });
});

describe('DeletePlatformApplication without one', () => {
  it.each(malformedApplicationArns)('refuses %s [aws: arn format]', async (_, PlatformApplicationArn, reason) => {
    const refusal = invalidParameter(`PlatformApplicationArn Reason: ${reason}`);
    await refused('DeletePlatformApplication', { PlatformApplicationArn }, refusal);
  });

  it('demands an ARN [model: DeletePlatformApplicationInput]', async () => {
    await refused('DeletePlatformApplication', {}, missing('platformApplicationArn'));
  });
});
