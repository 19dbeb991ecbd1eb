import { expect, it } from 'vitest';
import { describeOurs } from '../target.ts';
import { topic } from './fixtures.ts';
import { invalidParameter, ok, refused } from './queryCall.ts';

describeOurs('ListTopics', () => {
  const options = { accessKeyId: '555566667777' };

  it('gives pages of 100, in the order of the names [model: ListTopics]', async () => {
    const names = Array.from({ length: 101 }, (_, n) => `topic-${String(n).padStart(3, '0')}`);
    for (const name of names) await topic({}, name, options);
    const first = await ok('ListTopics', {}, options);
    expect(first.Topics).toHaveLength(100);
    const second = await ok('ListTopics', { NextToken: first.NextToken as string }, options);
    expect(second).toEqual({ Topics: [{ TopicArn: expect.stringContaining(':topic-100') }] });
  });

  it('gives nothing in another region [aws: create topic in multiple regions]', async () => {
    expect(await ok('ListTopics', {}, { ...options, region: 'sa-east-1' })).toEqual({ Topics: [] });
  });

  it('refuses a token of nobody [model: ListTopicsInput.NextToken]', async () => {
    await refused('ListTopics', { NextToken: 'no!token' }, invalidParameter('NextToken'), options);
  });
});
