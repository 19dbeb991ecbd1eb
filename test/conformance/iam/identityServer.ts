/**
 * IAM and STS on a port of their own. Accounts are new for each test: the access key id of 12 digits names one, and is its
 * root. Keys and sessions that were made are believed by their id: whether signatures are right is tested elsewhere.
 */
import { IAMClient, type IAMServiceException } from '@aws-sdk/client-iam';
import { STSClient } from '@aws-sdk/client-sts';
import { expect } from 'vitest';
import type { Identity } from '#access';
import { startListener } from '#aws';
import type { CallContext, ServedService } from '#aws/contract';
import { createSealer, Partition, systemClock } from '#runtime';
import { createIam, type RunningIam } from '../../../src/services/iam/index.ts';
import { createSts, type IssuerSettings } from '../../../src/services/sts/index.ts';
import { MemoryStore } from '../../../src/storage/memory.ts';

export interface Keys {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken?: string;
}

export interface IdentityServer {
  readonly iam: RunningIam;
  readonly store: MemoryStore;
  readonly endpoint: string;
  iamClient(keys: Keys | string): IAMClient;
  stsClient(keys: Keys | string): STSClient;
  /** Lets time pass. */
  advance(milliseconds: number): void;
  now(): number;
  close(): Promise<void>;
}

interface Options {
  /** Whether callers are told apart. */
  readonly isEnforced?: boolean;
  readonly issuers?: readonly IssuerSettings[];
  readonly store?: MemoryStore;
}

export const sealingKey = Buffer.alloc(32, 7);

export async function startIdentityServer(options: Options = {}): Promise<IdentityServer> {
  const { isEnforced = false, issuers = [], store = new MemoryStore() } = options;
  let offset = 0;
  const now = () => Date.now() + offset;
  const clock = {
    now,
    nextTurn: () => systemClock.nextTurn(),
    schedule: (at: number, act: () => void) => systemClock.schedule(at, act),
  };
  const partition = await Partition.open(store, { clock });
  const sealer = createSealer(sealingKey);
  const iam = createIam(partition, sealer);
  const sts = createSts({ principals: iam, sealer, now, isEnforced, issuers });
  const tokens = new Map<string, string>();
  const services = [iam.service, sts.service].map((service) =>
    isEnforced ? withCallers(service, iam, tokens) : service,
  );
  const log = { error: (details: object, text: string) => expect.fail(`${text} ${JSON.stringify(details)}`) };
  const listener = await startListener({ host: '127.0.0.1', port: 0, services, log });
  const clients: { destroy(): void }[] = [];
  const settings = (keys: Keys | string) => {
    const credentials = typeof keys === 'string' ? { accessKeyId: keys, secretAccessKey: 'root' } : keys;
    if (credentials.sessionToken !== undefined) tokens.set(credentials.accessKeyId, credentials.sessionToken);
    return { endpoint: listener.url, region: 'eu-west-1', credentials, maxAttempts: 1 };
  };
  const kept = <Client extends { destroy(): void }>(client: Client): Client => {
    clients.push(client);
    return client;
  };
  return {
    ...{ iam, store, now, endpoint: listener.url },
    iamClient: (keys) => kept(new IAMClient(settings(keys))),
    stsClient: (keys) => kept(new STSClient(settings(keys))),
    advance: (milliseconds) => {
      offset += milliseconds;
    },
    close: async () => {
      for (const client of clients) client.destroy();
      await listener.close();
      await partition.close();
    },
  };
}

const anonymous: Identity = {
  principal: { kind: 'anonymous', accountId: '', arn: '', userId: '', context: {} },
  policies: [],
};

/** Tells operations who calls, as the edge does once it has verified the signature. */
function withCallers(service: ServedService, iam: RunningIam, tokens: ReadonlyMap<string, string>): ServedService {
  const operations = Object.entries(service.operations).map(([name, operation]) => {
    const call = async (input: never, context: CallContext) => {
      const { accessKeyId, accountId } = context;
      if (accessKeyId === '') return operation?.(input, { ...context, caller: anonymous });
      const holder = await iam.credentialHolder(accessKeyId, tokens.get(accessKeyId));
      const root = {
        kind: 'root',
        accountId,
        arn: `arn:aws:iam::${accountId}:root`,
        userId: accountId,
        context: {},
      } as const;
      const caller: Identity = holder?.identity ?? { principal: root, policies: [] };
      const known = { ...context, accountId: caller.principal.accountId, caller };
      return operation?.(input, known);
    };
    return [name, call] as const;
  });
  return { ...service, operations: Object.fromEntries(operations) };
}

let accounts = 100_000_000_000 + Math.floor(Math.random() * 800_000_000_000);

/** An account that nobody has used yet. */
export function newAccount(): string {
  accounts += 1;
  return String(accounts);
}

export interface Refusal {
  readonly code: string;
  readonly status?: number;
  readonly message: string | RegExp;
}

/** Expects this very refusal. */
export async function refused(call: Promise<unknown>, { code, status = 400, message }: Refusal): Promise<void> {
  const error = await call.then(
    (answer) => expect.fail(`answered ${JSON.stringify(answer)}`),
    (thrown: IAMServiceException) => thrown,
  );
  const { Code = error.name } = error as { Code?: string };
  expect({ code: Code, status: error.$metadata?.httpStatusCode, message: error.message }).toEqual({
    ...{ code, status },
    message: typeof message === 'string' ? message : expect.stringMatching(message),
  });
}

export const noSuchEntity = (message: string): Refusal => ({ code: 'NoSuchEntity', status: 404, message });
export const alreadyExists = (message: string): Refusal => ({ code: 'EntityAlreadyExists', status: 409, message });
export const deleteConflict = (message: string): Refusal => ({ code: 'DeleteConflict', status: 409, message });
export const limitExceeded = (message: string): Refusal => ({ code: 'LimitExceeded', status: 409, message });
export const validationError = (message: string | RegExp): Refusal => ({ code: 'ValidationError', message });
export const invalidInput = (message: string): Refusal => ({ code: 'InvalidInput', message });
export const malformedPolicy = (message: string | RegExp): Refusal => ({ code: 'MalformedPolicyDocument', message });
export const accessDenied = (message: string | RegExp): Refusal => ({ code: 'AccessDenied', status: 403, message });

export function policyText(...statements: readonly object[]): string {
  return JSON.stringify({ Version: '2012-10-17', Statement: statements });
}

export const allow = (Action: string | readonly string[], Resource: string | readonly string[] = '*') => ({
  ...{ Effect: 'Allow', Action, Resource },
});

export const deny = (Action: string | readonly string[], Resource: string | readonly string[] = '*') => ({
  ...{ Effect: 'Deny', Action, Resource },
});

export function trustOf(
  principal: object,
  action: string | readonly string[] = 'sts:AssumeRole',
  condition?: object,
): string {
  return policyText({
    Effect: 'Allow',
    Principal: principal,
    Action: action,
    ...(condition && { Condition: condition }),
  });
}

export const serviceTrust = trustOf({ Service: 'ec2.amazonaws.com' });
