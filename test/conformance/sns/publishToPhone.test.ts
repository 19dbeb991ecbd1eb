import { describe, expect, it, vi } from 'vitest';
import { describeOurs, endpoint } from '../target.ts';
import { optOut } from './phoneNumbers.ts';
import { invalidParameter, ok, refused } from './queryCall.ts';
import { lastSms } from './sandbox.ts';

const uuid = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

describe('Publish to a phone number', () => {
  it.each(['nobody', '+', '+1555x', 'InvalidPhoneNumber'])(
    'refuses "%s" [aws: publish to invalid phone number]',
    async (PhoneNumber) => {
      const refusal = invalidParameter(`PhoneNumber Reason: ${PhoneNumber} is not valid to publish to`);
      await refused('Publish', { PhoneNumber, Message: 'hello' }, refusal);
    },
  );

  it('refuses an empty message [aws: publish empty message]', async () => {
    await refused('Publish', { PhoneNumber: '+15550100', Message: '' }, invalidParameter('Empty message'));
  });

  it('refuses a message of more than 256 KiB [facts: limits]', async () => {
    const input = { PhoneNumber: '+15550100', Message: 'x'.repeat(262_145) };
    await refused('Publish', input, invalidParameter('Message too long'));
  });

  it.each([
    ['text that is no JSON', 'hello', 'JSON message body failed to parse'],
    ['JSON without a default', '{"sms":"hello"}', 'No default entry in JSON message body'],
  ])('refuses %s as a structure [aws: message structure]', async (_, Message, reason) => {
    const input = { PhoneNumber: '+15550100', Message, MessageStructure: 'json' };
    await refused('Publish', input, invalidParameter(`Message Structure - ${reason}`));
  });
});

describeOurs('Publish to a phone number here', () => {
  it('answers a message id, and sends [model: Publish]', async () => {
    const answer = await ok('Publish', { PhoneNumber: '+15550100700', Message: 'hello' });
    expect(answer).toEqual({ MessageId: expect.stringMatching(uuid) });
    expect(await lastSms('+15550100700')).toBe('hello');
  });

  it('sends the text for SMS, or else the default [model: PublishInput.MessageStructure]', async () => {
    const both = JSON.stringify({ default: 'for all', sms: 'for phones' });
    await ok('Publish', { PhoneNumber: '+15550100701', Message: both, MessageStructure: 'json' });
    expect(await lastSms('+15550100701')).toBe('for phones');
    const one = JSON.stringify({ default: 'for all', email: 'for mails' });
    await ok('Publish', { PhoneNumber: '+15550100702', Message: one, MessageStructure: 'json' });
    expect(await lastSms('+15550100702')).toBe('for all');
  });

  it('takes what goes to a number that has opted out, and does not send it [facts: opt-out]', async () => {
    await optOut('+15550100703');
    await ok('Publish', { PhoneNumber: '+15550100703', Message: 'unwanted' });
    await ok('OptInPhoneNumber', { phoneNumber: '+15550100704' });
    await ok('Publish', { PhoneNumber: '+15550100704', Message: 'wanted' });
    expect(await lastSms('+15550100704')).toBe('wanted');
    const failure = () => failureOf('sms/eu-west-1/111122223333', '+15550100703');
    await vi.waitFor(async () => expect(await failure()).toBe('Phone number is opted out'), { timeout: 10_000 });
  });
});

interface Entry {
  readonly delivery: { readonly destination: string; readonly providerResponse?: string };
}

async function failureOf(about: string, destination: string): Promise<string | undefined> {
  const answer = await fetch(`${endpoint()}/_posthorn/topics/${encodeURIComponent(about)}/deliveries?status=FAILURE`);
  const { deliveries } = (await answer.json()) as { deliveries: Entry[] };
  return deliveries.find(({ delivery }) => delivery.destination === destination)?.delivery.providerResponse;
}
