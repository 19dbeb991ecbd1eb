import { describe, expect, it } from 'vitest';
import { describeOurs } from '../target.ts';
import { missing, ok, refused, violated } from './queryCall.ts';
import { passwordFor } from './sandbox.ts';
import { account } from './smsAttributes.ts';

const input = { PhoneNumber: '+15550100400', OneTimePassword: '123456' };
const failed = (message: string) => ({ status: 400, code: 'VerificationException', message });
const wrong = failed('The one-time password is not the one that was sent.');

describe('VerifySMSSandboxPhoneNumber', () => {
  it.each([
    ['1234', 'Member must have length greater than or equal to 5'],
    ['123456789', 'Member must have length less than or equal to 8'],
    ['12345x', 'Member must satisfy regular expression pattern: ^[0-9]+$'],
  ])('refuses the password %s [model: OTPCode]', async (OneTimePassword, constraint) => {
    const refusal = violated(`'${OneTimePassword}'`, 'oneTimePassword', constraint);
    await refused('VerifySMSSandboxPhoneNumber', { ...input, OneTimePassword }, refusal);
  });

  it('demands a number [model: VerifySMSSandboxPhoneNumberInput]', async () => {
    await refused('VerifySMSSandboxPhoneNumber', { OneTimePassword: '123456' }, missing('phoneNumber'));
  });

  it('demands a password [model: VerifySMSSandboxPhoneNumberInput]', async () => {
    await refused('VerifySMSSandboxPhoneNumber', { PhoneNumber: '+15550100400' }, missing('oneTimePassword'));
  });
});

describeOurs('VerifySMSSandboxPhoneNumber here', () => {
  it('verifies the number with the password that was sent, more than once [model: VerifySMSSandboxPhoneNumber]', async () => {
    const mine = account();
    const PhoneNumber = '+15550100401';
    await ok('CreateSMSSandboxPhoneNumber', { PhoneNumber }, mine);
    const OneTimePassword = await passwordFor(PhoneNumber);
    expect(await ok('VerifySMSSandboxPhoneNumber', { PhoneNumber, OneTimePassword }, mine)).toEqual({});
    await ok('VerifySMSSandboxPhoneNumber', { PhoneNumber, OneTimePassword }, mine);
    expect(await ok('ListSMSSandboxPhoneNumbers', {}, mine)).toEqual({
      PhoneNumbers: [{ PhoneNumber, Status: 'Verified' }],
    });
    const refusal = { status: 400, code: 'UserError', message: 'The phone number is verified already.' };
    await refused('CreateSMSSandboxPhoneNumber', { PhoneNumber }, refusal, mine);
  });

  it('refuses another password, and after five of them the right one, too [model: VerificationException]', async () => {
    const mine = account();
    const PhoneNumber = '+15550100402';
    await ok('CreateSMSSandboxPhoneNumber', { PhoneNumber }, mine);
    const right = await passwordFor(PhoneNumber);
    const OneTimePassword = right === '123456' ? '654321' : '123456';
    for (let attempt = 0; attempt < 5; attempt += 1) {
      await refused('VerifySMSSandboxPhoneNumber', { PhoneNumber, OneTimePassword }, wrong, mine);
    }
    const expired = failed('The one-time password has expired. Ask for another one.');
    await refused('VerifySMSSandboxPhoneNumber', { PhoneNumber, OneTimePassword: right }, expired, mine);
  });

  it('does not know another number [model: ResourceNotFoundException]', async () => {
    const message = 'The phone number is not in the SMS sandbox.';
    await refused('VerifySMSSandboxPhoneNumber', input, { status: 404, code: 'ResourceNotFound', message });
  });
});
