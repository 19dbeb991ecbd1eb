import { describe, expect, it } from 'vitest';
import { describeOurs } from '../target.ts';
import { formatRefusal, malformedNumbers, optOut } from './phoneNumbers.ts';
import { missing, ok, refused } from './queryCall.ts';

describe('OptInPhoneNumber', () => {
  it('takes a number that is in already, and answers nothing [aws: opt in]', async () => {
    expect(await ok('OptInPhoneNumber', { phoneNumber: '+447428545376' })).toEqual({});
  });

  it.each(malformedNumbers)('refuses "%s" [aws: opt in phone number invalid]', async (phoneNumber) => {
    await refused('OptInPhoneNumber', { phoneNumber }, formatRefusal);
  });

  it('demands a number [model: OptInPhoneNumberInput]', async () => {
    await refused('OptInPhoneNumber', {}, missing('phoneNumber'));
  });
});

describeOurs('OptInPhoneNumber here', () => {
  it('takes an opt-out back [model: OptInPhoneNumber]', async () => {
    const phoneNumber = '+447428545303';
    await optOut(phoneNumber);
    await ok('OptInPhoneNumber', { phoneNumber });
    expect(await ok('CheckIfPhoneNumberIsOptedOut', { phoneNumber })).toEqual({ isOptedOut: 'false' });
  });
});
