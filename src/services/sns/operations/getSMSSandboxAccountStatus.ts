import type { SnsOperation } from '../service.ts';

/** As the server is set up, for all accounts alike. */
export const getSMSSandboxAccountStatus: SnsOperation<'GetSMSSandboxAccountStatus'> = async (sns) => ({
  IsInSandbox: sns.smsSandbox,
});
