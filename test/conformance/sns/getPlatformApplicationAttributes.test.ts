import { describe, expect, it } from 'vitest';
import { describeOurs } from '../target.ts';
import { application, describePlatforms, malformedApplicationArns } from './platforms.ts';
import { invalidParameter, missing, notFound, ok, refused } from './queryCall.ts';

const topic = 'arn:aws:sns:eu-west-1:111122223333:events';
const role = 'arn:aws:iam::111122223333:role/feedback';

describePlatforms('GetPlatformApplicationAttributes', () => {
  it('shows that it is enabled, and no credentials [aws: get platform application]', async () => {
    const PlatformApplicationArn = await application();
    const { Attributes } = await ok('GetPlatformApplicationAttributes', { PlatformApplicationArn });
    expect(Attributes).toMatchObject({ Enabled: 'true' });
    expect(Object.keys(Attributes ?? {})).not.toEqual(expect.arrayContaining(['PlatformCredential']));
  });

  it('shows what was set [aws: get platform application]', async () => {
    const set = {
      ...{ EventEndpointCreated: topic, EventEndpointDeleted: topic, EventEndpointUpdated: topic },
      ...{ EventDeliveryFailure: topic, SuccessFeedbackRoleArn: role, FailureFeedbackRoleArn: role },
      SuccessFeedbackSampleRate: '5',
    };
    const PlatformApplicationArn = await application(set);
    const { Attributes } = await ok('GetPlatformApplicationAttributes', { PlatformApplicationArn });
    expect(Attributes).toMatchObject({ ...set, Enabled: 'true' });
  });

  it('does not know another one [aws: get platform application does not exist]', async () => {
    const PlatformApplicationArn = `${await application()}invalid`;
    await refused('GetPlatformApplicationAttributes', { PlatformApplicationArn }, notFound('PlatformApplication'));
  });
});

describe('GetPlatformApplicationAttributes without one', () => {
  it.each(malformedApplicationArns)('refuses %s [aws: arn format]', async (_, PlatformApplicationArn, reason) => {
    const refusal = invalidParameter(`PlatformApplicationArn Reason: ${reason}`);
    await refused('GetPlatformApplicationAttributes', { PlatformApplicationArn }, refusal);
  });

  it('demands an ARN [model: GetPlatformApplicationAttributesInput]', async () => {
    await refused('GetPlatformApplicationAttributes', {}, missing('platformApplicationArn'));
  });
});

describeOurs('AuthenticationMethod', () => {
  it.each([
    ['a key of a service account', 'GCM', { PlatformCredential: '{"type":"service_account"}' }, 'token'],
    ['a server key', 'GCM', { PlatformCredential: 'AAAA' }, 'key'],
    [
      'a signing key',
      'APNS',
      { PlatformCredential: 'k', PlatformPrincipal: 'id', ApplePlatformTeamID: 't', ApplePlatformBundleID: 'b' },
      'token',
    ],
    ['a certificate', 'APNS_SANDBOX', { PlatformCredential: 'k', PlatformPrincipal: 'c' }, 'certificate'],
  ])('of %s is told [model: GetPlatformApplicationAttributesResponse]', async (what, Platform, given, method) => {
    const Name = what.replaceAll(' ', '-');
    const { PlatformApplicationArn } = await ok('CreatePlatformApplication', { Name, Platform, Attributes: given });
    const { Attributes } = await ok('GetPlatformApplicationAttributes', { PlatformApplicationArn });
    expect(Attributes).toMatchObject({ AuthenticationMethod: method });
  });
});
