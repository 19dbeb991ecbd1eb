import { expect, it } from 'vitest';
import { describeOurs, uniqueName } from '../target.ts';
import { application, describePlatforms, PlatformCredential } from './platforms.ts';
import { invalidParameter, missing, ok, refused } from './queryCall.ts';

const create = (more: object) => ({ Name: 'name', Platform: 'GCM', Attributes: { PlatformCredential }, ...more });

describePlatforms('CreatePlatformApplication', () => {
  it('answers an ARN of platform and name [aws: create platform application]', async () => {
    const name = uniqueName('app');
    expect(await application({}, name)).toMatch(new RegExp(`^arn:aws:sns:[a-z0-9-]+:\\d{12}:app/GCM/${name}$`));
  });

  it('gives the same ARN when all is the same [aws: create platform application]', async () => {
    const name = uniqueName('app');
    expect(await application({}, name)).toBe(await application({}, name));
  });

  it('refuses the name of another one [aws: create platform application already exists]', async () => {
    const name = uniqueName('app');
    await application({}, name);
    const Attributes = { PlatformCredential, SuccessFeedbackSampleRate: '5' };
    await refused(
      'CreatePlatformApplication',
      { Name: name, Platform: 'GCM', Attributes },
      invalidParameter('Name Reason: An application with the same name but different properties already exists'),
    );
  });

  it.each(['name', 'Name-1_2.3', 'n'.repeat(256)])(
    'takes the name %s [model: CreatePlatformApplicationInput.Name]',
    async (name) => {
      await application({}, name);
    },
  );

  it.each([
    ['an empty name', '', 'cannot be empty'],
    ['a name of 257 characters', 'n'.repeat(257), 'must be at most 256 characters long'],
    ['a name with a slash', 'a/b', "must contain only characters 'a'-'z', 'A'-'Z', '0'-'9', '_', '-', and '.'"],
    ['a name with an umlaut', 'größe', "must contain only characters 'a'-'z', 'A'-'Z', '0'-'9', '_', '-', and '.'"],
  ])('refuses %s [aws: platform application name]', async (_, Name, reason) => {
    await refused('CreatePlatformApplication', create({ Name }), invalidParameter(`${Name} Reason: ${reason}`));
  });

  it.each(['gcm', 'SMS', ''])('refuses the platform "%s" [aws: platform application platform]', async (Platform) => {
    const refusal = invalidParameter(`Platform Reason: ${Platform} is not supported`);
    await refused('CreatePlatformApplication', create({ Platform }), refusal);
  });

  it('refuses a credential without a principal [aws: platform application attributes]', async () => {
    await refused(
      'CreatePlatformApplication',
      create({ Platform: 'APNS', Attributes: { PlatformCredential: 'key' } }),
      invalidParameter('Attributes Reason: PlatformCredential attribute provided without PlatformPrincipal'),
    );
  });

  it('refuses a principal without a credential [aws: platform application attributes]', async () => {
    await refused(
      'CreatePlatformApplication',
      create({ Platform: 'ADM', Attributes: { PlatformPrincipal: 'id' } }),
      invalidParameter('Attributes Reason: PlatformPrincipal attribute provided without PlatformCredential'),
    );
  });

  it('refuses an application without credentials [aws: platform credentials]', async () => {
    await refused(
      'CreatePlatformApplication',
      create({ Attributes: { SuccessFeedbackSampleRate: '5' } }),
      invalidParameter('Attributes Reason: Platform credentials are invalid'),
    );
  });

  it.each(['101', '-1', 'many', '5.5'])('refuses a sample rate of %s [aws: invalid attributes]', async (rate) => {
    await refused(
      'CreatePlatformApplication',
      create({ Attributes: { PlatformCredential, SuccessFeedbackSampleRate: rate } }),
      invalidParameter(
        `Attributes Reason: Invalid value for attribute: SuccessFeedbackSampleRate: ${rate} value provided is not an integer between 0-100`,
      ),
    );
  });

  it.each(['Name', 'Platform', 'Attributes'])('demands %s [model: CreatePlatformApplicationInput]', async (member) => {
    const input = { ...create({}), [member]: undefined };
    await refused('CreatePlatformApplication', input, missing(member.charAt(0).toLowerCase() + member.slice(1)));
  });
});

describeOurs('CreatePlatformApplication here', () => {
  it.each(['ADM', 'APNS', 'APNS_SANDBOX', 'APNS_VOIP', 'BAIDU', 'MACOS', 'MPNS', 'WNS'])(
    'takes applications of %s, whatever their credentials [posthorn: platforms]',
    async (Platform) => {
      const Attributes = { PlatformCredential: 'x', PlatformPrincipal: 'y' };
      const { PlatformApplicationArn } = await ok('CreatePlatformApplication', { Name: 'any', Platform, Attributes });
      expect(PlatformApplicationArn).toBe(`arn:aws:sns:eu-west-1:111122223333:app/${Platform}/any`);
    },
  );

  it('refuses an attribute that there is not [posthorn: attributes]', async () => {
    await refused(
      'CreatePlatformApplication',
      create({ Attributes: { PlatformCredential, Colour: 'blue' } }),
      invalidParameter('Attributes Reason: Invalid attribute name: Colour'),
    );
  });

  it('keeps accounts and regions apart [posthorn: accounts]', async () => {
    await ok('CreatePlatformApplication', create({ Name: 'apart' }));
    for (const options of [{ accessKeyId: '444455556666' }, { region: 'us-west-2' }]) {
      const { PlatformApplications } = await ok('ListPlatformApplications', {}, options);
      expect(PlatformApplications).toEqual([]);
    }
  });
});
