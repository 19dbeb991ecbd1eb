import { checkPhoneNumber, optIn } from '../phoneNumbers.ts';
import type { SnsOperation } from '../service.ts';

/** AWS lets a number in once in 30 days only; here the operator is trusted to know why. */
export const optInPhoneNumber: SnsOperation<'OptInPhoneNumber'> = async (sns, input, context) => {
  await optIn(sns, context, checkPhoneNumber(input.phoneNumber));
  return {};
};
