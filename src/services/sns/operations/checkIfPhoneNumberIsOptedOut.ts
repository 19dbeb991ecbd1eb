import { checkPhoneNumber, isOptedOut } from '../phoneNumbers.ts';
import type { SnsOperation } from '../service.ts';

export const checkIfPhoneNumberIsOptedOut: SnsOperation<'CheckIfPhoneNumberIsOptedOut'> = async (
  sns,
  input,
  context,
) => {
  const number = checkPhoneNumber(input.phoneNumber);
  return { isOptedOut: await isOptedOut(sns, context, number) };
};
