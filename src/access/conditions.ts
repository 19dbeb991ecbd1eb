import {
  type CompiledValue,
  type ConditionOperator,
  conditionOperators,
  type ValueTest,
} from './conditionOperators.ts';
import type { ViewTest } from './patterns.ts';
import type { PolicyVersion } from './policy.ts';
import { type ContextKey, contextKey, type RequestView } from './requestView.ts';

/** One key under one operator, with the values that it may have. */
export interface ConditionEntry {
  readonly operator: string;
  readonly key: string;
  readonly values: readonly string[];
}

/** `ForAllValues:StringLikeIfExists`, taken apart. `one` is for keys that have one value. */
interface OperatorName {
  readonly quantity: 'one' | 'all' | 'any';
  readonly base: string;
  readonly isOptional: boolean;
}

const namePattern = /^(?:(ForAllValues|ForAnyValue):)?([A-Za-z]+?)(IfExists)?$/;

export function isConditionOperator(name: string): boolean {
  return parseOperator(name) !== undefined;
}

/** Whether a policy with this value can be written; what an operator can't read may still be there, and never matches. */
export function isConditionValue(operator: string, value: string): boolean {
  const { base = '' } = parseOperator(operator) ?? {};
  return operatorOf(base)?.isValid?.(value) ?? true;
}

export interface CompiledConditions {
  readonly tests: readonly ViewTest[];
  readonly keys: readonly ContextKey[];
}

/** All of them have to hold. */
export function compileConditions(entries: readonly ConditionEntry[], version: PolicyVersion): CompiledConditions {
  const keys: ContextKey[] = [];
  const tests = entries.flatMap(({ operator: name, key: written, values }) => {
    const parsed = parseOperator(name);
    if (parsed === undefined) return [];
    const key = contextKey(written);
    keys.push(key);
    if (parsed.base === 'Null') return [compileNull(key, values)];
    const operator = operatorOf(parsed.base);
    if (operator === undefined) return [];
    const compiled = values.map((value) => operator.compile(value, version));
    keys.push(...compiled.flatMap(({ variables }) => variables));
    return [compileTest(key, parsed, operator, compiled)];
  });
  return { tests, keys };
}

function parseOperator(name: string): OperatorName | undefined {
  const [, quantifier, base = '', optional] = namePattern.exec(name) ?? [];
  // Null asks whether the key is there, so neither addition would mean anything.
  if (base === 'Null') return name === base ? { quantity: 'one', base, isOptional: false } : undefined;
  if (operatorOf(base) === undefined) return undefined;
  const quantity = quantifier === undefined ? 'one' : quantifier === 'ForAllValues' ? 'all' : 'any';
  return { quantity, base, isOptional: optional !== undefined };
}

function operatorOf(base: string): ConditionOperator | undefined {
  return Object.hasOwn(conditionOperators, base) ? conditionOperators[base] : undefined;
}

/** `true`: the key must be missing; `false`: it must be there. */
function compileNull(key: ContextKey, values: readonly string[]): ViewTest {
  const wanted = new Set(values.map((value) => value.toLowerCase()));
  return (view) => {
    const value = view.valueOf(key);
    return wanted.has(String(value === undefined || (value.length === 0 && typeof value !== 'string')));
  };
}

function compileTest(
  key: ContextKey,
  { quantity, isOptional }: OperatorName,
  { isNegated }: ConditionOperator,
  compiled: readonly CompiledValue[],
): ViewTest {
  const tests = compiled.map(({ test }) => test);
  // Without a value, a negated operator holds, and so does one that speaks of all values, or only of a key that exists.
  const whenMissing = isOptional || quantity === 'all' || (quantity === 'one' && isNegated);
  return (view) => {
    const actual = view.valueOf(key);
    if (actual === undefined) return whenMissing;
    if (typeof actual === 'string' && quantity === 'one') return isOneOf(tests, actual, view) !== isNegated;
    const values = typeof actual === 'string' ? [actual] : actual;
    return holdsForSet(values, { quantity, isNegated, whenMissing }, (value) => isOneOf(tests, value, view));
  };
}

interface SetRule {
  readonly quantity: OperatorName['quantity'];
  readonly isNegated: boolean;
  readonly whenMissing: boolean;
}

/** An operator without a quantifier takes a set by any of its values: it is equal if one is, unequal if none is. */
function holdsForSet(
  values: readonly string[],
  { quantity, isNegated, whenMissing }: SetRule,
  matches: (value: string) => boolean,
): boolean {
  if (values.length === 0) return whenMissing;
  if (quantity === 'one') return values.some(matches) !== isNegated;
  // AWS takes a set of nothing but an empty text for one without values.
  if (values.every((value) => value === '')) return whenMissing;
  const holds = (value: string): boolean => matches(value) !== isNegated;
  return quantity === 'all' ? values.every(holds) : values.some(holds);
}

function isOneOf(tests: readonly ValueTest[], actual: string, view: RequestView): boolean {
  for (const test of tests) if (test(actual, view)) return true;
  return false;
}
