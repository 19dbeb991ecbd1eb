import { describe, expect, it } from 'vitest';
import {
  application,
  attributesOf,
  describePlatforms,
  endpointOf,
  malformedEndpointArns,
  unknownEndpoint,
} from './platforms.ts';
import { type Input, invalidParameter, missing, notFound, ok, refused } from './queryCall.ts';

describePlatforms('SetEndpointAttributes', () => {
  it.each<[string, Input]>([
    ['the state', { Enabled: 'false' }],
    ['the token', { Token: 'new' }],
    ['the user data', { CustomUserData: 'new' }],
    ['all at once', { Enabled: 'false', Token: 'new', CustomUserData: 'new' }],
  ])('changes %s, and keeps the rest [aws: set endpoint attributes]', async (_, Attributes) => {
    const EndpointArn = await endpointOf(await application(), { Token: 'old', CustomUserData: 'old' });
    expect(await ok('SetEndpointAttributes', { EndpointArn, Attributes })).toEqual({});
    const before = { Enabled: 'true', Token: 'old', CustomUserData: 'old' };
    expect(await attributesOf(EndpointArn)).toEqual({ ...before, ...Attributes });
  });

  it('takes the new token for the endpoint, and lets the old one go [model: SetEndpointAttributes]', async () => {
    const arn = await application();
    const EndpointArn = await endpointOf(arn, { Token: 'old' });
    await ok('SetEndpointAttributes', { EndpointArn, Attributes: { Token: 'new' } });
    expect(await endpointOf(arn, { Token: 'new' })).toBe(EndpointArn);
    expect(await endpointOf(arn, { Token: 'old' })).not.toBe(EndpointArn);
  });

  it.each([
    ['an attribute that there is not', { Colour: 'blue' }, 'Invalid attribute name: Colour'],
    ['an empty token', { Token: '' }, 'Invalid value for attribute: Token: cannot be empty'],
    [
      'too much user data',
      { CustomUserData: 'x'.repeat(2_049) },
      'Invalid value for attribute: CustomUserData: must be at most 2048 bytes long in UTF-8 encoding',
    ],
  ])('refuses %s [aws: endpoint attributes]', async (_, Attributes, reason) => {
    const EndpointArn = await endpointOf(await application());
    const refusal = invalidParameter(`Attributes Reason: ${reason}`);
    await refused('SetEndpointAttributes', { EndpointArn, Attributes }, refusal);
  });

  it('does not know another one [model: SetEndpointAttributes]', async () => {
    const EndpointArn = unknownEndpoint(await application());
    await refused('SetEndpointAttributes', { EndpointArn, Attributes: { Enabled: 'true' } }, notFound('Endpoint'));
  });

  it('demands attributes [aws: set endpoint attributes]', async () => {
    const EndpointArn = await endpointOf(await application());
    await refused('SetEndpointAttributes', { EndpointArn }, missing('attributes'));
  });
});

describe('SetEndpointAttributes without one', () => {
  it.each(malformedEndpointArns)('refuses %s [aws: arn format]', async (_, EndpointArn, reason) => {
    const refusal = invalidParameter(`EndpointArn Reason: ${reason}`);
    await refused('SetEndpointAttributes', { EndpointArn, Attributes: { Enabled: 'true' } }, refusal);
  });
});
