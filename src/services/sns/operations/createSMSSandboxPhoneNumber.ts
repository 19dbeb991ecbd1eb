import { optedOut } from '../errors.ts';
import { isOptedOut, normalNumber } from '../phoneNumbers.ts';
import type { SnsOperation } from '../service.ts';
import { addSandboxNumber } from '../smsSandbox.ts';

/** Sends the number a password by which its owner can be asked. */
export const createSMSSandboxPhoneNumber: SnsOperation<'CreateSMSSandboxPhoneNumber'> = async (sns, input, context) => {
  const number = normalNumber(input.PhoneNumber);
  if (await isOptedOut(sns, context, number)) throw optedOut('The phone number is opted out.');
  await addSandboxNumber(sns, context, number, input.LanguageCode ?? 'en-US');
  return {};
};
