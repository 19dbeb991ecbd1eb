import { describe, expect, it } from 'vitest';
import { describeOurs } from '../target.ts';
import { optOut } from './phoneNumbers.ts';
import { missing, ok, refused, violated } from './queryCall.ts';
import { lastSms, malformed, passwordFor } from './sandbox.ts';
import { account } from './smsAttributes.ts';

const codes = 'en-US, en-GB, es-419, es-ES, de-DE, fr-CA, fr-FR, it-IT, ja-JP, pt-BR, kr-KR, zh-CN, zh-TW';

describe('CreateSMSSandboxPhoneNumber', () => {
  it.each(malformed)('refuses $number [aws: create sms sandbox phone number invalid]', async ({ number, refusal }) => {
    await refused('CreateSMSSandboxPhoneNumber', { PhoneNumber: number }, refusal);
  });

  it('refuses a language that there is not [model: LanguageCodeString]', async () => {
    await refused(
      'CreateSMSSandboxPhoneNumber',
      { PhoneNumber: '+15550100100', LanguageCode: 'tlh' },
      violated("'tlh'", 'languageCode', `Member must satisfy enum value set: [${codes}]`),
    );
  });

  it('demands a number [model: CreateSMSSandboxPhoneNumberInput]', async () => {
    await refused('CreateSMSSandboxPhoneNumber', {}, missing('phoneNumber'));
  });
});

describeOurs('CreateSMSSandboxPhoneNumber here', () => {
  it('keeps it as pending, and answers nothing [model: CreateSMSSandboxPhoneNumber]', async () => {
    const mine = account();
    expect(await ok('CreateSMSSandboxPhoneNumber', { PhoneNumber: '+15550100101' }, mine)).toEqual({});
    expect(await ok('ListSMSSandboxPhoneNumbers', {}, mine)).toEqual({
      PhoneNumbers: [{ PhoneNumber: '+15550100101', Status: 'Pending' }],
    });
  });

  it.each(codes.split(', ').map((code, index) => [code, `+155501002${String(index).padStart(2, '0')}`]))(
    'sends a password in %s [model: CreateSMSSandboxPhoneNumberInput.LanguageCode]',
    async (LanguageCode, PhoneNumber) => {
      await ok('CreateSMSSandboxPhoneNumber', { PhoneNumber, LanguageCode }, account());
      expect(await lastSms(PhoneNumber)).toMatch(/\d{6}/);
    },
  );

  it('sends another password when asked again [model: CreateSMSSandboxPhoneNumber]', async () => {
    const mine = account();
    const input = { PhoneNumber: '+15550100102' };
    await ok('CreateSMSSandboxPhoneNumber', input, mine);
    await passwordFor(input.PhoneNumber);
    await ok('CreateSMSSandboxPhoneNumber', input, mine);
    expect((await ok('ListSMSSandboxPhoneNumbers', {}, mine)).PhoneNumbers).toHaveLength(1);
  });

  it('takes ten numbers and no more [facts: SMS sandbox]', async () => {
    const mine = account();
    for (let index = 0; index < 10; index += 1) {
      await ok('CreateSMSSandboxPhoneNumber', { PhoneNumber: `+1555010030${index}` }, mine);
    }
    const message = 'The SMS sandbox takes 10 phone numbers at most.';
    const refusal = { status: 400, code: 'UserError', message };
    await refused('CreateSMSSandboxPhoneNumber', { PhoneNumber: '+15550100310' }, refusal, mine);
  });

  it('refuses a number that is opted out [model: OptedOutException]', async () => {
    await optOut('+15550100103');
    const refusal = { status: 400, code: 'OptedOut', message: 'The phone number is opted out.' };
    await refused('CreateSMSSandboxPhoneNumber', { PhoneNumber: '+15550100103' }, refusal);
  });
});
