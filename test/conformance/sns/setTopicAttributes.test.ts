import { GetTopicAttributesCommand, SetTopicAttributesCommand } from '@aws-sdk/client-sns';
import { describe, expect, it } from 'vitest';
import { uniqueName } from '../target.ts';
import { fifoTopic, scopeOf, sdk, setTopic, topic, topicAttributes, topicNotFound } from './fixtures.ts';
import { invalidParameter, ok, refused } from './queryCall.ts';

const defaultRetries = {
  minDelayTarget: 20,
  maxDelayTarget: 20,
  numRetries: 3,
  numMaxDelayRetries: 0,
  numNoDelayRetries: 0,
  numMinDelayRetries: 0,
  backoffFunction: 'linear',
};

const defaultEffective = {
  http: {
    defaultHealthyRetryPolicy: defaultRetries,
    disableSubscriptionOverrides: false,
    defaultRequestPolicy: { headerContentType: 'text/plain; charset=UTF-8' },
  },
};

describe('SetTopicAttributes', () => {
  it.each([
    ['DisplayName', 'A name'],
    ['KmsMasterKeyId', 'alias/aws/sns'],
    ['SignatureVersion', '1'],
    ['SignatureVersion', '2'],
    ['TracingConfig', 'Active'],
    ['TracingConfig', 'PassThrough'],
    ['MaximumMessageSize', '1024'],
    ['MaximumMessageSize', '1048576'],
    ['HTTPSuccessFeedbackRoleArn', 'arn:aws:iam::111122223333:role/feedback'],
    ['HTTPSuccessFeedbackSampleRate', '0'],
    ['HTTPFailureFeedbackRoleArn', 'arn:aws:iam::111122223333:role/feedback'],
    ['SQSSuccessFeedbackSampleRate', '100'],
    ['LambdaFailureFeedbackRoleArn', 'arn:aws:iam::111122223333:role/feedback'],
    ['FirehoseSuccessFeedbackSampleRate', '50'],
    ['ApplicationSuccessFeedbackRoleArn', 'arn:aws:iam::111122223333:role/feedback'],
  ])('sets %s to %s [model: SetTopicAttributesInput.AttributeName]', async (name, value) => {
    const TopicArn = await topic();
    expect(await setTopic(TopicArn, name, value)).toEqual({});
    expect(await topicAttributes(TopicArn)).toMatchObject({ [name]: value });
  });

  it.each([
    ['ContentBasedDeduplication', 'true'],
    ['FifoThroughputScope', 'MessageGroup'],
    ['FifoThroughputScope', 'Topic'],
    ['ArchivePolicy', '{"MessageRetentionPeriod":"30"}'],
  ])('sets %s of a FIFO topic to %s [model: SetTopicAttributesInput.AttributeName]', async (name, value) => {
    const TopicArn = await fifoTopic();
    await setTopic(TopicArn, name, value);
    expect(await topicAttributes(TopicArn)).toMatchObject({ [name]: value });
    await setTopic(TopicArn, 'ArchivePolicy', '{}');
  });

  it.each(['KmsMasterKeyId', 'DeliveryPolicy', 'HTTPSuccessFeedbackSampleRate', 'HTTPFailureFeedbackRoleArn'])(
    'takes %s away again by an empty value [aws: topic delivery policy crud]',
    async (name) => {
      const TopicArn = await topic();
      const before = await topicAttributes(TopicArn);
      const policy = '{"http":{"defaultHealthyRetryPolicy":{"minDelayTarget":1,"maxDelayTarget":2,"numRetries":3}}}';
      const role = 'arn:aws:iam::111122223333:role/feedback';
      const value = name === 'DeliveryPolicy' ? policy : name.endsWith('Arn') ? role : '5';
      await setTopic(TopicArn, name, value);
      expect(await topicAttributes(TopicArn)).toHaveProperty(name);
      await setTopic(TopicArn, name, '');
      expect(await topicAttributes(TopicArn)).toEqual(before);
    },
  );

  it('answers a delivery policy, and the effective one [aws: topic delivery policy crud]', async () => {
    const TopicArn = await topic();
    const given = { http: { defaultHealthyRetryPolicy: { minDelayTarget: 5, maxDelayTarget: 6, numRetries: 1 } } };
    await setTopic(TopicArn, 'DeliveryPolicy', JSON.stringify(given));
    const { DeliveryPolicy = '', EffectiveDeliveryPolicy = '' } = await topicAttributes(TopicArn);
    expect(JSON.parse(DeliveryPolicy)).toEqual({ http: { ...given.http, disableSubscriptionOverrides: false } });
    expect(JSON.parse(EffectiveDeliveryPolicy)).toEqual({
      http: {
        ...defaultEffective.http,
        defaultHealthyRetryPolicy: { ...defaultRetries, ...given.http.defaultHealthyRetryPolicy },
      },
    });
  });

  it('keeps a policy as it was written [model: SetTopicAttributesInput.AttributeName]', async () => {
    const TopicArn = await topic();
    const statement = { Sid: 'a', Effect: 'Allow', Principal: { AWS: '*' }, Action: 'sns:Publish', Resource: TopicArn };
    const policy = JSON.stringify({ Version: '2012-10-17', Statement: [statement] });
    await setTopic(TopicArn, 'Policy', policy);
    expect((await topicAttributes(TopicArn)).Policy).toBe(policy);
  });

  it.each([
    ['Policy', 'not json', 'Policy Error: null'],
    ['Policy', '', 'Policy Error: null'],
    [
      'Policy',
      '{"Statement":[{"Effect":"Allow","Principal":"*","Action":"SNS:*","Resource":"*"}]}',
      'Policy statement action out of service scope!',
    ],
    [
      'Policy',
      '{"Statement":[{"Effect":"Allow","Principal":"*","Action":"SNS:Publish","Resource":["a","b"]}]}',
      'Policy statement must apply to a single resource!',
    ],
    [
      'DeliveryPolicy',
      '{"http":{"defaultHealthyRetryPolicy":{"minDelayTarget":1,"maxDelayTarget":2,"numRetries":300}}}',
      'DeliveryPolicy: http.defaultHealthyRetryPolicy.numRetries must be less than or equal to 100',
    ],
    ['FifoTopic', 'false', 'AttributeName'],
    ['Owner', '111122223333', 'AttributeName'],
    ['Nothing', 'x', 'AttributeName'],
    ['ContentBasedDeduplication', 'true', 'AttributeName'],
    ['ArchivePolicy', '{"MessageRetentionPeriod":"30"}', 'AttributeName'],
    [
      'SQSSuccessFeedbackSampleRate',
      '500',
      'SQSSuccessFeedbackSampleRate: 500 value provided is not an integer between 0-100',
    ],
  ])('refuses %s of %s [aws: set topic attributes]', async (name, value, reason) => {
    const TopicArn = await topic();
    const input = { TopicArn, AttributeName: name, AttributeValue: value };
    await refused('SetTopicAttributes', input, invalidParameter(reason));
  });

  it.each([
    ['SignatureVersion', '3'],
    ['TracingConfig', 'Passive'],
    ['MaximumMessageSize', '1023'],
    ['MaximumMessageSize', '1048577'],
    ['DisplayName', 'x'.repeat(101)],
    ['HTTPFailureFeedbackRoleArn', 'me'],
  ])('refuses %s of %s, whatever the words [facts: Limits]', async (AttributeName, AttributeValue) => {
    const TopicArn = await topic();
    await expect(setTopic(TopicArn, AttributeName, AttributeValue)).rejects.toThrow();
    expect(await topicAttributes(TopicArn)).not.toMatchObject({ [AttributeName]: AttributeValue });
  });

  it.each([
    ['not json', 'ArchivePolicy: Unable to parse JSON'],
    ['{"Days":1}', 'ArchivePolicy: JSON is missing required fields'],
    ['{"MessageRetentionPeriod":"0"}', 'ArchivePolicy: MessageRetentionPeriod value is invalid'],
    ['{"MessageRetentionPeriod":"366"}', 'ArchivePolicy: MessageRetentionPeriod value is invalid'],
    ['{"MessageRetentionPeriod":"x"}', 'ArchivePolicy: MessageRetentionPeriod value is invalid'],
  ])('refuses an ArchivePolicy of %s [facts: Semantics often wrong]', async (AttributeValue, reason) => {
    const TopicArn = await fifoTopic();
    const input = { TopicArn, AttributeName: 'ArchivePolicy', AttributeValue };
    await refused('SetTopicAttributes', input, invalidParameter(reason));
  });

  it('refuses large messages where a subscriber can not take them [facts: Limits]', async () => {
    const TopicArn = await topic();
    await ok('Subscribe', { TopicArn, Protocol: 'http', Endpoint: 'http://example.com/' });
    await expect(setTopic(TopicArn, 'MaximumMessageSize', '262145')).rejects.toThrow();
    await setTopic(TopicArn, 'MaximumMessageSize', '262144');
  });

  it('does not know a topic that never was [aws: get attrs nonexistent topic]', async () => {
    const TopicArn = `${scopeOf(await topic())}:${uniqueName('never')}`;
    const input = { TopicArn, AttributeName: 'DisplayName', AttributeValue: 'x' };
    await refused('SetTopicAttributes', input, topicNotFound);
  });

  it('works with the SDK [model: SetTopicAttributes]', async () => {
    const TopicArn = await topic();
    const input = { TopicArn, AttributeName: 'DisplayName', AttributeValue: 'žluť <&>' };
    await sdk().send(new SetTopicAttributesCommand(input));
    const { Attributes } = await sdk().send(new GetTopicAttributesCommand({ TopicArn }));
    expect(Attributes).toMatchObject({ DisplayName: 'žluť <&>', TopicArn });
  });
});
