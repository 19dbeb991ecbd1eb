import { endpoint } from '../target.ts';
import { invalidParameter } from './queryCall.ts';

export const formatRefusal = invalidParameter('PhoneNumber Reason: input incorrectly formatted');

/** In nobody's possession, as E.164 knows no such country. */
export const malformedNumbers = ['nobody', '+1555010x', '+', '', '+1 555 0100', '+12345678901234567'];

/** What a gateway tells when somebody answers STOP. */
export async function optOut(phoneNumber: string, account = '111122223333'): Promise<void> {
  const body = JSON.stringify({ phoneNumber, account, region: 'eu-west-1' });
  const { status } = await fetch(`${endpoint()}/_posthorn/sms/opt-outs`, { method: 'POST', body });
  if (status !== 200) throw new Error(`The number could not be opted out: ${status}`);
}
