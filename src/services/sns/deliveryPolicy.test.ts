import { describe, expect, test } from 'vitest';
import { contentTypeOf, effectivePolicy, effectiveTopicPolicy } from './deliveryPolicy.ts';
import { checkSubscriptionDeliveryPolicy, checkTopicDeliveryPolicy } from './deliveryPolicyRules.ts';

const delays = '"minDelayTarget":5,"maxDelayTarget":6,"numRetries":1';
const retryDefaults =
  '{"minDelayTarget":20,"maxDelayTarget":20,"numRetries":3,"numMaxDelayRetries":0,"numNoDelayRetries":0,' +
  '"numMinDelayRetries":0,"backoffFunction":"linear"}';
const plainText = '{"headerContentType":"text/plain; charset=UTF-8"}';

function retrying(more: string): string {
  return `{"healthyRetryPolicy":{${delays}${more}}}`;
}

function refusal(check: (text: string) => string, text: string): string {
  try {
    check(text);
  } catch (error) {
    expect(error).toMatchObject({ queryCode: 'InvalidParameter' });
    return (error as Error).message;
  }
  throw new Error(`${text} was accepted`);
}

/** What AWS answers after a policy was set; recorded there. */
describe('the stored form', () => {
  test.each([
    [
      `{"http":{"defaultHealthyRetryPolicy":{${delays}}}}`,
      `{"http":{"defaultHealthyRetryPolicy":{${delays}},"disableSubscriptionOverrides":false}}`,
    ],
    [
      '{"http":{"defaultHealthyRetryPolicy":{"minDelayTarget":5,"maxDelayTarget":30,"numRetries":10,' +
        '"numNoDelayRetries":1,"numMinDelayRetries":2,"numMaxDelayRetries":3,"backoffFunction":"exponential"},' +
        '"disableSubscriptionOverrides":false,"defaultThrottlePolicy":{"maxReceivesPerSecond":5},' +
        '"defaultRequestPolicy":{"headerContentType":"application/json"}}}',
      '{"http":{"defaultHealthyRetryPolicy":{"minDelayTarget":5,"maxDelayTarget":30,"numRetries":10,' +
        '"numMaxDelayRetries":3,"numNoDelayRetries":1,"numMinDelayRetries":2,"backoffFunction":"exponential"},' +
        '"disableSubscriptionOverrides":false,"defaultThrottlePolicy":{"maxReceivesPerSecond":5},' +
        '"defaultRequestPolicy":{"headerContentType":"application/json"}}}',
    ],
    ['{"http":{}}', '{"http":{"disableSubscriptionOverrides":false}}'],
    ['{}', ''],
    ['', ''],
  ])('of a topic: %s', (text, stored) => {
    expect(checkTopicDeliveryPolicy(text)).toBe(stored);
  });

  test.each([
    [
      '{"healthyRetryPolicy":{"minDelayTarget":2,"maxDelayTarget":4,"numRetries":2,"numNoDelayRetries":0,' +
        '"numMinDelayRetries":0,"numMaxDelayRetries":0,"backoffFunction":"linear"},' +
        '"throttlePolicy":{"maxReceivesPerSecond":1},"requestPolicy":{"headerContentType":"text/plain"}}',
      '{"healthyRetryPolicy":{"minDelayTarget":2,"maxDelayTarget":4,"numRetries":2,"numMaxDelayRetries":0,' +
        '"numNoDelayRetries":0,"numMinDelayRetries":0,"backoffFunction":"linear"},"sicklyRetryPolicy":null,' +
        '"throttlePolicy":{"maxReceivesPerSecond":1},"requestPolicy":{"headerContentType":"text/plain"},' +
        '"guaranteed":false}',
    ],
    [
      '{"requestPolicy":{"headerContentType":"text/csv"}}',
      '{"healthyRetryPolicy":null,"sicklyRetryPolicy":null,"throttlePolicy":null,' +
        '"requestPolicy":{"headerContentType":"text/csv"},"guaranteed":false}',
    ],
    ['', ''],
  ])('of a subscription: %s', (text, stored) => {
    expect(checkSubscriptionDeliveryPolicy(text)).toBe(stored);
  });

  test('it is accepted again, and stays as it is', () => {
    const topic = checkTopicDeliveryPolicy(`{"http":{"defaultHealthyRetryPolicy":{${delays}}}}`);
    const subscription = checkSubscriptionDeliveryPolicy(retrying(',"numMinDelayRetries":1'));
    expect(checkTopicDeliveryPolicy(topic)).toBe(topic);
    expect(checkSubscriptionDeliveryPolicy(subscription)).toBe(subscription);
  });

  /** The CDK writes it in upper case. */
  test('the case of the back-off function does not matter', () => {
    expect(checkSubscriptionDeliveryPolicy(retrying(',"backoffFunction":"EXPONENTIAL"'))).toContain('"exponential"');
  });
});

