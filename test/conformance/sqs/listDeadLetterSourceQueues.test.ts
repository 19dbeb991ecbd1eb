import { ListDeadLetterSourceQueuesCommand, paginateListDeadLetterSourceQueues } from '@aws-sdk/client-sqs';
import { beforeAll, describe, expect, it } from 'vitest';
import * as errors from '../errors.ts';
import { describeOurs, json, protocols, sdk, uniqueName } from '../target.ts';

const operation = 'ListDeadLetterSourceQueues';
const stem = uniqueName('sources');
const sources: string[] = [];
let target = '';

async function policyTo(QueueUrl: string): Promise<string> {
  return JSON.stringify({ deadLetterTargetArn: await json.attribute(QueueUrl, 'QueueArn'), maxReceiveCount: 3 });
}

// Registered after the target's own, so the server is there.
beforeAll(async () => {
  target = await json.queue();
  const RedrivePolicy = await policyTo(target);
  await json.queue({ RedrivePolicy: await policyTo(await json.queue()) });
  await json.queue();
  for (const letter of ['a', 'b', 'c', 'd', 'e'])
    sources.push(await json.queue({ RedrivePolicy }, `${stem}-${letter}`));
});

describe.each(protocols)('ListDeadLetterSourceQueues over $name', (api) => {
  it('lists the queues that send their dead letters here [aws: list sources]', async () => {
    const answer = await api.ok(operation, { QueueUrl: target });
    expect(answer).toEqual({ queueUrls: sources });
  });

  it('lists nothing of a queue that gets none [model: ListDeadLetterSourceQueuesResult.queueUrls]', async () => {
    const { queueUrls = [], NextToken } = await api.ok(operation, { QueueUrl: await api.queue() });
    expect({ queueUrls, NextToken }).toEqual({ queueUrls: [], NextToken: undefined });
  });

  it('pages, with a token until the last page [model: ListDeadLetterSourceQueues]', async () => {
    const pages: (readonly string[])[] = [];
    let NextToken: string | undefined;
    do {
      const page = await api.ok(operation, { QueueUrl: target, MaxResults: 2, NextToken });
      pages.push(page.queueUrls ?? []);
      NextToken = page.NextToken;
    } while (NextToken !== undefined && pages.length < 10);
    expect(pages.map((page) => page.length)).toEqual([2, 2, 1]);
    expect(pages.flat()).toEqual(sources);
  });

  it('gives no token when the page is exactly the rest [model: ListDeadLetterSourceQueuesResult.NextToken]', async () => {
    const page = await api.ok(operation, { QueueUrl: target, MaxResults: 5 });
    expect(page.queueUrls).toHaveLength(5);
    expect(page.NextToken).toBeUndefined();
  });

  it('gives no token to those who set no MaxResults [model: ListDeadLetterSourceQueuesResult.NextToken]', async () => {
    expect((await api.ok(operation, { QueueUrl: target })).NextToken).toBeUndefined();
  });

  it.each([0, -23, 1001])('refuses pages of %d [model: ListDeadLetterSourceQueues.MaxResults]', async (MaxResults) => {
    const text = 'Value for parameter MaxResults is invalid. Reason: MaxResults must be an integer between 1 and 1000.';
    await api.refused(operation, { QueueUrl: target, MaxResults }, errors.invalidParameter(text));
  });

  it.each([1, 1000])('takes pages of %d [model: ListDeadLetterSourceQueues.MaxResults]', async (MaxResults) => {
    await api.ok(operation, { QueueUrl: target, MaxResults });
  });

  it('refuses a token that was made up [aws: next token]', async () => {
    const refusal = errors.invalidParameter('Invalid or expired next token.');
    await api.refused(operation, { QueueUrl: target, MaxResults: 2, NextToken: 'invalidtoken' }, refusal);
  });

  it('does not know a queue that was never made [facts: error codes]', async () => {
    await api.refused(operation, { QueueUrl: uniqueName() }, errors.queueDoesNotExist);
  });

  it('demands a queue [model: ListDeadLetterSourceQueues.QueueUrl]', async () => {
    await api.refused(operation, {}, errors.missingParameter('QueueUrl'));
  });
});

// AWS may need a minute until a change holds.
describeOurs.each(protocols)('ListDeadLetterSourceQueues over $name, after a change', (api) => {
  it('knows it at once [model: SetQueueAttributes]', async () => {
    const [first, second] = [await api.queue(), await api.queue()];
    const source = await api.queue({ RedrivePolicy: await policyTo(first) });
    const listed = async (QueueUrl: string) => (await api.ok(operation, { QueueUrl })).queueUrls ?? [];
    expect(await listed(first)).toEqual([source]);
    const RedrivePolicy = await policyTo(second);
    await api.ok('SetQueueAttributes', { QueueUrl: source, Attributes: { RedrivePolicy } });
    expect([await listed(first), await listed(second)]).toEqual([[], [source]]);
    await api.ok('SetQueueAttributes', { QueueUrl: source, Attributes: { RedrivePolicy: '' } });
    expect(await listed(second)).toEqual([]);
    await api.ok('SetQueueAttributes', { QueueUrl: source, Attributes: { RedrivePolicy } });
    await api.ok('DeleteQueue', { QueueUrl: source });
    expect(await listed(second)).toEqual([]);
  });
});

describe('ListDeadLetterSourceQueues with the SDK', () => {
  it('lists, also what is empty [model: ListDeadLetterSourceQueues]', async () => {
    const found = await sdk().send(new ListDeadLetterSourceQueuesCommand({ QueueUrl: target }));
    expect(found.queueUrls).toEqual(sources);
    const nothing = new ListDeadLetterSourceQueuesCommand({ QueueUrl: await json.queue() });
    expect((await sdk().send(nothing)).queueUrls).toEqual([]);
  });

  it('pages by its paginator [model: ListDeadLetterSourceQueues]', async () => {
    const found: string[] = [];
    const pages = paginateListDeadLetterSourceQueues({ client: sdk(), pageSize: 3 }, { QueueUrl: target });
    for await (const { queueUrls = [] } of pages) found.push(...queueUrls);
    expect(found).toEqual(sources);
  });
});
