/** The pages about deliveries, and their metrics. */
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { type PosthornServer, startPosthorn } from '../../src/server.ts';
import { httpEnd } from './ends.ts';

let server: PosthornServer;

beforeAll(async () => {
  server = await startPosthorn({ port: 0, memory: true, region: 'eu-west-1', accountId: '123456789012' });
});
afterAll(() => server.close());

async function page(method: string, path: string, body?: string) {
  const answer = await fetch(server.endpoint + path, { method, ...(body !== undefined && { body }) });
  return { status: answer.status, json: (await answer.json()) as Record<string, unknown> };
}

async function call(Action: string, parameters: Record<string, string>): Promise<string> {
  const answer = await fetch(server.endpoint, { method: 'POST', body: new URLSearchParams({ Action, ...parameters }) });
  const text = await answer.text();
  if (!answer.ok) throw new Error(text);
  return text;
}

const topicArn = 'arn:aws:sns:eu-west-1:123456789012:news';
const path = `/_posthorn/topics/${topicArn}/deliveries`;

describe('/_posthorn/topics/<arn>/deliveries', () => {
  it('counts what was published, and shows why it did not arrive', async () => {
    await call('CreateTopic', { Name: 'news' });
    const lambda = 'arn:aws:lambda:eu-west-1:123456789012:function:f';
    await call('Subscribe', { TopicArn: topicArn, Protocol: 'lambda', Endpoint: lambda });
    await call('Publish', { TopicArn: topicArn, Message: 'hello' });
    const shown = await vi.waitFor(
      async () => {
        const found = await page('GET', path);
        expect(found.json.deliveries).toHaveLength(1);
        return found;
      },
      { timeout: 10_000 },
    );
    expect(shown).toMatchObject({
      status: 200,
      json: {
        totals: { published: 1, delivered: 0, failed: 1, filteredOut: 0, redriven: 0 },
        deliveries: [
          {
            notification: { topicArn, messageMD5Sum: '5d41402abc4b2a76b9719d911017c592' },
            delivery: {
              ...{ destination: lambda, protocol: 'lambda', attempts: 1 },
              providerResponse: 'Nothing here delivers to the protocol lambda.',
            },
            status: 'FAILURE',
          },
        ],
      },
    });
    expect((await page('GET', `${path}?status=SUCCESS`)).json.deliveries).toEqual([]);
    expect((await page('GET', `/_posthorn/topics/${encodeURIComponent(topicArn)}/deliveries?limit=1`)).status).toBe(
      200,
    );
  });

  it.each([
    [`${path}?status=LOST`, 400, 'status is "LOST", but must be one of SUCCESS, FAILURE.'],
    [`${path}?limit=0`, 400, 'limit is "0", but must be a whole number from 1 to 1000.'],
    [`${path}?state=x`, 400, 'There is no parameter "state" here. Known are status, limit.'],
    ['/_posthorn/topics/nothing/deliveries', 404, 'Nothing has been published to nothing since the start.'],
  ])('refuses %s', async (url, status, error) => {
    expect(await page('GET', url)).toEqual({ status, json: { error } });
  });
});

describe('/_posthorn/sms/opt-outs', () => {
  it.each([
    ['{}', 'The body has to be {"phoneNumber": "+15550100"}, with account and region if need be.'],
    ['null', 'The body has to be {"phoneNumber": "+15550100"}, with account and region if need be.'],
    ['{"phoneNumber": 1}', 'The body has to be {"phoneNumber": "+15550100"}, with account and region if need be.'],
    ['{"phoneNumber": "nobody"}', 'Invalid parameter: PhoneNumber Reason: input incorrectly formatted'],
  ])('refuses %s', async (body, error) => {
    expect(await page('POST', '/_posthorn/sms/opt-outs', body)).toEqual({ status: 400, json: { error } });
  });

  it('takes a number out of the SMS of the default account', async () => {
    const body = '{"phoneNumber": "+15550100"}';
    expect(await page('POST', '/_posthorn/sms/opt-outs', body)).toEqual({
      status: 200,
      json: { optedOut: '+15550100' },
    });
    expect(await call('ListPhoneNumbersOptedOut', {})).toContain('<member>+15550100</member>');
  });
});

it('counts what is pending, and no queue of its own among those of clients', async () => {
  const end = await httpEnd(() => undefined);
  await call('CreateTopic', { Name: 'slow' });
  const TopicArn = topicArn.replace('news', 'slow');
  await call('Subscribe', { TopicArn, Protocol: 'http', Endpoint: end.url });
  await vi.waitFor(() => expect(end.received).toHaveLength(1), { timeout: 10_000 });
  const metrics = await (await fetch(`${server.endpoint}/metrics`)).text();
  expect(metrics).toMatch(/^posthorn_deliveries_pending 1$/m);
  expect(metrics).not.toContain('account="sns"');
});
