import { describe, expect, it } from 'vitest';
import { describeOurs } from '../target.ts';
import { ok } from './queryCall.ts';

describe('GetSMSSandboxAccountStatus', () => {
  it('answers whether the account is in the sandbox [model: GetSMSSandboxAccountStatusResult]', async () => {
    expect(await ok('GetSMSSandboxAccountStatus')).toEqual({ IsInSandbox: expect.stringMatching(/^(true|false)$/) });
  });
});

describeOurs('GetSMSSandboxAccountStatus here', () => {
  it('is false unless the server is told [posthorn: smsSandbox]', async () => {
    expect(await ok('GetSMSSandboxAccountStatus')).toEqual({ IsInSandbox: 'false' });
  });
});
