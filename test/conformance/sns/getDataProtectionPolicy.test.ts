import { describe, expect, it } from 'vitest';
import { uniqueName } from '../target.ts';
import { scopeOf, topic, topicNotFound } from './fixtures.ts';
import { missing, ok, refused } from './queryCall.ts';

describe('GetDataProtectionPolicy', () => {
  it('answers nothing of a topic without one [model: GetDataProtectionPolicy]', async () => {
    expect(await ok('GetDataProtectionPolicy', { ResourceArn: await topic() })).toEqual({});
  });

  it('does not know a topic that never was [model: GetDataProtectionPolicy]', async () => {
    const ResourceArn = `${scopeOf(await topic())}:${uniqueName('never')}`;
    await refused('GetDataProtectionPolicy', { ResourceArn }, topicNotFound);
  });

  it('demands an ARN [model: GetDataProtectionPolicyInput.ResourceArn]', async () => {
    await refused('GetDataProtectionPolicy', {}, missing('resourceArn'));
  });
});
