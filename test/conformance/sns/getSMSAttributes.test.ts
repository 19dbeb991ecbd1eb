import { describe, expect, it } from 'vitest';
import { describeOurs } from '../target.ts';
import { ok } from './queryCall.ts';
import { account } from './smsAttributes.ts';

describe('GetSMSAttributes', () => {
  it('shows those that are named, as far as they are set [aws: get sms attributes filtered]', async () => {
    const mine = account();
    await ok('SetSMSAttributes', { attributes: { DefaultSMSType: 'Transactional', DefaultSenderID: 'me' } }, mine);
    const asked = { attributes: ['DefaultSMSType', 'UsageReportS3Bucket'] };
    expect(await ok('GetSMSAttributes', asked, mine)).toEqual({ attributes: { DefaultSMSType: 'Transactional' } });
  });

  it('shows nothing of a name that there is not [model: GetSMSAttributesInput]', async () => {
    expect(await ok('GetSMSAttributes', { attributes: ['Colour'] }, account())).toEqual({ attributes: {} });
  });
});

describeOurs('GetSMSAttributes here', () => {
  it('shows a limit of one dollar before anything is set [aws: sms attributes]', async () => {
    expect(await ok('GetSMSAttributes', {}, account())).toEqual({ attributes: { MonthlySpendLimit: '1' } });
  });

  it('keeps accounts and regions apart [posthorn: accounts]', async () => {
    const mine = account();
    await ok('SetSMSAttributes', { attributes: { DefaultSenderID: 'mine' } }, mine);
    for (const other of [account(), { ...mine, region: 'us-west-2' }]) {
      expect((await ok('GetSMSAttributes', {}, other)).attributes).toEqual({ MonthlySpendLimit: '1' });
    }
  });
});
