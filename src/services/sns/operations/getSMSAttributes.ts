import type { SnsOperation } from '../service.ts';
import { readSmsAttributes } from '../smsAttributes.ts';

/** Of the asked ones those that are set; of all, if none is named. */
export const getSMSAttributes: SnsOperation<'GetSMSAttributes'> = async (sns, input, context) => {
  const all = await readSmsAttributes(sns, context);
  const { attributes: asked = [] } = input;
  const shown = Object.entries(all).filter(([name]) => asked.length === 0 || asked.includes(name));
  return { attributes: Object.fromEntries(shown) };
};
