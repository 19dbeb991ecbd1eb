import { CreateTopicCommand } from '@aws-sdk/client-sns';
import { describe, expect, it } from 'vitest';
import { describeOurs, uniqueName } from '../target.ts';
import { fifoTopic, sdk, setTopic, topic, topicAttributes } from './fixtures.ts';
import { invalidParameter, missing, ok, refused } from './queryCall.ts';

describe('CreateTopic', () => {
  it('gives the ARN [model: CreateTopic]', async () => {
    const name = uniqueName('topic');
    expect(await topic({}, name)).toMatch(new RegExp(`^arn:aws:sns:[a-z0-9-]+:\\d{12}:${name}$`));
  });

  it('gives the same ARN again [model: CreateTopic]', async () => {
    const name = uniqueName('topic');
    expect(await topic({}, name)).toBe(await topic({}, name));
  });

  it('keeps what was set since, when it is created again without attributes [aws: create topic should be idempotent]', async () => {
    const name = uniqueName('topic');
    const arn = await topic({}, name);
    await setTopic(arn, 'DisplayName', 'AlreadySet');
    await topic({}, name);
    expect(await topicAttributes(arn)).toMatchObject({ DisplayName: 'AlreadySet' });
  });

  it('takes the same attributes again [model: CreateTopic]', async () => {
    const name = uniqueName('topic');
    const attributes = { DisplayName: 'One', SignatureVersion: '2' };
    expect(await topic(attributes, name)).toBe(await topic({ DisplayName: 'One' }, name));
  });

  it.each([
    ['another value', { DisplayName: 'Other' }],
    ['an attribute that it has not', { DisplayName: 'One', KmsMasterKeyId: 'alias/aws/sns' }],
  ])('refuses %s [aws: create topic already exists with different attributes]', async (_, Attributes) => {
    const Name = uniqueName('topic');
    await topic({ DisplayName: 'One' }, Name);
    const refusal = invalidParameter('Attributes Reason: Topic already exists with different attributes');
    await refused('CreateTopic', { Name, Attributes }, refusal);
  });

  it.each([1, 256])('takes a name of %d characters [aws: create topic name constraints]', async (length) => {
    const name = uniqueName('topic').padEnd(length, 'x').slice(-length);
    expect(await topic({}, name)).toContain(name);
  });

  it.each(['', 'x'.repeat(257), 'a:b', 'a;b', 'a!b', 'a@b', 'a|b', 'a^b', 'a%b', 'a b', 'a.b', 'é', 'a/b'])(
    'refuses the name "%s" [aws: create topic name constraints]',
    async (Name) => {
      await refused('CreateTopic', { Name }, invalidParameter('Topic Name'));
    },
  );

  it('demands a name [model: CreateTopicInput.Name]', async () => {
    await refused('CreateTopic', {}, missing('name'));
  });

  it.each([
    ['a FIFO topic whose name does not say so', uniqueName('topic'), { FifoTopic: 'true' }],
    ['a standard topic with the suffix', `${uniqueName('topic')}.fifo`, {}],
    ['nothing before the suffix', '.fifo', { FifoTopic: 'true' }],
  ])('refuses %s [model: CreateTopicInput.Name]', async (_, Name, Attributes) => {
    await refused('CreateTopic', { Name, Attributes }, invalidParameter('Topic Name'));
  });

  it('forgets a FifoTopic that is false [aws: topic get attributes with fifo false]', async () => {
    expect(await topicAttributes(await topic({ FifoTopic: 'false' }))).not.toHaveProperty('FifoTopic');
  });

  it('makes FIFO topics [model: CreateTopicInput.Attributes]', async () => {
    expect(await topicAttributes(await fifoTopic())).toMatchObject({
      FifoTopic: 'true',
      ContentBasedDeduplication: 'false',
    });
  });

  it.each([
    ['an attribute that there is not', { Nothing: 'x' }, 'AttributeName'],
    [
      'a sample rate above 100',
      { SQSSuccessFeedbackSampleRate: '500' },
      'SQSSuccessFeedbackSampleRate: 500 value provided is not an integer between 0-100',
    ],
    [
      'a delivery policy with too many retries',
      {
        DeliveryPolicy:
          '{"http":{"defaultHealthyRetryPolicy":{"minDelayTarget":1,"maxDelayTarget":2,"numRetries":300}}}',
      },
      'DeliveryPolicy: http.defaultHealthyRetryPolicy.numRetries must be less than or equal to 100',
    ],
    [
      'a policy about actions of nobody',
      { Policy: '{"Statement":[{"Effect":"Allow","Principal":"*","Action":"SNS:Publishx","Resource":"x"}]}' },
      'Policy statement action out of service scope!',
    ],
  ])('refuses %s [aws: create topic with invalid attributes]', async (_, Attributes, reason) => {
    const refusal = invalidParameter(`Attributes Reason: ${reason}`);
    await refused('CreateTopic', { Name: uniqueName('topic'), Attributes }, refusal);
  });

  it.each(['ContentBasedDeduplication', 'FifoThroughputScope', 'ArchivePolicy'])(
    'refuses %s on a standard topic [model: CreateTopicInput.Attributes]',
    async (name) => {
      const input = { Name: uniqueName('topic'), Attributes: { [name]: 'true' } };
      await refused('CreateTopic', input, invalidParameter('Attributes Reason: AttributeName'));
    },
  );
});

