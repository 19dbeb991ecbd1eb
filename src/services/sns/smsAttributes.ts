import type { Partition, Turns } from '#runtime';
import { invalid } from './errors.ts';
import { type SmsScope, scopePath } from './phoneNumbers.ts';
import type { AttributeMap } from './records.ts';

/** Kind `sns-sms-attributes`, path `<account>/<region>`. */
const kind = 'sns-sms-attributes';

/** What is shown before anything is set: a dollar a month, as of a new account. */
const defaults: AttributeMap = { MonthlySpendLimit: '1' };

const isPercentage = (value: string) => /^\d{1,3}$/.test(value) && Number(value) <= 100;

/** Whether a value is good. An empty one takes the attribute back to its default. */
const settable: Readonly<Record<string, (value: string) => boolean>> = {
  DefaultSMSType: (value) => value === 'Promotional' || value === 'Transactional',
  DefaultSenderID: (value) => /^[A-Za-z0-9]{1,11}$/.test(value) && /[A-Za-z]/.test(value),
  DeliveryStatusIAMRole: () => true,
  DeliveryStatusSuccessSamplingRate: isPercentage,
  MonthlySpendLimit: (value) => /^\d{1,9}$/.test(value),
  UsageReportS3Bucket: () => true,
};

/** The texts are recorded at AWS for one attribute each; unlike others they begin with the name. */
export function checkSmsAttributes(attributes: AttributeMap): void {
  for (const [name, value] of Object.entries(attributes)) {
    const isGood = Object.hasOwn(settable, name) ? settable[name] : undefined;
    if (isGood === undefined) throw invalid(`${name} is not a valid attribute`);
    if (value !== '' && !isGood(value)) throw invalid(`${name} is invalid`);
  }
}

export async function readSmsAttributes(
  { partition }: { readonly partition: Partition },
  scope: SmsScope,
): Promise<AttributeMap> {
  return { ...defaults, ...(await partition.entities.get<AttributeMap>(kind, scopePath(scope))) };
}

export async function writeSmsAttributes(
  { partition, turns }: { readonly partition: Partition; readonly turns: Turns },
  scope: SmsScope,
  change: AttributeMap,
): Promise<void> {
  const path = scopePath(scope);
  await turns.take(`SMS attributes of ${path}`, async () => {
    const before = await partition.entities.get<AttributeMap>(kind, path);
    const entries = Object.entries({ ...before, ...change }).filter(([, value]) => value !== '');
    await partition.entities.write({ kind, path, value: Object.fromEntries(entries) });
  });
}

/** How many percent of the deliveries that succeed are noted in the status log. */
export function smsSampleRate({ DeliveryStatusIAMRole, DeliveryStatusSuccessSamplingRate }: AttributeMap): number {
  return DeliveryStatusIAMRole === undefined ? 0 : Number(DeliveryStatusSuccessSamplingRate ?? 100);
}