describe('what is in effect', () => {
  const raw = '{"requestPolicy":{"headerContentType":"text/csv"}}';
  const topic =
    '{"http":{"defaultHealthyRetryPolicy":{"minDelayTarget":7,"maxDelayTarget":8,"numRetries":9},' +
    '"defaultThrottlePolicy":{"maxReceivesPerSecond":4},"defaultRequestPolicy":{"headerContentType":"application/json"}}}';

  /** Recorded at AWS. */
  test('of a topic without a policy', () => {
    const expected =
      `{"http":{"defaultHealthyRetryPolicy":${retryDefaults},"disableSubscriptionOverrides":false,` +
      `"defaultRequestPolicy":${plainText}}}`;
    expect([effectiveTopicPolicy(undefined), effectiveTopicPolicy('')]).toEqual([expected, expected]);
  });

  test('of a topic with one', () => {
    expect(effectiveTopicPolicy(checkTopicDeliveryPolicy(topic))).toBe(
      '{"http":{"defaultHealthyRetryPolicy":{"minDelayTarget":7,"maxDelayTarget":8,"numRetries":9,' +
        '"numMaxDelayRetries":0,"numNoDelayRetries":0,"numMinDelayRetries":0,"backoffFunction":"linear"},' +
        '"disableSubscriptionOverrides":false,"defaultThrottlePolicy":{"maxReceivesPerSecond":4},' +
        '"defaultRequestPolicy":{"headerContentType":"application/json"}}}',
    );
  });

  /** Recorded at AWS. */
  test('of a subscription where nothing is set', () => {
    expect(JSON.stringify(effectivePolicy(undefined, undefined))).toBe(
      `{"healthyRetryPolicy":${retryDefaults},"sicklyRetryPolicy":null,"throttlePolicy":null,` +
        `"requestPolicy":${plainText},"guaranteed":false}`,
    );
  });

  test('each part of the subscription takes the place of that of the topic', () => {
    const own = checkSubscriptionDeliveryPolicy(retrying(''));
    expect(effectivePolicy(checkTopicDeliveryPolicy(topic), own)).toMatchObject({
      healthyRetryPolicy: { minDelayTarget: 5, numRetries: 1 },
      throttlePolicy: { maxReceivesPerSecond: 4 },
      requestPolicy: { headerContentType: 'application/json' },
    });
    expect(effectivePolicy(checkTopicDeliveryPolicy(topic), checkSubscriptionDeliveryPolicy(raw))).toMatchObject({
      healthyRetryPolicy: { minDelayTarget: 7, numRetries: 9 },
      requestPolicy: { headerContentType: 'text/csv' },
    });
  });

  test('a topic can overrule its subscriptions', () => {
    const strict = checkTopicDeliveryPolicy('{"http":{"disableSubscriptionOverrides":true}}');
    expect(effectivePolicy(strict, checkSubscriptionDeliveryPolicy(raw))).toEqual(effectivePolicy('', ''));
  });

  test('a type for raw messages does not apply to an envelope', () => {
    const csv = effectivePolicy('', checkSubscriptionDeliveryPolicy(raw));
    const json = effectivePolicy(checkTopicDeliveryPolicy(topic), '');
    expect([contentTypeOf(csv, true), contentTypeOf(csv, false)]).toEqual(['text/csv', 'text/plain; charset=UTF-8']);
    expect([contentTypeOf(json, true), contentTypeOf(json, false)]).toEqual(['application/json', 'application/json']);
  });
});

