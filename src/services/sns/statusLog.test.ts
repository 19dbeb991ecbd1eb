import { describe, expect, it } from 'vitest';
import type { Delivery } from './delivery.ts';
import { entriesMax, StatusLog, type StatusNote, topicsMax } from './statusLog.ts';

const topicArn = 'arn:aws:sns:eu-west-1:111122223333:orders';
const delivery: Delivery = {
  ...{ kind: 'notification', topicArn, subscriptionArn: `${topicArn}:one`, protocol: 'http', raw: false },
  ...{
    endpoint: 'http://receiver/',
    messageId: 'id',
    publishedAt: 1_700_000_000_000,
    message: 'hello',
    attributes: {},
  },
};
const note = (more: Partial<StatusNote> = {}): StatusNote => ({
  ...{ delivery, deliveryId: 'delivery-id', attempts: 2, attemptedAt: 1_700_000_000_250, status: 'SUCCESS' },
  ...more,
});

describe('the status log', () => {
  it("has an entry in the form of AWS's", () => {
    const log = new StatusLog();
    log.note(topicArn, note({ statusCode: 200, providerResponse: 'thanks' }));
    expect(log.list(topicArn, 10)).toEqual([
      {
        notification: {
          messageId: 'id',
          messageMD5Sum: '5d41402abc4b2a76b9719d911017c592',
          topicArn,
          timestamp: '2023-11-14T22:13:20.000Z',
        },
        delivery: {
          ...{ deliveryId: 'delivery-id', destination: 'http://receiver/', protocol: 'http' },
          ...{ subscriptionArn: `${topicArn}:one`, attempts: 2, dwellTimeMs: 250 },
          ...{ statusCode: 200, providerResponse: 'thanks' },
        },
        status: 'SUCCESS',
      },
    ]);
  });

  it('gives the newest first, by status if asked, and keeps so many', () => {
    const log = new StatusLog();
    for (let attempts = 1; attempts <= entriesMax + 5; attempts += 1) {
      log.note(topicArn, note({ attempts, status: attempts % 2 === 0 ? 'SUCCESS' : 'FAILURE' }));
    }
    expect(log.list(topicArn, 3).map((entry) => entry.delivery.attempts)).toEqual([105, 104, 103]);
    expect(log.list(topicArn, 2, 'SUCCESS').map((entry) => entry.delivery.attempts)).toEqual([104, 102]);
    expect(log.list(topicArn, 1_000)).toHaveLength(entriesMax);
    expect(log.list('arn:aws:sns:eu-west-1:111122223333:other', 1)).toEqual([]);
  });

  it('forgets the topic that was written to longest ago', () => {
    const log = new StatusLog();
    for (let index = 0; index < topicsMax; index += 1) log.note(`topic ${index}`, note());
    log.note('topic 0', note());
    log.note('one more', note());
    expect(log.list('topic 0', 10)).toHaveLength(2);
    expect(log.list('topic 1', 10)).toEqual([]);
    expect(log.list('topic 2', 10)).toHaveLength(1);
  });

  it.each([
    [0, 0, false],
    [0, 1, true],
    [0.5, 50, false],
    [0.49, 50, true],
    [0.999, 100, true],
  ])('with chance %d and %i %% samples: %s', (chance, percentage, isSampled) => {
    expect(new StatusLog(() => chance).isSampled(percentage)).toBe(isSampled);
  });
});
