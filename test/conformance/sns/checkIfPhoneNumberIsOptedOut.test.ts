import { describe, expect, it } from 'vitest';
import { describeOurs } from '../target.ts';
import { formatRefusal, malformedNumbers, optOut } from './phoneNumbers.ts';
import { missing, ok, refused } from './queryCall.ts';

describe('CheckIfPhoneNumberIsOptedOut', () => {
  it('is false of a number that never said so [aws: check not opted out]', async () => {
    const answer = await ok('CheckIfPhoneNumberIsOptedOut', { phoneNumber: '+447428545375' });
    expect(answer).toEqual({ isOptedOut: 'false' });
  });

  it.each(malformedNumbers)('refuses "%s" [aws: check opted out invalid]', async (phoneNumber) => {
    await refused('CheckIfPhoneNumberIsOptedOut', { phoneNumber }, formatRefusal);
  });

  it('demands a number [model: CheckIfPhoneNumberIsOptedOutInput]', async () => {
    await refused('CheckIfPhoneNumberIsOptedOut', {}, missing('phoneNumber'));
  });
});

describeOurs('CheckIfPhoneNumberIsOptedOut here', () => {
  it('is true of a number that the gateway told of [posthorn: opt-outs]', async () => {
    const phoneNumber = '+447428545301';
    await optOut(phoneNumber);
    expect(await ok('CheckIfPhoneNumberIsOptedOut', { phoneNumber })).toEqual({ isOptedOut: 'true' });
    // Without its plus it is the same number.
    expect(await ok('CheckIfPhoneNumberIsOptedOut', { phoneNumber: '447428545301' })).toEqual({ isOptedOut: 'true' });
  });

  it('keeps accounts and regions apart [posthorn: accounts]', async () => {
    const phoneNumber = '+447428545302';
    await optOut(phoneNumber);
    for (const other of [{ accessKeyId: '444455556666' }, { region: 'us-west-2' }]) {
      expect(await ok('CheckIfPhoneNumberIsOptedOut', { phoneNumber }, other)).toEqual({ isOptedOut: 'false' });
    }
  });
});