/** Texts recorded at AWS. */
describe('refusals with recorded texts', () => {
  test.each([
    ['{"healthyRetryPolicy":{}}', 'healthyRetryPolicy.minDelayTarget must be specified'],
    [
      '{"healthyRetryPolicy":{"minDelayTarget":0}}',
      'healthyRetryPolicy.minDelayTarget must be greater than or equal to 1',
    ],
    [
      '{"healthyRetryPolicy":{"minDelayTarget":9,"maxDelayTarget":1,"numRetries":101}}',
      'healthyRetryPolicy.numRetries must be less than or equal to 100',
    ],
    [
      '{"healthyRetryPolicy":{"minDelayTarget":9,"maxDelayTarget":1,"numRetries":1}}',
      'healthyRetryPolicy.maxDelayTarget must be greater than or equal to minDelayTarget',
    ],
    [
      retrying(',"numNoDelayRetries":1,"numMinDelayRetries":1'),
      'healthyRetryPolicy.numRetries must be greater than or equal to total of numMinDelayRetries, ' +
        'numNoDelayRetries and numMaxDelayRetries',
    ],
    ['{"throttlePolicy":{"maxReceivesPerSecond":0}}', 'throttlePolicy.maxReceivesPerSecond must be >= 1'],
  ])('%s', (text, reason) => {
    expect(refusal(checkSubscriptionDeliveryPolicy, text)).toBe(`Invalid parameter: DeliveryPolicy: ${reason}`);
  });

  test.each([
    ['{"throttlePolicy":{}}', 'Unexpected JSON member: throttlePolicy'],
    [
      '{"http":{"defaultHealthyRetryPolicy":{"minDelayTarget":"1"}}}',
      'http.defaultHealthyRetryPolicy.minDelayTarget type mismatch, expecting integer, received a string',
    ],
  ])('%s', (text, reason) => {
    expect(refusal(checkTopicDeliveryPolicy, text)).toBe(`Invalid parameter: DeliveryPolicy: ${reason}`);
    const withNewTopic = (policy: string) => checkTopicDeliveryPolicy(policy, 'Attributes Reason: DeliveryPolicy');
    expect(refusal(withNewTopic, text)).toBe(`Invalid parameter: Attributes Reason: DeliveryPolicy: ${reason}`);
  });
});

/** The code is recorded at AWS, or follows from the documented ranges; the texts are guesses. */
describe('other refusals', () => {
  test.each([
    'no JSON',
    '[]',
    '"text"',
    'null',
    retrying(',"backoffFunction":"quadratic"'),
    retrying(',"backoffFunction":1'),
    retrying(',"numNoDelayRetries":-1'),
    retrying(',"numNoDelayRetries":0.5'),
    retrying(',"toString":1'),
    '{"healthyRetryPolicy":{"minDelayTarget":1,"maxDelayTarget":3601,"numRetries":1}}',
    '{"healthyRetryPolicy":[]}',
    '{"requestPolicy":{"headerContentType":"text/bogus"}}',
    '{"requestPolicy":{"headerContentType":"text/plain\\r\\nx-header: 1"}}',
    '{"requestPolicy":{"headerContentType":"text/plain; é"}}',
    '{"guaranteed":"yes"}',
  ])('of a subscription: %s', (text) => {
    expect(refusal(checkSubscriptionDeliveryPolicy, text)).toContain('Invalid parameter: DeliveryPolicy: ');
  });

  test('an envelope of a topic cannot be anything but JSON', () => {
    const policy = '{"http":{"defaultRequestPolicy":{"headerContentType":"text/csv"}}}';
    expect(refusal(checkTopicDeliveryPolicy, policy)).toContain('text/csv');
  });
});
