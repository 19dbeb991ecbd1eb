/**
 * Faults on purpose, to test how clients take them: errors and delays, by rules that someone sets while the server runs.
 *
 * A rule is armed until it has hit `times` calls, then spent. The first armed rule that a call matches and that hits it
 * decides; where its share leaves a call alone, the next rule is asked. Rules are in memory only, on purpose: a restart
 * ends every fault.
 */
import { Prng } from '#std/prng';
import { AwsError, type ClientConnection, frontEndNamespace, type ServiceContract } from './contract.ts';
import {
  type FaultRule,
  type FaultyService,
  type InjectedError,
  modeledErrorOf,
  readFaultRule,
  statusOf,
} from './faultRule.ts';
import { faultLimits } from './limits.ts';

/** A rule as the list shows it. */
export interface FaultReport extends FaultRule {
  readonly id: string;
  /** Calls that the rule was for. */
  readonly matched: number;
  /** Those of them that it delayed or refused. */
  readonly hits: number;
}

/** What happens to one call: the delay first, then the error instead of the call, if there is one. */
export interface Fault {
  readonly delayMs: number;
  readonly error: AwsError | undefined;
}

interface SetRule {
  readonly id: string;
  readonly rule: FaultRule;
  readonly chance: () => number;
  matched: number;
  hits: number;
}

/** The members of inputs that name a queue, as a URL, by its name or as an ARN. */
const queueMembers = ['QueueUrl', 'QueueName', 'SourceArn'] as const;

export class Faults {
  readonly #services: readonly FaultyService[];
  readonly #random: () => number;
  #rules: SetRule[] = [];
  /** Those of the rules that may hit still: an empty list makes calls cost nothing. */
  #armed: SetRule[] = [];
  #nextId = 1;
  /** What ends the delays that are under way. */
  readonly #delayed = new Set<() => void>();
  #stopping = false;
  #spent: () => void = () => undefined;

  /** `random` gives numbers from 0 to 1, for rules without a seed. */
  constructor(services: readonly FaultyService[], random: () => number = Math.random) {
    this.#services = services;
    this.#random = random;
  }

  /** Whether any rule may hit still. */
  get isArmed(): boolean {
    return this.#armed.length > 0;
  }

  /** Calls the listener when the last rule that was armed has hit as often as it should. */
  onSpent(listener: () => void): void {
    this.#spent = listener;
  }

  /** Sets a rule, or says why that one can't be. */
  add(given: unknown): FaultReport | { readonly problem: string } {
    const read = readFaultRule(given, this.#services);
    if ('problem' in read) return read;
    if (this.#rules.length >= faultLimits.rulesMax) {
      return { problem: `There are ${faultLimits.rulesMax} rules already. Delete those that are no longer needed.` };
    }
    const { rule } = read;
    const seeded = rule.seed === undefined ? undefined : new Prng(rule.seed);
    const set: SetRule = {
      id: String(this.#nextId++),
      rule,
      chance: seeded === undefined ? this.#random : () => seeded.next(),
      matched: 0,
      hits: 0,
    };
    this.#rules.push(set);
    this.#armed.push(set);
    return report(set);
  }

  list(): FaultReport[] {
    return this.#rules.map(report);
  }

  /** Removes the rule of that id, or all; says how many those were. */
  remove(id?: string): number {
    const before = this.#rules.length;
    const stays = (each: SetRule) => id !== undefined && each.id !== id;
    this.#rules = this.#rules.filter(stays);
    this.#armed = this.#armed.filter(stays);
    return before - this.#rules.length;
  }

  /** What happens to a call, if anything does. */
  strike(contract: ServiceContract, operation: string, input: unknown): Fault | undefined {
    if (this.#armed.length === 0) return undefined;
    for (const set of this.#armed) {
      const { rule } = set;
      if (!matches(rule, contract, operation, input)) continue;
      set.matched += 1;
      if (set.chance() >= rule.share) continue;
      set.hits += 1;
      if (set.hits === rule.times) {
        this.#armed = this.#armed.filter((each) => each !== set);
        if (this.#armed.length === 0) this.#spent();
      }
      const error = rule.error && this.#errorOf(rule.error, set.id, contract);
      return { delayMs: rule.delayMs ?? 0, error };
    }
    return undefined;
  }

  /**
   * Ends as 'over' after so many milliseconds, and as 'stopping' as soon as the server stops: a call that began only then
   * would hold that up. Says nothing to a client that leaves before.
   */
  delay(milliseconds: number, client: ClientConnection, ended: (how: 'over' | 'stopping') => void): void {
    if (milliseconds === 0 || this.#stopping) {
      ended(milliseconds === 0 ? 'over' : 'stopping');
      return;
    }
    const forget = () => {
      clearTimeout(timer);
      this.#delayed.delete(stop);
    };
    const stop = () => {
      forget();
      ended('stopping');
    };
    const timer = setTimeout(() => {
      forget();
      ended('over');
    }, milliseconds);
    this.#delayed.add(stop);
    client.onGone(forget);
  }

  /** Ends all delays, those that are still to come included. */
  stop(): void {
    this.#stopping = true;
    for (const stop of [...this.#delayed]) stop();
  }

  #errorOf({ code, message, status }: InjectedError, id: string, contract: ServiceContract): AwsError {
    const own = this.#services.find((each) => each.contract === contract);
    const modeled = modeledErrorOf(contract, code);
    const queryCode = modeled && (own?.errorCodes?.[code]?.queryCode ?? modeled.code);
    const httpStatus = status ?? statusOf(code, own === undefined ? [] : [own]) ?? statusOf(code, this.#services);
    return new AwsError(code, message ?? `The fault rule ${id} of Posthorn injected this error.`, {
      httpStatus: httpStatus ?? 400,
      ...(queryCode !== undefined && { queryCode }),
      ...(modeled === undefined && { shapeNamespace: frontEndNamespace }),
    });
  }
}

function report({ id, rule, matched, hits }: SetRule): FaultReport {
  return { id, ...rule, matched, hits };
}

function matches(rule: FaultRule, contract: ServiceContract, operation: string, input: unknown): boolean {
  if (rule.service !== undefined && rule.service !== contract.service) return false;
  if (rule.operation !== undefined && rule.operation !== operation) return false;
  return rule.queue === undefined || rule.queue === queueNameOf(input);
}

/** The last part of a queue's URL or ARN is its name. */
function queueNameOf(input: unknown): string | undefined {
  if (typeof input !== 'object' || input === null) return undefined;
  const given = input as Readonly<Record<string, unknown>>;
  const member = queueMembers.find((name) => typeof given[name] === 'string');
  return member && /([^/:]*)\/?$/.exec(String(given[member]))?.[1];
}
