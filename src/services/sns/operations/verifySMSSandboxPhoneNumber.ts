import { normalNumber } from '../phoneNumbers.ts';
import type { SnsOperation } from '../service.ts';
import { verifySandboxNumber } from '../smsSandbox.ts';

export const verifySMSSandboxPhoneNumber: SnsOperation<'VerifySMSSandboxPhoneNumber'> = async (sns, input, context) => {
  await verifySandboxNumber(sns, context, normalNumber(input.PhoneNumber), input.OneTimePassword);
  return {};
};
