import { ListQueuesCommand, paginateListQueues } from '@aws-sdk/client-sqs';
import { beforeAll, describe, expect, it } from 'vitest';
import * as errors from '../errors.ts';
import { json, protocols, sdk, uniqueName } from '../target.ts';

const prefix = uniqueName('list');
const names = ['a', 'b', 'c', 'd', 'e'].map((letter) => `${prefix}-${letter}`);
const urls: string[] = [];

// Registered after the target's own, so the server is there.
beforeAll(async () => {
  for (const name of names) urls.push(await json.queue({}, name));
});

describe.each(protocols)('ListQueues over $name', (api) => {
  it('lists what begins with a prefix, in order [model: ListQueues.QueueNamePrefix]', async () => {
    expect(await api.ok('ListQueues', { QueueNamePrefix: prefix })).toEqual({ QueueUrls: urls });
  });

  it('lists everything without one [model: ListQueues]', async () => {
    const { QueueUrls } = await api.ok('ListQueues', {});
    expect(QueueUrls).toEqual(expect.arrayContaining(urls));
  });

  it('tells letters apart by their case [model: ListQueues.QueueNamePrefix]', async () => {
    expect(await api.ok('ListQueues', { QueueNamePrefix: prefix.toUpperCase() })).toEqual({});
  });

  it('answers nothing at all when nothing is found [model: ListQueues]', async () => {
    expect(await api.ok('ListQueues', { QueueNamePrefix: 'no-such-queue-here' })).toEqual({});
  });

  it('takes the whole name as a prefix [model: ListQueues.QueueNamePrefix]', async () => {
    expect((await api.ok('ListQueues', { QueueNamePrefix: names[2] })).QueueUrls).toEqual([urls[2]]);
  });

  it('pages, with a token until the last page [model: ListQueues.NextToken]', async () => {
    const pages: (readonly string[])[] = [];
    let NextToken: string | undefined;
    do {
      const page = await api.ok('ListQueues', { QueueNamePrefix: prefix, MaxResults: 2, NextToken });
      pages.push(page.QueueUrls ?? []);
      NextToken = page.NextToken;
    } while (NextToken !== undefined && pages.length < 10);
    expect(pages.map((page) => page.length)).toEqual([2, 2, 1]);
    expect(pages.flat()).toEqual(urls);
  });

  it('gives no token when the page is exactly the rest [model: ListQueues.NextToken]', async () => {
    const page = await api.ok('ListQueues', { QueueNamePrefix: prefix, MaxResults: 5 });
    expect(page.QueueUrls).toHaveLength(5);
    expect(page.NextToken).toBeUndefined();
  });

  it('gives no token to those who set no MaxResults [model: ListQueues.MaxResults]', async () => {
    expect((await api.ok('ListQueues', { QueueNamePrefix: prefix })).NextToken).toBeUndefined();
  });

  it.each([0, -1, 1001])('refuses pages of %d [aws: max results]', async (MaxResults) => {
    const text = 'Value for parameter MaxResults is invalid. Reason: MaxResults must be an integer between 1 and 1000.';
    await api.refused('ListQueues', { MaxResults }, errors.invalidParameter(text));
  });

  it.each([1, 1000])('takes pages of %d [model: ListQueues.MaxResults]', async (MaxResults) => {
    await api.ok('ListQueues', { QueueNamePrefix: prefix, MaxResults });
  });

  it('refuses a token that was made up [aws: next token]', async () => {
    const refusal = errors.invalidParameter('Invalid or expired next token.');
    await api.refused('ListQueues', { MaxResults: 2, NextToken: 'invalidtoken' }, refusal);
  });
});

describe('ListQueues with the SDK', () => {
  it('lists, and has no member when nothing is found [model: ListQueues]', async () => {
    expect((await sdk().send(new ListQueuesCommand({ QueueNamePrefix: prefix }))).QueueUrls).toEqual(urls);
    const nothing = new ListQueuesCommand({ QueueNamePrefix: 'no-such-queue-here' });
    expect((await sdk().send(nothing)).QueueUrls).toBeUndefined();
  });

  it('pages by its paginator [model: ListQueues.NextToken]', async () => {
    const found: string[] = [];
    const pages = paginateListQueues({ client: sdk(), pageSize: 3 }, { QueueNamePrefix: prefix });
    for await (const { QueueUrls = [] } of pages) found.push(...QueueUrls);
    expect(found).toEqual(urls);
  });
});
