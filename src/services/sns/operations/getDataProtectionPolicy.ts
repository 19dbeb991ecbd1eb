import { findTopic } from '../finding.ts';
import type { SnsOperation } from '../service.ts';

export const getDataProtectionPolicy: SnsOperation<'GetDataProtectionPolicy'> = async (sns, input, context) => {
  const { record } = await findTopic(sns, input.ResourceArn, context, 'ResourceArn');
  return record.dataProtectionPolicy === undefined ? {} : { DataProtectionPolicy: record.dataProtectionPolicy };
};
