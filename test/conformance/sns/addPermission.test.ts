import { describe, expect, it } from 'vitest';
import { uniqueName } from '../target.ts';
import { scopeOf, topic, topicAttributes, topicNotFound } from './fixtures.ts';
import { invalidParameter, missing, ok, refused } from './queryCall.ts';

describe('AddPermission', () => {
  const policy = async (TopicArn: string) => JSON.parse((await topicAttributes(TopicArn)).Policy ?? '');
  const one = { Label: 'label', AWSAccountId: ['111122223333'], ActionName: ['Publish'] };

  it('write a statement, and take it out [model: AddPermission, RemovePermission]', async () => {
    const TopicArn = await topic();
    const before = await policy(TopicArn);
    expect(await ok('AddPermission', { TopicArn, ...one })).toEqual({});
    expect((await policy(TopicArn)).Statement).toEqual([
      ...before.Statement,
      {
        Sid: 'label',
        Effect: 'Allow',
        Principal: { AWS: 'arn:aws:iam::111122223333:root' },
        Action: 'SNS:Publish',
        Resource: TopicArn,
      },
    ]);
    expect(await ok('RemovePermission', { TopicArn, Label: 'label' })).toEqual({});
    expect(await policy(TopicArn)).toEqual(before);
  });

  it('take several accounts and actions [model: AddPermission]', async () => {
    const TopicArn = await topic();
    const accounts = ['111122223333', '444455556666'];
    await ok('AddPermission', { TopicArn, Label: 'l', AWSAccountId: accounts, ActionName: ['Publish', 'Subscribe'] });
    expect((await policy(TopicArn)).Statement.at(-1)).toMatchObject({
      Principal: { AWS: accounts.map((id) => `arn:aws:iam::${id}:root`) },
      Action: ['SNS:Publish', 'SNS:Subscribe'],
    });
  });

  it('know a label once [aws: statement already exists]', async () => {
    const TopicArn = await topic();
    await ok('AddPermission', { TopicArn, ...one });
    await refused('AddPermission', { TopicArn, ...one }, invalidParameter('Statement already exists'));
  });

  it('know actions of SNS only [aws: policy statement action out of service scope]', async () => {
    const input = { TopicArn: await topic(), ...one, ActionName: ['NotValid'] };
    await refused('AddPermission', input, invalidParameter('Policy statement action out of service scope!'));
  });

  it.each(['AWSAccountId', 'ActionName', 'Label'])('demand %s [model: AddPermissionInput]', async (name) => {
    const { [name as keyof typeof one]: _, ...others } = one;
    const at = name === 'AWSAccountId' ? 'aWSAccountId' : `${name.charAt(0).toLowerCase()}${name.slice(1)}`;
    await refused('AddPermission', { TopicArn: await topic(), ...others }, missing(at));
  });

  it('does not know a topic that never was [model: AddPermission]', async () => {
    const TopicArn = `${scopeOf(await topic())}:${uniqueName('never')}`;
    await refused('AddPermission', { TopicArn, ...one }, topicNotFound);
  });
});
