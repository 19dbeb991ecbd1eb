import { AwsError } from '#aws/contract';
import { KeyUnusable } from '#runtime';
import { parseArn } from './arn.ts';
import type { ApplicationRecord } from './platformApplications.ts';
import { applicationArn } from './platformArn.ts';
import { checkPublication } from './publication.ts';
import { publishAll } from './publishing.ts';
import type { Sns } from './service.ts';

export type PlatformEvent = 'EndpointCreated' | 'EndpointDeleted' | 'EndpointUpdated' | 'DeliveryFailure';

/**
 * Tells of an event where the application's attribute `Event...` says, if it does. The names EventType, EndpointArn and
 * FailureType are AWS's, seen in programs that read its messages.
 */
export async function announce(
  sns: Sns,
  application: ApplicationRecord,
  event: PlatformEvent,
  endpointArn: string,
  publicUrl: string,
  details: Readonly<Record<string, string | number>> = {},
): Promise<void> {
  const arn = parseArn(application.attributes[`Event${event}`] ?? '');
  if (arn === undefined) return;
  const topic = await sns.topics.find({ accountId: arn.accountId, region: arn.region, name: arn.resource });
  if (topic === undefined) return;
  const now = sns.partition.now();
  const message = {
    ...{ EventType: event, EndpointArn: endpointArn, Resource: applicationArn(application), Service: 'SNS' },
    ...{ Time: new Date(now).toISOString(), ...details },
  };
  try {
    const publication = checkPublication({ Message: JSON.stringify(message) }, topic, now);
    await publishAll(sns, topic, [publication], { endpoint: publicUrl });
  } catch (error) {
    // A FIFO topic, which takes no such message, or one whose key can't be used must not keep anybody from changing an endpoint.
    if (!(error instanceof AwsError || error instanceof KeyUnusable)) throw error;
  }
}
