import type { SnsOperation } from '../service.ts';
import { checkSmsAttributes, writeSmsAttributes } from '../smsAttributes.ts';

export const setSMSAttributes: SnsOperation<'SetSMSAttributes'> = async (sns, input, context) => {
  checkSmsAttributes(input.attributes);
  await writeSmsAttributes(sns, context, input.attributes);
  return {};
};
