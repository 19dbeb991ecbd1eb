/** The audit trail: records of who did what, shaped as CloudTrail's, and CloudTrail's LookupEvents to ask for them. */
import { randomUUID } from 'node:crypto';
import type { Identity } from '#access';
import {
  type Access,
  type AuditedCall,
  AwsError,
  type CallAudit,
  type CallContext,
  type ServedService,
} from '#aws/contract';
import { kms } from '#aws/generated/kms';
import type { Clock, KeyUse } from '#runtime';
import { isAccessRefusal } from './accessRefusals.ts';
import { cloudTrail } from './contract.ts';
import { fileBytes, files } from './limits.ts';
import { isDataEvent } from './operationKinds.ts';
import { lookupEvents } from './operations/lookupEvents.ts';
import { recordsOf } from './record.ts';
import { RefusalQuota } from './refusalQuota.ts';
import { Trail, type TrailLog } from './trail.ts';

export { TrailUnusable } from './trail.ts';

export interface CloudTrailOptions {
  /** Where the records go; without it there are none. */
  readonly directory?: string;
  readonly maxBytes?: number;
  readonly maxFiles?: number;
  /** Whether calls about messages are recorded, too. */
  readonly dataEvents?: boolean;
  readonly clock: Clock;
  readonly log: TrailLog;
  readonly defaultAccountId: string;
  readonly defaultRegion: string;
}

export interface RunningCloudTrail {
  /** The same one twice: the SDKs disagree on what precedes the operation in `x-amz-target`. */
  readonly services: readonly ServedService[];
  /** Absent where nothing is recorded. */
  readonly audit: CallAudit | undefined;
  /** A key was used by another service. */
  readonly keyUsed: ((use: KeyUse) => void) | undefined;
  /** Records that no disk has taken. */
  readonly lost: () => number;
  close(): Promise<void>;
}

/** Rejects with `TrailUnusable`. */
export async function createCloudTrail(options: CloudTrailOptions): Promise<RunningCloudTrail> {
  const { directory, maxBytes = fileBytes, maxFiles = files, clock, log } = options;
  const trail = directory === undefined ? undefined : await Trail.open({ directory, maxBytes, maxFiles, clock, log });
  const operations = {
    LookupEvents: (input: object, context: CallContext) => lookupEvents(trail, input, context),
  } as ServedService['operations'];
  const service: ServedService = { contract: cloudTrail, operations, accessOf };
  return {
    services: [service, { ...service, contract: { ...cloudTrail, targetPrefix: 'CloudTrail_20131101' } }],
    ...(trail === undefined ? { audit: undefined, keyUsed: undefined } : recorder(trail, options)),
    lost: () => trail?.lost ?? 0,
    close: async () => trail?.close(),
  };
}

function accessOf(operation: string, _input: never, { accountId }: CallContext): readonly Access[] {
  return [{ action: `cloudtrail:${operation}`, resource: '*', resourceAccountId: accountId, context: {} }];
}

function recorder(trail: Trail, options: CloudTrailOptions): Required<Pick<RunningCloudTrail, 'audit' | 'keyUsed'>> {
  const { dataEvents = false, clock, log, defaultAccountId, defaultRegion } = options;
  const quota = new RefusalQuota(clock.now());
  const record = (call: AuditedCall, invokedBy?: string) => {
    if (!isCall(call)) return;
    const now = clock.now();
    const suppressed = isOpenRefusal(call, dataEvents) ? quota.take(now) : 0;
    if (suppressed === undefined) return;
    const known = { now, defaultAccountId, defaultRegion, suppressed, ...(invokedBy !== undefined && { invokedBy }) };
    for (const each of recordsOf(call, known)) trail.append(JSON.stringify(each));
  };
  const safely = (act: () => void) => {
    try {
      act();
    } catch (error) {
      // The call has been done, and its answer is not to suffer.
      log.error({ err: error }, 'a call could not be recorded');
    }
  };
  return {
    audit: {
      wants: (service, operation, error) =>
        dataEvents || !isDataEvent(service, operation) || (error !== undefined && isAccessRefusal(error)),
      onCall: (call) => safely(() => record(call)),
    },
    keyUsed: (use) => safely(() => record(callOf(use, defaultAccountId, defaultRegion), invokerOf(use))),
  };
}

/** A refusal that costs whoever causes it nothing: without a right signature, or one of thousands about messages. */
function isOpenRefusal({ context, contract, operation, error }: AuditedCall, dataEvents: boolean): boolean {
  if (error === undefined) return false;
  if (context === undefined || context.caller?.principal.kind === 'anonymous') return true;
  return !dataEvents && isDataEvent(contract.service, operation);
}

/** A request that was refused before anyone looked at who sends it has asked for nothing. */
function isCall({ context, error }: AuditedCall): boolean {
  return context !== undefined || (error !== undefined && isAccessRefusal(error));
}

/** What the other service did, as if it had called KMS. */
function callOf(use: KeyUse, defaultAccountId: string, defaultRegion: string): AuditedCall {
  const { operation, input, keyArn, user, error } = use;
  const [, , , keyRegion = defaultRegion, keyAccount = defaultAccountId] = keyArn?.split(':') ?? [];
  const { accountId = keyAccount, region = keyRegion } = user ?? {};
  const caller = (user?.caller as Identity | undefined) ?? serviceIdentity(invokerOf(use));
  const requestId = randomUUID();
  const refusal = error === undefined ? undefined : refusalOf(error);
  return {
    ...{ contract: kms, operation, requestId, accessKeyId: '', region, input },
    context: { accountId, region, requestId, accessKeyId: '', caller, endpoint: '', client: nobody },
    ...(keyArn !== undefined && { output: { KeyId: keyArn } }),
    ...(refusal !== undefined && { error: refusal }),
    source: { address: '' },
  };
}

/** Who does not say so has put it into the encryption context: `aws:sqs:arn`. */
function invokerOf({ user, input }: KeyUse): string {
  const { EncryptionContext: context = {} } = input as {
    readonly EncryptionContext?: Readonly<Record<string, string>>;
  };
  const named = Object.keys(context).find((key) => /^aws:[a-z]+:/.test(key));
  return `${user?.service ?? named?.split(':')[1] ?? 'posthorn'}.amazonaws.com`;
}

function serviceIdentity(name: string): Identity {
  return { principal: { kind: 'service', accountId: '', arn: name, userId: name, context: {} }, policies: [] };
}

/** KMS's own error, which the one that services get has as its cause. */
function refusalOf(error: Error): AwsError {
  if (error instanceof AwsError) return error;
  if (error.cause instanceof AwsError) return error.cause;
  const isDenied = (error as { readonly reason?: string }).reason === 'access-denied';
  return new AwsError(isDenied ? 'AccessDenied' : 'KMSInternalException', error.message);
}

/** Nobody waits at the end of a connection for what services ask of each other. */
const nobody: CallContext['client'] = { gone: false, onGone: () => undefined };
