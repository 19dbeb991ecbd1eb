import { describe, expect, it } from 'vitest';
import { describeOurs } from '../target.ts';
import { application, describePlatforms, PlatformCredential } from './platforms.ts';
import { invalidParameter, ok, refused } from './queryCall.ts';

describePlatforms('ListPlatformApplications', () => {
  it('lists them with their attributes [aws: list platform applications]', async () => {
    const PlatformApplicationArn = await application({ SuccessFeedbackSampleRate: '9' });
    const { PlatformApplications } = await ok('ListPlatformApplications');
    expect(PlatformApplications).toContainEqual({
      PlatformApplicationArn,
      Attributes: expect.objectContaining({ Enabled: 'true', SuccessFeedbackSampleRate: '9' }),
    });
  });
});

describe('ListPlatformApplications', () => {
  it('refuses a token that it never gave [model: ListPlatformApplicationsInput.NextToken]', async () => {
    await refused('ListPlatformApplications', { NextToken: 'no token!' }, invalidParameter('NextToken'));
  });
});

describeOurs('ListPlatformApplications here', () => {
  it('goes page by page, a hundred each [model: ListPlatformApplications]', async () => {
    const options = { accessKeyId: '777788889999' };
    for (let index = 0; index < 101; index += 1) {
      const input = { Name: `app${index}`, Platform: 'GCM', Attributes: { PlatformCredential } };
      await ok('CreatePlatformApplication', input, options);
    }
    const first = await ok('ListPlatformApplications', {}, options);
    expect(first.PlatformApplications).toHaveLength(100);
    const second = await ok('ListPlatformApplications', { NextToken: String(first.NextToken) }, options);
    expect(second.PlatformApplications).toHaveLength(1);
    expect(second.NextToken).toBeUndefined();
    const arns = [first, second].flatMap(({ PlatformApplications: page }) =>
      [...(page ?? [])].map((each) => String(each.PlatformApplicationArn)),
    );
    expect(new Set(arns).size).toBe(101);
  });
});
