import { describe, expect, it } from 'vitest';
import { application, describePlatforms, malformedApplicationArns } from './platforms.ts';
import { invalidParameter, missing, notFound, ok, refused } from './queryCall.ts';

const Attributes = { SuccessFeedbackSampleRate: '5' };

describePlatforms('SetPlatformApplicationAttributes', () => {
  it('changes what is named, and answers nothing [aws: set platform application attributes]', async () => {
    const PlatformApplicationArn = await application({ SuccessFeedbackSampleRate: '7' });
    const change = { FailureFeedbackRoleArn: 'arn:aws:iam::111122223333:role/x' };
    const input = { PlatformApplicationArn, Attributes: change };
    expect(await ok('SetPlatformApplicationAttributes', input)).toEqual({});
    const { Attributes: shown } = await ok('GetPlatformApplicationAttributes', { PlatformApplicationArn });
    expect(shown).toMatchObject({ ...change, SuccessFeedbackSampleRate: '7', Enabled: 'true' });
  });

  it('refuses a sample rate of 101 [aws: set platform application attributes negative]', async () => {
    const PlatformApplicationArn = await application();
    await refused(
      'SetPlatformApplicationAttributes',
      { PlatformApplicationArn, Attributes: { SuccessFeedbackSampleRate: '101' } },
      invalidParameter(
        'Attributes Reason: Invalid value for attribute: SuccessFeedbackSampleRate: 101 value provided is not an integer between 0-100',
      ),
    );
  });

  it('does not know another one [model: SetPlatformApplicationAttributes]', async () => {
    const PlatformApplicationArn = `${await application()}x`;
    await refused(
      'SetPlatformApplicationAttributes',
      { PlatformApplicationArn, Attributes },
      notFound('PlatformApplication'),
    );
  });

  it('demands attributes [aws: set platform application attributes]', async () => {
    const PlatformApplicationArn = await application();
    await refused('SetPlatformApplicationAttributes', { PlatformApplicationArn }, missing('attributes'));
  });
});

describe('SetPlatformApplicationAttributes without one', () => {
  it.each(malformedApplicationArns)('refuses %s [aws: arn format]', async (_, PlatformApplicationArn, reason) => {
    const refusal = invalidParameter(`PlatformApplicationArn Reason: ${reason}`);
    await refused('SetPlatformApplicationAttributes', { PlatformApplicationArn, Attributes }, refusal);
  });
});
