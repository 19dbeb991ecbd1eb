import { describe, expect, it } from 'vitest';
import { uniqueName } from '../target.ts';
import { scopeOf, topic, topicNotFound } from './fixtures.ts';
import { invalidParameter, ok, refused } from './queryCall.ts';

describe('PutDataProtectionPolicy', () => {
  const statement = {
    Sid: 's',
    DataDirection: 'Inbound',
    Principal: ['*'],
    DataIdentifier: ['x'],
    Operation: { Deny: {} },
  };
  const policy = JSON.stringify({ Name: 'n', Version: '2021-06-01', Statement: [statement] });

  it('are kept, and nothing more [model: PutDataProtectionPolicy; facts: Semantics often wrong]', async () => {
    const ResourceArn = await topic();
    expect(await ok('GetDataProtectionPolicy', { ResourceArn })).toEqual({});
    expect(await ok('PutDataProtectionPolicy', { ResourceArn, DataProtectionPolicy: policy })).toEqual({});
    expect(await ok('GetDataProtectionPolicy', { ResourceArn })).toEqual({ DataProtectionPolicy: policy });
    await ok('PutDataProtectionPolicy', { ResourceArn, DataProtectionPolicy: '' });
    expect(await ok('GetDataProtectionPolicy', { ResourceArn })).toEqual({});
  });

  it('come with a new topic, too [model: CreateTopicInput.DataProtectionPolicy]', async () => {
    const { TopicArn } = await ok('CreateTopic', { Name: uniqueName('topic'), DataProtectionPolicy: policy });
    expect(await ok('GetDataProtectionPolicy', { ResourceArn: TopicArn as string })).toEqual({
      DataProtectionPolicy: policy,
    });
  });

  it('have a direction [aws: create topic with invalid data protection policy]', async () => {
    const refusal = invalidParameter(
      'DataProtectionPolicy Reason: Statement DataDirection must be either Inbound or Outbound',
    );
    const DataProtectionPolicy = policy.replace('Inbound', 'Inbxound');
    await refused('CreateTopic', { Name: uniqueName('topic'), DataProtectionPolicy }, refusal);
    await refused('PutDataProtectionPolicy', { ResourceArn: await topic(), DataProtectionPolicy }, refusal);
  });

  it('does not know a topic that never was [model: PutDataProtectionPolicy]', async () => {
    const ResourceArn = `${scopeOf(await topic())}:${uniqueName('never')}`;
    await refused('PutDataProtectionPolicy', { ResourceArn, DataProtectionPolicy: policy }, topicNotFound);
  });
});
