import { GetCallerIdentityCommand, STSClient } from '@aws-sdk/client-sts';
import { describe, expect, it } from 'vitest';
import { callSts, describeOurs, endpoint } from '../target.ts';

// STS speaks the Query protocol alone.
describe.each(['POST', 'GET'] as const)('GetCallerIdentity by %s', (method) => {
  it('answers an account, an ARN and an id [model: GetCallerIdentityResponse]', async () => {
    const answer = await callSts(method);
    expect(answer).toMatchObject({ status: 200, contentType: expect.stringMatching(/^text\/xml/) });
    expect(answer.output).toEqual({
      Account: expect.stringMatching(/^\d{12}$/),
      Arn: expect.stringMatching(new RegExp(`^arn:aws:(iam|sts)::${answer.output.Account}:`)),
      UserId: expect.stringMatching(/./),
    });
  });
});

describeOurs('GetCallerIdentity here', () => {
  it.each([
    ['000011112222', '000011112222'],
    ['test', '000000000000'],
  ])('answers the account of the key %s [posthorn: accounts]', async (accessKeyId, account) => {
    const { output } = await callSts('POST', { accessKeyId });
    expect(output).toEqual({ Account: account, UserId: account, Arn: `arn:aws:iam::${account}:root` });
  });

  it('answers the SDK [model: GetCallerIdentity]', async () => {
    const credentials = { accessKeyId: '123456789012', secretAccessKey: 'x' };
    const client = new STSClient({ endpoint: endpoint(), region: 'eu-west-1', credentials, maxAttempts: 1 });
    expect((await client.send(new GetCallerIdentityCommand({}))).Account).toBe('123456789012');
    client.destroy();
  });
});
