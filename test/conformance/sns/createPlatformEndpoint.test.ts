import { describe, expect, it } from 'vitest';
import { application, attributesOf, describePlatforms, endpointOf, malformedApplicationArns } from './platforms.ts';
import { type Input, invalidParameter, missing, notFound, ok, refused } from './queryCall.ts';

const Token = 'token';

const differs = (arn: string) =>
  invalidParameter(`Token Reason: Endpoint ${arn} already exists with the same Token, but different attributes.`);

describePlatforms('CreatePlatformEndpoint', () => {
  it('answers an ARN of platform, application and a UUID [aws: create platform endpoint]', async () => {
    const arn = await application();
    const uuid = '[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}';
    expect(await endpointOf(arn)).toMatch(new RegExp(`^${arn.replace(':app/', ':endpoint/')}/${uuid}$`));
  });

  it('gives the same ARN for the same token, defaults named or not [aws: create duplicate default endpoint]', async () => {
    const arn = await application();
    const first = await endpointOf(arn, { Token });
    expect(await endpointOf(arn, { Token })).toBe(first);
    expect(await endpointOf(arn, { Token, Attributes: { Enabled: 'true' } })).toBe(first);
  });

  it('gives the same ARN for the same attributes [aws: create duplicate endpoint with attributes]', async () => {
    const arn = await application();
    const input = { Token, CustomUserData: 'data', Attributes: { Enabled: 'false' } };
    expect(await endpointOf(arn, input)).toBe(await endpointOf(arn, input));
  });

  it.each<[string, Input, Input]>([
    [
      'user data that was not there',
      { Attributes: { Enabled: 'false' } },
      { CustomUserData: 'x', Attributes: { Enabled: 'false' } },
    ],
    ['another state', { Attributes: { Enabled: 'false' } }, { Attributes: { Enabled: 'true' } }],
    ['other user data', { CustomUserData: 'a' }, { CustomUserData: 'b' }],
  ])('refuses the token with %s [aws: create duplicate endpoint with attributes]', async (_, before, after) => {
    const PlatformApplicationArn = await application();
    const arn = await endpointOf(PlatformApplicationArn, { Token, ...before });
    await refused('CreatePlatformEndpoint', { PlatformApplicationArn, Token, ...after }, differs(arn));
  });

  it('has one endpoint when one token is created ten times at once [model: CreatePlatformEndpoint]', async () => {
    const arn = await application();
    const arns = await Promise.all(Array.from({ length: 10 }, () => endpointOf(arn, { Token })));
    expect(new Set(arns).size).toBe(1);
  });

  it('lets two applications have the same token [model: CreatePlatformEndpoint]', async () => {
    expect(await endpointOf(await application(), { Token })).not.toBe(await endpointOf(await application(), { Token }));
  });

  it('takes user data as an attribute too, which wins [aws: get endpoint attributes]', async () => {
    const arn = await application();
    const given = { Token, CustomUserData: 'one', Attributes: { Enabled: 'false', CustomUserData: 'other' } };
    expect(await attributesOf(await endpointOf(arn, given))).toEqual({
      Enabled: 'false',
      Token,
      CustomUserData: 'other',
    });
  });

  it('takes 2,048 bytes of user data, and keeps them [model: CreatePlatformEndpointInput.CustomUserData]', async () => {
    const arn = await application();
    const CustomUserData = 'ü'.repeat(1_024);
    expect(await attributesOf(await endpointOf(arn, { CustomUserData }))).toMatchObject({ CustomUserData });
  });

  it('refuses more user data [aws: endpoint attributes]', async () => {
    const PlatformApplicationArn = await application();
    const Attributes = { CustomUserData: `${'ü'.repeat(1_024)}x` };
    await refused(
      'CreatePlatformEndpoint',
      { PlatformApplicationArn, Token, Attributes },
      invalidParameter(
        'Attributes Reason: Invalid value for attribute: CustomUserData: must be at most 2048 bytes long in UTF-8 encoding',
      ),
    );
  });

  it('refuses an empty token [aws: create endpoint with empty token]', async () => {
    const PlatformApplicationArn = await application();
    const refusal = invalidParameter('Token Reason: cannot be empty');
    await refused('CreatePlatformEndpoint', { PlatformApplicationArn, Token: '' }, refusal);
  });

  it('refuses an empty token among the attributes [aws: create endpoint with invalid attributes]', async () => {
    const PlatformApplicationArn = await application();
    await refused(
      'CreatePlatformEndpoint',
      { PlatformApplicationArn, Token, Attributes: { Token: '' } },
      invalidParameter('Attributes Reason: Invalid value for attribute: Token: cannot be empty'),
    );
  });

  it('refuses an attribute that there is not [aws: endpoint attributes]', async () => {
    const PlatformApplicationArn = await application();
    await refused(
      'CreatePlatformEndpoint',
      { PlatformApplicationArn, Token, Attributes: { Colour: 'blue' } },
      invalidParameter('Attributes Reason: Invalid attribute name: Colour'),
    );
  });

  it('does not know another application [aws: create platform endpoint]', async () => {
    const PlatformApplicationArn = `${await application()}2`;
    await refused('CreatePlatformEndpoint', { PlatformApplicationArn, Token }, notFound('PlatformApplication'));
  });
});

describe('CreatePlatformEndpoint without an application', () => {
  it.each(malformedApplicationArns)('refuses %s [aws: create endpoint with invalid arn]', async (_, arn, reason) => {
    const refusal = invalidParameter(`PlatformApplicationArn Reason: ${reason}`);
    await refused('CreatePlatformEndpoint', { PlatformApplicationArn: arn, Token }, refusal);
  });

  it('demands an ARN [model: CreatePlatformEndpointInput]', async () => {
    await refused('CreatePlatformEndpoint', { Token }, missing('platformApplicationArn'));
  });

  it('demands a token [model: CreatePlatformEndpointInput]', async () => {
    await refused('CreatePlatformEndpoint', { PlatformApplicationArn: 'arn' }, missing('token'));
  });
});

describePlatforms('An application event', () => {
  it('has nothing to do with the answer when its topic is not there [model: SetPlatformApplicationAttributes]', async () => {
    const arn = await application({ EventEndpointCreated: 'arn:aws:sns:eu-west-1:111122223333:nothing' });
    expect(await ok('CreatePlatformEndpoint', { PlatformApplicationArn: arn, Token })).toHaveProperty('EndpointArn');
  });
});
