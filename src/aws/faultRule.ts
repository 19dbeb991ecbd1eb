/**
 * A fault rule: which calls it is for, and what happens to them. It comes as JSON from someone who tests a client, so
 * everything in it is checked, and what is wrong is told in a sentence.
 */

import type { ServiceContract, StructureShape } from './contract.ts';
import { faultLimits } from './limits.ts';
import { universalErrors } from './universalErrors.ts';

export interface FaultRule {
  /** `sqs`; any service if absent. */
  readonly service?: string;
  /** `SendMessage`; any operation if absent. */
  readonly operation?: string;
  /** The name of the queue that the call is about; any, and calls about no queue too, if absent. */
  readonly queue?: string;
  /** The share of the calls that is hit, from 0 to 1. */
  readonly share: number;
  /** Makes the same calls be hit each time the rule is set again. */
  readonly seed?: number;
  readonly error?: InjectedError;
  readonly delayMs?: number;
  /** How many calls are hit, before the rule rests. */
  readonly times?: number;
}

export interface InjectedError {
  readonly code: string;
  readonly message?: string;
  readonly status?: number;
}

/** What a service's errors are called by the Query protocol, and their status, where the model does not say. */
export type ErrorCodes = Readonly<Record<string, { readonly queryCode?: string; readonly httpStatus?: number }>>;

export interface FaultyService {
  readonly contract: ServiceContract;
  readonly errorCodes?: ErrorCodes;
}

export type ReadRule = { readonly rule: FaultRule } | { readonly problem: string };

const members = ['service', 'operation', 'queue', 'share', 'seed', 'error', 'delayMs', 'times'] as const;
const errorMembers = ['code', 'message', 'status'] as const;

interface Check {
  readonly allowed: string;
  readonly holds: (value: unknown) => boolean;
}

const checks: Readonly<Record<Exclude<(typeof members)[number], 'service' | 'operation' | 'error'>, Check>> = {
  queue: {
    allowed: 'the name of a queue',
    holds: (value) => typeof value === 'string' && /^[\w.-]{1,80}$/.test(value),
  },
  share: {
    allowed: 'a number from 0 to 1',
    holds: (value) => typeof value === 'number' && value >= 0 && value <= 1,
  },
  seed: { allowed: 'a whole number', holds: Number.isSafeInteger },
  delayMs: wholeNumber(1, faultLimits.delayMaxMs),
  times: wholeNumber(1, faultLimits.timesMax),
};

const errorChecks: Readonly<Record<(typeof errorMembers)[number], Check>> = {
  // It stands in a header, too.
  code: {
    allowed: 'the code of an error: letters, digits, dots and underscores',
    holds: (value) => typeof value === 'string' && /^[A-Za-z][\w.]{0,127}$/.test(value),
  },
  message: {
    allowed: `a text of at most ${faultLimits.messageMaxLength} characters`,
    holds: (value) => typeof value === 'string' && value.length <= faultLimits.messageMaxLength,
  },
  status: wholeNumber(400, 599),
};

/** A rule as it is written, once it has been checked. */
type GivenRule = Omit<FaultRule, 'share' | 'error'> & {
  readonly share?: number;
  readonly error?: InjectedError | string;
};

export function readFaultRule(given: unknown, services: readonly FaultyService[]): ReadRule {
  const problem = isObject(given) ? problemOf(given, services) : 'A rule must be a JSON object.';
  if (problem !== undefined) return { problem };
  const { error, share = 1, ...rest } = given as GivenRule;
  const injected = typeof error === 'string' ? { code: error } : error;
  return { rule: { ...rest, share, ...(injected !== undefined && { error: injected }) } };
}

/** The status of an error by its name, in that service or in all of them; undefined for a name that nobody knows. */
export function statusOf(code: string, services: readonly FaultyService[]): number | undefined {
  for (const { contract, errorCodes } of services) {
    const modeled = modeledErrorOf(contract, code);
    if (modeled !== undefined) return errorCodes?.[code]?.httpStatus ?? modeled.httpStatus ?? 400;
  }
  return Object.hasOwn(universalErrors, code) ? universalErrors[code] : undefined;
}

/** What the model says of an error; undefined where the service has none of that name. */
export function modeledErrorOf({ shapes }: ServiceContract, code: string): StructureShape['error'] {
  const shape = Object.hasOwn(shapes, code) ? shapes[code] : undefined;
  return shape?.type === 'structure' ? shape.error : undefined;
}

function problemOf(given: Readonly<Record<string, unknown>>, services: readonly FaultyService[]): string | undefined {
  const unknown = unknownMember(given, members, 'a rule');
  if (unknown !== undefined) return unknown;
  const { error, delayMs } = given;
  if (error === undefined && delayMs === undefined)
    return 'A rule needs "error", "delayMs", or both: else nothing happens.';
  return targetProblem(given, services) ?? checkAll(given, checks, '') ?? errorProblem(error, services);
}

function targetProblem(
  { service, operation }: Readonly<Record<string, unknown>>,
  services: readonly FaultyService[],
): string | undefined {
  const chosen = service === undefined ? services : services.filter(({ contract }) => contract.service === service);
  if (chosen.length === 0) {
    return mustBe('service', service, `one of ${services.map(({ contract }) => contract.service).join(', ')}`);
  }
  if (operation === undefined) return undefined;
  const has = chosen.some(({ contract }) => Object.hasOwn(contract.operations, String(operation)));
  return has
    ? undefined
    : mustBe('operation', operation, `an operation of ${service ?? 'a service'}, like SendMessage`);
}

function errorProblem(error: unknown, services: readonly FaultyService[]): string | undefined {
  if (error === undefined) return undefined;
  if (typeof error === 'string') {
    if (statusOf(error, services) !== undefined) return undefined;
    const allowed = `an error that AWS has, like ${Object.keys(universalErrors).join(', ')}; any other is {"code": ..., "status": ...}`;
    return mustBe('error', error, allowed);
  }
  if (!isObject(error) || error.code === undefined) return mustBe('error', error, 'a name, or an object with a "code"');
  return unknownMember(error, errorMembers, 'an error') ?? checkAll(error, errorChecks, 'error.');
}

function unknownMember(given: object, known: readonly string[], kind: string): string | undefined {
  const unknown = Object.keys(given).find((name) => !known.includes(name));
  return unknown && `${JSON.stringify(unknown)} is nothing that ${kind} has. Known are ${known.join(', ')}.`;
}

function checkAll(
  given: Readonly<Record<string, unknown>>,
  all: Readonly<Record<string, Check>>,
  prefix: string,
): string | undefined {
  for (const [name, { allowed, holds }] of Object.entries(all)) {
    const value = given[name];
    if (value !== undefined && !holds(value)) return mustBe(prefix + name, value, allowed);
  }
  return undefined;
}

function mustBe(name: string, value: unknown, allowed: string): string {
  return `"${name}" is ${JSON.stringify(value)}, but must be ${allowed}.`;
}

function wholeNumber(min: number, max: number): Check {
  return {
    allowed: `a whole number from ${min} to ${max}`,
    holds: (value) => Number.isSafeInteger(value) && Number(value) >= min && Number(value) <= max,
  };
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
