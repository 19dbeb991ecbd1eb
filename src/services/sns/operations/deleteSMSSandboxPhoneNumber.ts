import { normalNumber } from '../phoneNumbers.ts';
import type { SnsOperation } from '../service.ts';
import { removeSandboxNumber } from '../smsSandbox.ts';

export const deleteSMSSandboxPhoneNumber: SnsOperation<'DeleteSMSSandboxPhoneNumber'> = async (sns, input, context) => {
  await removeSandboxNumber(sns, context, normalNumber(input.PhoneNumber));
  return {};
};
