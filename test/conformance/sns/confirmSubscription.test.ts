import { describe, expect, it } from 'vitest';
import { describeOurs } from '../target.ts';
import { asked, follow } from './asked.ts';
import { subscriptionAttributes, topic, topicAttributes } from './fixtures.ts';
import { invalid, invalidParameter, missing, ok, refused } from './queryCall.ts';

describeOurs('ConfirmSubscription', () => {
  it('asks the endpoint of another account [aws: subscribe external http endpoint]', async () => {
    const TopicArn = await topic();
    const { confirmation } = await asked(TopicArn);
    expect(confirmation).toEqual({
      Type: 'SubscriptionConfirmation',
      MessageId: expect.any(String),
      Token: expect.any(String),
      TopicArn,
      Message: `You have chosen to subscribe to the topic ${TopicArn}.\nTo confirm the subscription, visit the SubscribeURL included in this message.`,
      SubscribeURL: expect.stringContaining(
        `/?Action=ConfirmSubscription&TopicArn=${TopicArn}&Token=${confirmation.Token}`,
      ),
      Timestamp: expect.any(String),
      SignatureVersion: '1',
      Signature: expect.any(String),
      SigningCertURL: expect.any(String),
    });
  });

  it('confirms by the token, as often as one likes [model: ConfirmSubscription]', async () => {
    const TopicArn = await topic();
    const { confirmation, next } = await asked(TopicArn);
    const input = { TopicArn, Token: confirmation.Token ?? '' };
    await ok('Publish', { TopicArn, Message: 'too early' });
    const { SubscriptionArn } = await ok('ConfirmSubscription', input);
    expect(await ok('ConfirmSubscription', input)).toEqual({ SubscriptionArn });
    await ok('Publish', { TopicArn, Message: 'in time' });
    expect(await next()).toMatchObject({ Message: 'in time' });
    expect(await subscriptionAttributes(SubscriptionArn as string)).toMatchObject({
      PendingConfirmation: 'false',
      ConfirmationWasAuthenticated: 'false',
    });
    expect(await topicAttributes(TopicArn)).toMatchObject({ SubscriptionsConfirmed: '1', SubscriptionsPending: '0' });
  });

  it('confirms by the link alone [model: ConfirmSubscription]', async () => {
    const TopicArn = await topic();
    const { confirmation } = await asked(TopicArn);
    const { status, text } = await follow(confirmation.SubscribeURL ?? '');
    expect(status).toBe(200);
    expect(text).toContain(`<SubscriptionArn>${TopicArn}:`);
  });

  it('asks again when it is subscribed again [model: Subscribe]', async () => {
    const TopicArn = await topic();
    const { input, next, confirmation } = await asked(TopicArn);
    await ok('Subscribe', input);
    const again = await next();
    expect(again.Type).toBe('SubscriptionConfirmation');
    await ok('ConfirmSubscription', { TopicArn, Token: confirmation.Token ?? '' });
    await ok('ConfirmSubscription', { TopicArn, Token: again.Token ?? '' });
    expect(await topicAttributes(TopicArn)).toMatchObject({ SubscriptionsConfirmed: '1' });
  });

  it('notes who wants signatures [model: ConfirmSubscriptionInput.AuthenticateOnUnsubscribe]', async () => {
    const TopicArn = await topic();
    const { confirmation } = await asked(TopicArn);
    const input = { TopicArn, Token: confirmation.Token ?? '', AuthenticateOnUnsubscribe: 'true' };
    const { SubscriptionArn } = await ok('ConfirmSubscription', input);
    expect(await subscriptionAttributes(SubscriptionArn as string)).toMatchObject({
      ConfirmationWasAuthenticated: 'true',
    });
    const refusal = await follow(`http://x/?Action=Unsubscribe&SubscriptionArn=${SubscriptionArn}`);
    expect(refusal.status).toBe(403);
    expect(refusal.text).toContain('<Code>AuthorizationError</Code>');
  });

  it('takes no token of another topic [aws: subscribe external http endpoint]', async () => {
    const { confirmation } = await asked(await topic());
    const input = { TopicArn: await topic(), Token: confirmation.Token ?? '' };
    await refused('ConfirmSubscription', input, invalidParameter('Token'));
  });

  it('takes no token that was changed [aws: subscribe external http endpoint]', async () => {
    const TopicArn = await topic();
    const { confirmation } = await asked(TopicArn);
    const Token = `${confirmation.Token?.slice(0, -1)}${confirmation.Token?.endsWith('0') ? '1' : '0'}`;
    await refused('ConfirmSubscription', { TopicArn, Token }, invalidParameter('Token'));
  });

  it('takes no token for a topic that is gone [aws: sns confirm subscription wrong token]', async () => {
    const TopicArn = await topic();
    const { confirmation } = await asked(TopicArn);
    await ok('DeleteTopic', { TopicArn });
    await refused('ConfirmSubscription', { TopicArn, Token: confirmation.Token ?? '' }, invalidParameter('Token'));
  });
});

describe('ConfirmSubscription with wrong words', () => {
  it.each(['randomtoken', '', '2336412f37fb687f'])(
    'refuses the token "%s" [aws: sns confirm subscription wrong token]',
    async (Token) => {
      await refused('ConfirmSubscription', { TopicArn: await topic(), Token }, invalid('Invalid token'));
    },
  );

  it.each([
    ['token', (TopicArn: string) => ({ TopicArn })],
    ['topicArn', () => ({ Token: 'x' })],
  ])('demands %s [model: ConfirmSubscriptionInput]', async (name, input) => {
    await refused('ConfirmSubscription', input(await topic()), missing(name));
  });
});
