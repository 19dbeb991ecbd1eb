import { findApplication, shownAttributes } from '../platformApplications.ts';
import type { SnsOperation } from '../service.ts';

/** Credentials are not told again. */
export const getPlatformApplicationAttributes: SnsOperation<'GetPlatformApplicationAttributes'> = async (
  sns,
  input,
  context,
) => {
  const record = await findApplication(sns, input.PlatformApplicationArn, context);
  return { Attributes: shownAttributes(record) };
};
