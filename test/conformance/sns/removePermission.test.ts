import { describe, expect, it } from 'vitest';
import { uniqueName } from '../target.ts';
import { scopeOf, topic, topicAttributes, topicNotFound } from './fixtures.ts';
import { missing, ok, refused } from './queryCall.ts';

describe('RemovePermission', () => {
  it('takes the statements of a label, and no others [model: RemovePermission]', async () => {
    const TopicArn = await topic();
    for (const Label of ['one', 'two']) {
      await ok('AddPermission', { TopicArn, Label, AWSAccountId: ['111122223333'], ActionName: ['Publish'] });
    }
    expect(await ok('RemovePermission', { TopicArn, Label: 'one' })).toEqual({});
    const { Policy = '' } = await topicAttributes(TopicArn);
    const sids = JSON.parse(Policy).Statement.map(({ Sid }: { Sid: string }) => Sid);
    expect(sids).toEqual(['__default_statement_ID', 'two']);
  });

  it('does not know a topic that never was [model: RemovePermission]', async () => {
    const TopicArn = `${scopeOf(await topic())}:${uniqueName('never')}`;
    await refused('RemovePermission', { TopicArn, Label: 'label' }, topicNotFound);
  });

  it('demands a label [model: RemovePermissionInput.Label]', async () => {
    await refused('RemovePermission', { TopicArn: await topic() }, missing('label'));
  });
});
