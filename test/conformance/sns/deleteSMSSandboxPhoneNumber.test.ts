import { describe, expect, it } from 'vitest';
import { describeOurs } from '../target.ts';
import { missing, ok, refused } from './queryCall.ts';
import { malformed } from './sandbox.ts';
import { account } from './smsAttributes.ts';

describe('DeleteSMSSandboxPhoneNumber', () => {
  it.each(malformed)('refuses $number [model: PhoneNumberString]', async ({ number, refusal }) => {
    await refused('DeleteSMSSandboxPhoneNumber', { PhoneNumber: number }, refusal);
  });

  it('demands a number [model: DeleteSMSSandboxPhoneNumberInput]', async () => {
    await refused('DeleteSMSSandboxPhoneNumber', {}, missing('phoneNumber'));
  });
});

describeOurs('DeleteSMSSandboxPhoneNumber here', () => {
  it('takes the number away, and answers nothing [model: DeleteSMSSandboxPhoneNumber]', async () => {
    const mine = account();
    await ok('CreateSMSSandboxPhoneNumber', { PhoneNumber: '+15550100500' }, mine);
    expect(await ok('DeleteSMSSandboxPhoneNumber', { PhoneNumber: '+15550100500' }, mine)).toEqual({});
    expect(await ok('ListSMSSandboxPhoneNumbers', {}, mine)).toEqual({ PhoneNumbers: [] });
  });

  it('does not know another number [model: ResourceNotFoundException]', async () => {
    const message = 'The phone number is not in the SMS sandbox.';
    const refusal = { status: 404, code: 'ResourceNotFound', message };
    await refused('DeleteSMSSandboxPhoneNumber', { PhoneNumber: '+15550100501' }, refusal);
  });
});
