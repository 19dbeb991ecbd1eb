import { describe, expect, it, vi } from 'vitest';
import { describeOurs, uniqueName } from '../target.ts';
import { application, describePlatforms, endpointOf, malformedEndpointArns, unknownEndpoint } from './platforms.ts';
import { invalidParameter, ok, refused } from './queryCall.ts';
import { lastSms as lastPush } from './sandbox.ts';

const noEndpoint = invalidParameter('TargetArn Reason: No endpoint found for the target arn specified');
const disabled = { status: 400, code: 'EndpointDisabled', message: 'Endpoint is disabled' };

describePlatforms('Publish to an endpoint', () => {
  it('answers a message id [aws: publish to platform endpoint]', async () => {
    const TargetArn = await endpointOf(await application());
    expect(await ok('Publish', { TargetArn, Message: 'hello' })).toEqual({
      MessageId: expect.stringMatching(/^[0-9a-f-]{36}$/),
    });
  });

  it('refuses one that is disabled, before it looks at the text [aws: publish to disabled endpoint]', async () => {
    const TargetArn = await endpointOf(await application(), { Attributes: { Enabled: 'false' } });
    await refused('Publish', { TargetArn, Message: 'msg', MessageStructure: 'json' }, disabled);
  });

  it('does not know another one [aws: publish non existent target]', async () => {
    const TargetArn = unknownEndpoint(await application());
    await refused('Publish', { TargetArn, Message: 'hello' }, noEndpoint);
  });

  it('does not know one that is deleted [aws: publish to deleted endpoint]', async () => {
    const TargetArn = await endpointOf(await application());
    await ok('DeleteEndpoint', { EndpointArn: TargetArn });
    await refused('Publish', { TargetArn, Message: 'hello' }, noEndpoint);
  });

  it('refuses a structure without a text for it [aws: message structure of an endpoint]', async () => {
    const TargetArn = await endpointOf(await application());
    await refused(
      'Publish',
      { TargetArn, Message: '{"APNS":"{}"}', MessageStructure: 'json' },
      invalidParameter("JSON must contain an entry for 'default' or 'GCM'."),
    );
  });

  it('refuses a structure that is no JSON [aws: message structure]', async () => {
    const TargetArn = await endpointOf(await application());
    const refusal = invalidParameter('Message Structure - JSON message body failed to parse');
    await refused('Publish', { TargetArn, Message: 'msg', MessageStructure: 'json' }, refusal);
  });

  it('refuses an empty message [aws: publish empty message]', async () => {
    const TargetArn = await endpointOf(await application());
    await refused('Publish', { TargetArn, Message: '' }, invalidParameter('Empty message'));
  });

  it('can be subscribed to a topic, while it is there [aws: subscribe deleted platform endpoint]', async () => {
    const { TopicArn } = await ok('CreateTopic', { Name: uniqueName('topic') });
    const Endpoint = await endpointOf(await application());
    const input = { TopicArn, Protocol: 'application', Endpoint };
    const { SubscriptionArn } = await ok('Subscribe', input);
    expect(SubscriptionArn).toMatch(/^arn:/);
    await ok('Unsubscribe', { SubscriptionArn });
    await ok('DeleteEndpoint', { EndpointArn: Endpoint });
    const reason = `Endpoint Reason: Endpoint does not exist for endpoint arn${Endpoint}`;
    await refused('Subscribe', input, invalidParameter(reason));
    await ok('DeleteTopic', { TopicArn });
  });
});

describe('Publish without an endpoint', () => {
  it.each(malformedEndpointArns.slice(1))(
    'refuses %s [aws: publish to invalid application]',
    async (_, TargetArn, reason) => {
      await refused('Publish', { TargetArn, Message: 'hello' }, invalidParameter(`TargetArn Reason: ${reason}`));
    },
  );
});

describeOurs('Publish to an endpoint here', () => {
  it('refuses what goes to an application that is disabled [model: PlatformApplicationDisabledException]', async () => {
    const TargetArn = await endpointOf(await application({ Enabled: 'false' }));
    const message = 'Platform application is disabled';
    await refused(
      'Publish',
      { TargetArn, Message: 'x' },
      { status: 400, code: 'PlatformApplicationDisabled', message },
    );
  });

  it('sends the text for the platform, or else the default [model: PublishInput.MessageStructure]', async () => {
    const arn = await application();
    const [first, second] = [uniqueName('token'), uniqueName('token')];
    const push = async (Token: string, structure: object) => {
      const TargetArn = await endpointOf(arn, { Token });
      await ok('Publish', { TargetArn, Message: JSON.stringify(structure), MessageStructure: 'json' });
      return lastPush(Token);
    };
    expect(await push(first, { default: 'for all', GCM: '{"notification":{"body":"for GCM"}}' })).toContain('for GCM');
    expect(await push(second, { default: 'for all', APNS: '{"aps":{}}' })).toContain('for all');
  });

  it('tells events of endpoints to the topics that are set [model: SetPlatformApplicationAttributes]', async () => {
    const { TopicArn } = await ok('CreateTopic', { Name: uniqueName('events') });
    const number = '+15550100800';
    await ok('Subscribe', { TopicArn, Protocol: 'sms', Endpoint: number });
    const events = { EventEndpointCreated: TopicArn, EventEndpointUpdated: TopicArn, EventEndpointDeleted: TopicArn };
    const PlatformApplicationArn = await application(events);
    const told = (event: object) =>
      vi.waitFor(async () => expect(JSON.parse(await lastPush(number))).toMatchObject(event), { timeout: 10_000 });
    const EndpointArn = await endpointOf(PlatformApplicationArn);
    await told({ EventType: 'EndpointCreated', EndpointArn, Service: 'SNS' });
    await ok('SetEndpointAttributes', { EndpointArn, Attributes: { CustomUserData: 'x' } });
    await told({ EventType: 'EndpointUpdated', EndpointArn });
    await ok('DeleteEndpoint', { EndpointArn });
    await told({ EventType: 'EndpointDeleted', Resource: PlatformApplicationArn });
  });

  it('words a push of a topic for the platform, too [model: PublishInput.MessageStructure]', async () => {
    const { TopicArn } = await ok('CreateTopic', { Name: uniqueName('topic') });
    const Token = uniqueName('token');
    const Endpoint = await endpointOf(await application(), { Token });
    await ok('Subscribe', { TopicArn, Protocol: 'application', Endpoint });
    const Message = JSON.stringify({ default: 'for all', GCM: '{"notification":{"body":"for GCM"}}' });
    await ok('Publish', { TopicArn, Message, MessageStructure: 'json' });
    expect(await lastPush(Token)).toContain('for GCM');
  });
});
