import { describe, expect, it } from 'vitest';
import { isRemote } from '../target.ts';
import { invalid, missing, ok, refused } from './queryCall.ts';
import { account } from './smsAttributes.ts';

describe('SetSMSAttributes', () => {
  it('sets them, and answers nothing [aws: set sms attributes]', async () => {
    const mine = account();
    const attributes = {
      ...{ MonthlySpendLimit: '1', DeliveryStatusIAMRole: 'arn:aws:iam::111122223333:role/sms' },
      ...{ DeliveryStatusSuccessSamplingRate: '5', DefaultSenderID: 'test', DefaultSMSType: 'Transactional' },
    };
    expect(await ok('SetSMSAttributes', { attributes }, mine)).toEqual({});
    expect((await ok('GetSMSAttributes', {}, mine)).attributes).toEqual(attributes);
  });

  it('keeps what is not named [model: SetSMSAttributes]', async () => {
    const mine = account();
    await ok('SetSMSAttributes', { attributes: { DefaultSMSType: 'Promotional', DefaultSenderID: 'one' } }, mine);
    await ok('SetSMSAttributes', { attributes: { DefaultSenderID: 'two' } }, mine);
    const { attributes } = await ok('GetSMSAttributes', {}, mine);
    expect(attributes).toMatchObject({ DefaultSMSType: 'Promotional', DefaultSenderID: 'two' });
  });

  it('takes back what is set to nothing [facts: defaults]', async () => {
    const mine = account();
    await ok('SetSMSAttributes', { attributes: { DefaultSenderID: '' } }, mine);
    // Elsewhere the account is one for all cases.
    const before = (await ok('GetSMSAttributes', {}, mine)).attributes as Record<string, string>;
    await ok('SetSMSAttributes', { attributes: { DefaultSenderID: 'one', MonthlySpendLimit: '1' } }, mine);
    await ok('SetSMSAttributes', { attributes: { DefaultSenderID: '', MonthlySpendLimit: '' } }, mine);
    const { attributes } = await ok('GetSMSAttributes', {}, mine);
    expect(attributes).toEqual({ ...(isRemote && before), MonthlySpendLimit: '1' });
  });

  it.each(['a', 'ABCDEFGHIJK', '1a2'])(
    'takes the sender id %s [model: SetSMSAttributesInput]',
    async (DefaultSenderID) => {
      await ok('SetSMSAttributes', { attributes: { DefaultSenderID } }, account());
    },
  );

  it.each(['testSenderID', '123', 'with space', 'hy-phen'])(
    'refuses the sender id %s [aws: invalid sender id]',
    async (id) => {
      await refused('SetSMSAttributes', { attributes: { DefaultSenderID: id } }, invalid('DefaultSenderID is invalid'));
    },
  );

  it.each(['transactional', 'Other'])('refuses the type %s [aws: invalid sms type]', async (DefaultSMSType) => {
    await refused('SetSMSAttributes', { attributes: { DefaultSMSType } }, invalid('DefaultSMSType is invalid'));
  });

  it.each([
    ['DeliveryStatusSuccessSamplingRate', '101'],
    ['DeliveryStatusSuccessSamplingRate', '-1'],
    ['DeliveryStatusSuccessSamplingRate', 'half'],
    ['MonthlySpendLimit', 'much'],
  ])('refuses %s of %s [model: SetSMSAttributesInput]', async (name, value) => {
    await refused('SetSMSAttributes', { attributes: { [name]: value } }, invalid(`${name} is invalid`));
  });

  it('refuses an attribute that there is not, and sets nothing [aws: sms attribute names]', async () => {
    const mine = account();
    const attributes = { DefaultSMSType: 'Transactional', test: 'test' };
    await refused('SetSMSAttributes', { attributes }, invalid('test is not a valid attribute'), mine);
    expect((await ok('GetSMSAttributes', {}, mine)).attributes).not.toHaveProperty('test');
  });

  it('demands attributes [model: SetSMSAttributesInput]', async () => {
    await refused('SetSMSAttributes', {}, missing('attributes'));
  });
});
