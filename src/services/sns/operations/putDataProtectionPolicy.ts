import { checkDataProtectionPolicy } from '../dataProtectionPolicy.ts';
import { findTopic } from '../finding.ts';
import type { SnsOperation } from '../service.ts';

/** It is stored and answered; AWS has closed message data protection to new customers, and nothing here protects data. */
export const putDataProtectionPolicy: SnsOperation<'PutDataProtectionPolicy'> = async (sns, input, context) => {
  const { DataProtectionPolicy: policy } = input;
  const topic = await findTopic(sns, input.ResourceArn, context, 'ResourceArn');
  checkDataProtectionPolicy(policy);
  await sns.topics.update(topic, { dataProtectionPolicy: policy === '' ? undefined : policy });
};
