/** Platform applications: what mobile pushes need to know of an app, above all its credentials with the push service. */
import { X509Certificate } from 'node:crypto';
import type { CallContext } from '#aws/contract';
import type { Partition } from '#runtime';
import { checkArn } from './arn.ts';
import { invalidParameter, platformApplicationNotFound } from './errors.ts';
import { type ApplicationPath, checkApplicationArn } from './platformArn.ts';
import type { AttributeMap } from './records.ts';

/** Kind `sns-platform-application`, path `<account>/<region>/<platform>/<name>`. */
export interface ApplicationRecord extends ApplicationPath {
  /** A UUID: another application of the same name is another application. */
  readonly applicationId: string;
  readonly createdAt: number;
  /** What was set, the credentials among it. */
  readonly attributes: AttributeMap;
}

export const applicationKind = 'sns-platform-application';

export function applicationPath({ accountId, region, platform, name }: ApplicationPath): string {
  return `${accountId}/${region}/${platform}/${name}`;
}

/** Those of the documentation, and those that it has forgotten but names in ARNs and payload keys. */
export const platforms: readonly string[] = [
  'ADM',
  'APNS',
  'APNS_SANDBOX',
  'APNS_VOIP',
  'APNS_VOIP_SANDBOX',
  'BAIDU',
  'GCM',
  'MACOS',
  'MACOS_SANDBOX',
  'MPNS',
  'WNS',
];

export async function readApplication(
  { partition }: { readonly partition: Partition },
  path: ApplicationPath,
): Promise<ApplicationRecord | undefined> {
  return partition.entities.get<ApplicationRecord>(applicationKind, applicationPath(path));
}

/** The application that the ARN names. */
export async function findApplication(
  sns: { readonly partition: Partition },
  arn: string,
  context: CallContext,
): Promise<ApplicationRecord> {
  const path = checkApplicationArn(arn, context);
  const record = path && (await readApplication(sns, path));
  if (record === undefined) throw platformApplicationNotFound();
  return record;
}

/** Recorded at AWS. */
export function checkApplicationName(name: string): void {
  if (name === '') throw invalidParameter(`${name} Reason: cannot be empty`);
  if (name.length > 256) throw invalidParameter(`${name} Reason: must be at most 256 characters long`);
  if (/^[A-Za-z0-9._-]+$/.test(name)) return;
  throw invalidParameter(`${name} Reason: must contain only characters 'a'-'z', 'A'-'Z', '0'-'9', '_', '-', and '.'`);
}

type Check = (value: string) => string | undefined;

const anything: Check = () => undefined;
const boolean: Check = (value) => (/^(true|false)$/i.test(value) ? undefined : 'must be true or false');
const percentage: Check = (value) =>
  /^\d{1,3}$/.test(value) && Number(value) <= 100
    ? undefined
    : `${value} value provided is not an integer between 0-100`;
const notEmpty: Check = (value) => (value === '' ? 'cannot be empty' : undefined);

/** What is wrong with each attribute's value, if anything. An empty one is taken away. */
const settable: Readonly<Record<string, Check>> = {
  ApplePlatformBundleID: anything,
  ApplePlatformTeamID: anything,
  Enabled: boolean,
  EventDeliveryFailure: topicReason,
  EventEndpointCreated: topicReason,
  EventEndpointDeleted: topicReason,
  EventEndpointUpdated: topicReason,
  FailureFeedbackRoleArn: anything,
  PlatformCredential: notEmpty,
  PlatformPrincipal: anything,
  SuccessFeedbackRoleArn: anything,
  SuccessFeedbackSampleRate: percentage,
};

export function checkApplicationAttributes(attributes: AttributeMap): void {
  for (const [name, value] of Object.entries(attributes)) {
    const check = Object.hasOwn(settable, name) ? settable[name] : undefined;
    if (check === undefined) throw invalidParameter(`Attributes Reason: Invalid attribute name: ${name}`);
    const reason = value === '' && check !== notEmpty ? undefined : check(value);
    if (reason !== undefined) {
      throw invalidParameter(`Attributes Reason: Invalid value for attribute: ${name}: ${reason}`);
    }
  }
}

/** Only Google's applications have no principal. */
export function checkCredentials(platform: string, { PlatformCredential, PlatformPrincipal }: AttributeMap): void {
  const missing = (given: string, absent: string) =>
    invalidParameter(`Attributes Reason: ${given} attribute provided without ${absent}`);
  if (PlatformCredential === undefined && PlatformPrincipal !== undefined) {
    throw missing('PlatformPrincipal', 'PlatformCredential');
  }
  // AWS asks the push service whether they are good; here they only have to be there.
  if (PlatformCredential === undefined) throw invalidParameter('Attributes Reason: Platform credentials are invalid');
  if (PlatformPrincipal === undefined && platform !== 'GCM') {
    throw missing('PlatformCredential', 'PlatformPrincipal');
  }
}

/** Attributes after a change: one that is set to nothing is no longer set. */
export function mergeAttributes(before: AttributeMap, change: AttributeMap): AttributeMap {
  const merged = Object.entries({ ...before, ...change }).filter(([, value]) => value !== '');
  return Object.fromEntries(merged.map(([name, value]) => [name, name === 'Enabled' ? value.toLowerCase() : value]));
}

export function isEnabled({ attributes }: { readonly attributes: AttributeMap }): boolean {
  return attributes.Enabled !== 'false';
}

/** As answers show them: without the credentials, but with what can be seen from those. */
export function shownAttributes({ platform, attributes }: ApplicationRecord): Record<string, string> {
  const { PlatformCredential: credential = '', PlatformPrincipal: principal = '', ...shown } = attributes;
  return { Enabled: 'true', ...shown, ...authenticationOf(platform, credential, principal, attributes) };
}

function authenticationOf(platform: string, credential: string, principal: string, attributes: AttributeMap): object {
  if (platform === 'GCM') return { AuthenticationMethod: isJson(credential) ? 'token' : 'key' };
  if (!/^(APNS|MACOS)/.test(platform)) return {};
  if (attributes.ApplePlatformTeamID !== undefined) return { AuthenticationMethod: 'token' };
  const expiry = expiryOf(principal);
  return { AuthenticationMethod: 'certificate', ...(expiry !== undefined && { AppleCertificateExpiryDate: expiry }) };
}

function isJson(text: string): boolean {
  try {
    return typeof JSON.parse(text) === 'object';
  } catch {
    return false;
  }
}

function expiryOf(certificate: string): string | undefined {
  try {
    return new Date(new X509Certificate(certificate).validTo).toISOString();
  } catch {
    return undefined;
  }
}

function topicReason(arn: string): string | undefined {
  try {
    return checkArn(arn, '').service === 'sns' ? undefined : 'is not the ARN of a topic';
  } catch (error) {
    return (error as Error).message.replace(/^.*Reason: /, '');
  }
}