describe('CreateTopic with tags', () => {
  const Tags = [
    { Key: 'k1', Value: 'v1' },
    { Key: 'k2', Value: 'v2' },
  ];

  it('keeps them [model: CreateTopicInput.Tags]', async () => {
    const { TopicArn } = await ok('CreateTopic', { Name: uniqueName('topic'), Tags });
    expect(await ok('ListTagsForResource', { ResourceArn: TopicArn as string })).toEqual({ Tags });
  });

  it.each([
    ['the same', Tags],
    ['some of them', Tags.slice(0, 1)],
    ['none', []],
  ])('takes %s again [aws: create duplicate topic check idempotency]', async (_, again) => {
    const Name = uniqueName('topic');
    const first = await ok('CreateTopic', { Name, Tags });
    expect(await ok('CreateTopic', { Name, Tags: again })).toEqual(first);
  });

  it.each([
    ['more tags', [...Tags, { Key: 'k3', Value: 'v3' }]],
    ['another value', [{ Key: 'k1', Value: 'other' }]],
  ])('refuses %s [aws: create duplicate topic with more tags]', async (_, again) => {
    const Name = uniqueName('topic');
    await ok('CreateTopic', { Name, Tags });
    const refusal = invalidParameter('Tags Reason: Topic already exists with different tags');
    await refused('CreateTopic', { Name, Tags: again }, refusal);
  });

  it('takes other tags once the topic was deleted [aws: create topic after delete with new tags]', async () => {
    const Name = uniqueName('topic');
    const { TopicArn } = await ok('CreateTopic', { Name, Tags });
    await ok('DeleteTopic', { TopicArn: TopicArn as string });
    await ok('CreateTopic', { Name, Tags: [{ Key: 'new', Value: 'tag' }] });
    expect(await ok('ListTagsForResource', { ResourceArn: TopicArn as string })).toEqual({
      Tags: [{ Key: 'new', Value: 'tag' }],
    });
  });
});

describe('CreateTopic with the SDK', () => {
  it('makes a topic [model: CreateTopic]', async () => {
    const Name = uniqueName('topic');
    const { TopicArn } = await sdk().send(new CreateTopicCommand({ Name, Attributes: { DisplayName: 'x' } }));
    expect(TopicArn).toBe(await topic({}, Name));
  });
});

describeOurs('CreateTopic elsewhere', () => {
  it('is another topic in another account and region [facts: Limits]', async () => {
    const name = uniqueName('topic');
    const arns = [
      await topic({}, name),
      await topic({}, name, { region: 'ap-south-1' }),
      await topic({}, name, { accessKeyId: '222233334444' }),
    ];
    expect(new Set(arns).size).toBe(3);
  });
});
