/**
 * Calls as CloudTrail records them (CloudTrail User Guide, "Record contents"). One call may make several records: the account
 * that called has one, and so has each other account whose resources it was about; they share an id.
 */
import { randomUUID } from 'node:crypto';
import { accountIdOfKey, type Identity, type Principal } from '#access';
import type { AuditedCall, AwsError } from '#aws/contract';
import { isAccessRefusal, recordedCode } from './accessRefusals.ts';
import { recordedMessage } from './errorMessage.ts';
import { userAgentCharacters } from './limits.ts';
import { isAnswerRecorded, isDataEvent, isReadOnly } from './operationKinds.ts';
import { type Parameters, recordedParameters } from './parameters.ts';
import { resourcesOf, type TrailResource } from './resources.ts';
import { foreignIdentity, type UserIdentity, unknownIdentity, userIdentityOf, webIdentity } from './userIdentity.ts';

export interface TrailRecord {
  readonly eventVersion: '1.11';
  readonly userIdentity: UserIdentity;
  /** To the second. */
  readonly eventTime: string;
  readonly eventSource: string;
  readonly eventName: string;
  readonly awsRegion: string;
  readonly sourceIPAddress: string;
  readonly userAgent: string;
  readonly errorCode?: string;
  readonly errorMessage?: string;
  readonly requestParameters: Parameters | null;
  readonly responseElements: Parameters | null;
  readonly additionalEventData?: Parameters;
  readonly requestID: string;
  readonly eventID: string;
  readonly readOnly: boolean;
  readonly resources?: readonly TrailResource[];
  readonly eventType: 'AwsApiCall';
  readonly managementEvent: boolean;
  readonly recipientAccountId: string;
  readonly sharedEventID?: string;
  readonly eventCategory: 'Management' | 'Data';
  readonly tlsDetails?: {
    readonly tlsVersion: string;
    readonly cipherSuite: string;
    readonly clientProvidedHostHeader?: string;
  };
}

export interface Recording {
  /** Milliseconds since the epoch. */
  readonly now: number;
  /** Of what nobody's account can be told of. */
  readonly defaultAccountId: string;
  readonly defaultRegion: string;
  /** Refusals before this one that are not on record. */
  readonly suppressed?: number;
  /** The service that made the call for somebody: its name is where it came from. */
  readonly invokedBy?: string;
}

export function recordsOf(call: AuditedCall, recording: Recording): readonly TrailRecord[] {
  const { contract, operation, context, input, output, error } = call;
  const { defaultAccountId, defaultRegion, invokedBy } = recording;
  const region = regionOf(call, defaultRegion);
  const accountId = context?.accountId ?? accountIdOfKey(call.accessKeyId) ?? defaultAccountId;
  const resources = resourcesOf(contract.service, input, output, { accountId, region });
  const caller = callerOf(call, accountId);
  const identity: UserIdentity = { ...caller, ...(invokedBy !== undefined && { invokedBy }) };
  const record = (recipientAccountId: string, userIdentity: UserIdentity, sharedEventID?: string): TrailRecord => ({
    eventVersion: '1.11',
    userIdentity,
    eventTime: wholeSecond(recording.now),
    eventSource: `${contract.service}.amazonaws.com`,
    eventName: operation,
    awsRegion: region,
    ...originOf(call, recording),
    ...errorOf(call),
    requestParameters: recordedParameters(contract, contract.operations[operation]?.input, input),
    responseElements: isAnswerRecorded(contract.service, operation)
      ? recordedParameters(contract, contract.operations[operation]?.output, output)
      : null,
    ...(recording.suppressed && { additionalEventData: { suppressedRefusals: recording.suppressed } }),
    requestID: call.requestId,
    eventID: randomUUID(),
    readOnly: isReadOnly(contract.service, operation),
    ...(resources.length > 0 && { resources }),
    eventType: 'AwsApiCall',
    ...eventKind(contract.service, operation),
    recipientAccountId,
    ...(sharedEventID !== undefined && { sharedEventID }),
    ...tlsOf(call),
  });
  const [home, ...others] = recipients(caller, accountId, resources, error);
  if (others.length === 0) return [record(home, identity)];
  const shared = randomUUID();
  const foreign = foreignIdentity(identity);
  return [record(home, identity, shared), ...others.map((other) => record(other, foreign, shared))];
}

/** IAM is one for all regions, and its records lie in the first. */
function regionOf({ contract, context, region }: AuditedCall, fallback: string): string {
  if (contract.service === 'iam') return 'us-east-1';
  return (context?.region ?? region) || fallback;
}

function callerOf({ context, accessKeyId, operation, output }: AuditedCall, accountId: string): UserIdentity {
  if (context === undefined) return unknownIdentity(accessKeyId);
  // Where signatures are not enforced, everybody is the root of the account that he names.
  const { principal }: Pick<Identity, 'principal'> = context.caller ?? { principal: rootOf(accountId) };
  const federated = operation === 'AssumeRoleWithWebIdentity' ? webIdentity(output) : undefined;
  return federated ?? userIdentityOf(principal, accessKeyId);
}

function rootOf(accountId: string): Principal {
  return { kind: 'root', accountId, arn: `arn:aws:iam::${accountId}:root`, userId: accountId, context: {} };
}

/**
 * Who gets a record. Who has no account leaves his with the owners of what he asked for; a refusal stays with the one who
 * was refused, so that nobody can write into another's records what he may not do.
 */
function recipients(
  { type }: UserIdentity,
  accountId: string,
  resources: readonly TrailResource[],
  error: AwsError | undefined,
): readonly [string, ...string[]] {
  const owners = [...new Set(resources.map((resource) => resource.accountId))].filter((owner) => owner !== 'aws');
  const [owner] = owners;
  const hasNoAccount = type === 'AWSAccount' || type === 'WebIdentityUser' || type === 'AWSService';
  if (hasNoAccount && owner !== undefined) return [owner, ...owners.slice(1)];
  const isRefused = type === 'Unknown' || (error !== undefined && isAccessRefusal(error));
  return [accountId, ...(isRefused ? [] : owners.filter((each) => each !== accountId))];
}

function originOf({ source }: AuditedCall, { invokedBy }: Recording) {
  if (invokedBy !== undefined) return { sourceIPAddress: invokedBy, userAgent: invokedBy };
  return { sourceIPAddress: source.address, userAgent: (source.userAgent ?? '').slice(0, userAgentCharacters) };
}

function errorOf(call: AuditedCall): Pick<TrailRecord, 'errorCode' | 'errorMessage'> {
  if (call.error === undefined) return {};
  return { errorCode: recordedCode(call.error), errorMessage: recordedMessage(call, call.error) };
}

function eventKind(service: string, operation: string): Pick<TrailRecord, 'managementEvent' | 'eventCategory'> {
  const isData = isDataEvent(service, operation);
  return { managementEvent: !isData, eventCategory: isData ? 'Data' : 'Management' };
}

function tlsOf({ source: { tls, host } }: AuditedCall): Pick<TrailRecord, 'tlsDetails'> {
  if (tls === undefined) return {};
  const { version: tlsVersion, cipher: cipherSuite } = tls;
  return { tlsDetails: { tlsVersion, cipherSuite, ...(host !== undefined && { clientProvidedHostHeader: host }) } };
}

function wholeSecond(milliseconds: number): string {
  return new Date(Math.floor(milliseconds / 1000) * 1000).toISOString().replace('.000Z', 'Z');
}
