import { parseDate } from './dates.ts';
import { matchesGlob } from './glob.ts';
import { parseIpRange } from './ipRange.ts';
import type { PolicyVersion } from './policy.ts';
import type { ContextKey, RequestView } from './requestView.ts';
import { compileGlob, expandText, parseTemplate, splitTemplate, type Template } from './template.ts';

/** Whether a value of the request is what one value of the policy says. */
export type ValueTest = (actual: string, view: RequestView) => boolean;

export interface CompiledValue {
  readonly test: ValueTest;
  readonly variables: readonly ContextKey[];
}

export interface ConditionOperator {
  /** Holds when no value of the policy matches, and when the request lacks the key. */
  readonly isNegated: boolean;
  readonly compile: (value: string, version: PolicyVersion) => CompiledValue;
  /** Refuses a value when the policy is written. Most operators take what never matches. */
  readonly isValid?: (value: string) => boolean;
}

type Compile = ConditionOperator['compile'];

const decimal = /^[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d{1,4})?$/;
const base64 = /^[A-Za-z0-9+/]*={0,2}$/;
const arnParts = 6;

const never: ValueTest = () => false;

const stringEquals: Compile = (value, version) =>
  compileTemplate(parseTemplate(value, version), (template, view) => {
    const text = expandText(template, view);
    return text === undefined ? never : (actual) => actual === text;
  });

const stringEqualsIgnoreCase: Compile = (value, version) =>
  compileTemplate(parseTemplate(value, version), (template, view) => {
    const text = expandText(template, view)?.toLowerCase();
    return text === undefined ? never : (actual) => actual.toLowerCase() === text;
  });

const stringLike: Compile = (value, version) => compileLike(parseTemplate(value, version));

/** ArnEquals and ArnLike are the same. Each of the six parts is compared for itself. */
const arnLike: Compile = (value, version) => {
  const written = splitTemplate(parseTemplate(value, version), arnParts);
  const isOpen = written.length < arnParts && value.endsWith('*');
  const missing = isOpen ? Array<Template>(arnParts - written.length).fill(parseTemplate('*', version)) : [];
  const parts = [...written, ...missing].map(compileLike);
  return {
    variables: parts.flatMap(({ variables }) => variables),
    test: (actual, view) => {
      const actualParts = splitArn(actual);
      if (parts.length < arnParts || actualParts === undefined) return false;
      return parts.every(({ test }, index) => test(actualParts[index] ?? '', view));
    },
  };
};

const bool: Compile = (value) => {
  const expected = value.toLowerCase();
  const isBoolean = expected === 'true' || expected === 'false';
  return fixed(isBoolean ? (actual) => actual.toLowerCase() === expected : never);
};

/** Both sides are Base64; what they stand for is compared. */
const binaryEquals: Compile = (value) => {
  if (!base64.test(value)) return fixed(never);
  const expected = Buffer.from(value, 'base64');
  return fixed((actual) => base64.test(actual) && expected.equals(Buffer.from(actual, 'base64')));
};

const ipAddress: Compile = (value) => fixed(parseIpRange(value) ?? never);

export const conditionOperators: Readonly<Record<string, ConditionOperator>> = {
  StringEquals: positive(stringEquals),
  StringNotEquals: negated(stringEquals),
  StringEqualsIgnoreCase: positive(stringEqualsIgnoreCase),
  StringNotEqualsIgnoreCase: negated(stringEqualsIgnoreCase),
  StringLike: positive(stringLike),
  StringNotLike: negated(stringLike),
  ...comparisons('Numeric', parseDecimal),
  ...comparisons('Date', parseDate, (value) => parseDate(value) !== undefined),
  Bool: positive(bool),
  BinaryEquals: positive(binaryEquals),
  IpAddress: positive(ipAddress),
  NotIpAddress: negated(ipAddress),
  ArnEquals: positive(arnLike),
  ArnLike: positive(arnLike),
  ArnNotEquals: negated(arnLike),
  ArnNotLike: negated(arnLike),
};

function positive(compile: Compile): ConditionOperator {
  return { isNegated: false, compile };
}

function negated(compile: Compile): ConditionOperator {
  return { isNegated: true, compile };
}

function fixed(test: ValueTest): CompiledValue {
  return { test, variables: [] };
}

function compileLike(template: Template): CompiledValue {
  const globOfView = compileGlob(template, false);
  return compileTemplate(template, (_template, view) => {
    const glob = globOfView(view);
    return glob === undefined ? never : (actual) => matchesGlob(glob, actual);
  });
}

/** What has no variables is made ready once. */
function compileTemplate(
  template: Template,
  testOf: (template: Template, view: RequestView | undefined) => ValueTest,
): CompiledValue {
  const { variables } = template;
  if (variables.length === 0) return fixed(testOf(template, undefined));
  return { variables, test: (actual, view) => testOf(template, view)(actual, view) };
}

function comparisons(
  type: string,
  parse: (text: string) => number | undefined,
  isValid?: (value: string) => boolean,
): Record<string, ConditionOperator> {
  const comparing =
    (holds: (actual: number, bound: number) => boolean): Compile =>
    (value) => {
      const bound = parse(value);
      if (bound === undefined) return fixed(never);
      return fixed((text) => {
        const actual = parse(text);
        return actual !== undefined && holds(actual, bound);
      });
    };
  const equals = comparing((actual, bound) => actual === bound);
  const operators = {
    Equals: positive(equals),
    NotEquals: negated(equals),
    LessThan: positive(comparing((actual, bound) => actual < bound)),
    LessThanEquals: positive(comparing((actual, bound) => actual <= bound)),
    GreaterThan: positive(comparing((actual, bound) => actual > bound)),
    GreaterThanEquals: positive(comparing((actual, bound) => actual >= bound)),
  };
  return Object.fromEntries(
    Object.entries(operators).map(([name, operator]) => [
      `${type}${name}`,
      { ...operator, ...(isValid && { isValid }) },
    ]),
  );
}

function parseDecimal(text: string): number | undefined {
  return decimal.test(text) ? Number(text) : undefined;
}

/** The six parts of an ARN, of which the last may hold colons. */
function splitArn(text: string): readonly string[] | undefined {
  const parts = text.split(':');
  return parts.length < arnParts ? undefined : [...parts.slice(0, arnParts - 1), parts.slice(arnParts - 1).join(':')];
}
