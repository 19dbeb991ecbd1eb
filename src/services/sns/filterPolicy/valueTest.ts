import { networkTest } from './network.ts';
import type { NumericRange, Scalar, ValuePattern } from './valuePattern.ts';
import { matchesWildcard } from './wildcard.ts';

/** The patterns of a field, compiled: any of them may match. */
export interface ValueTest {
  /** The values that match because they are written in the policy. */
  readonly values: ReadonlySet<Scalar>;
  /** Nothing but `values` matches. */
  readonly isExact: boolean;
  /** A property that is not there matches: `"exists": false`. */
  readonly acceptsAbsence: boolean;
  readonly matches: (value: Scalar) => boolean;
}

type Predicate = (value: Scalar) => boolean;

export function compilePatterns(patterns: readonly ValuePattern[]): ValueTest {
  const values = new Set(patterns.flatMap((pattern) => (pattern.kind === 'equals' ? [pattern.value] : [])));
  const acceptsAbsence = patterns.some((pattern) => pattern.kind === 'exists' && !pattern.exists);
  const others = patterns.flatMap((pattern) => predicateOf(pattern) ?? []);
  const isExact = others.length === 0 && !acceptsAbsence;
  const matches = isExact
    ? (value: Scalar) => values.has(value)
    : (value: Scalar) => values.has(value) || others.some((matchesOther) => matchesOther(value));
  return { values, isExact, acceptsAbsence, matches };
}

/** Undefined of what has no predicate: exact values are looked up, and what must not exist has no value. */
function predicateOf(pattern: ValuePattern): Predicate | undefined {
  switch (pattern.kind) {
    case 'equals':
      return undefined;
    case 'prefix':
      return ofText((text) => text.startsWith(pattern.text));
    case 'suffix':
      return ofText((text) => text.endsWith(pattern.text));
    case 'equals-ignore-case': {
      const wanted = pattern.text.toLowerCase();
      return ofText((text) => text.toLowerCase() === wanted);
    }
    case 'wildcard':
      return ofText((text) => matchesWildcard(pattern.pieces, text));
    case 'cidr':
      return ofText(networkTest(pattern.network));
    case 'numeric':
      return (value) => typeof value === 'number' && isInRange(value, pattern.range);
    case 'exists':
      // AWS: "The key must have a non-null and non-empty value."
      return pattern.exists ? (value) => value !== null && value !== '' : undefined;
    case 'anything-but': {
      const { matches } = compilePatterns(pattern.patterns);
      return (value) => !matches(value);
    }
    default:
      return pattern satisfies never;
  }
}

function ofText(matches: (text: string) => boolean): Predicate {
  return (value) => typeof value === 'string' && matches(value);
}

function isInRange(value: number, { from, isFromIncluded, to, isToIncluded }: NumericRange): boolean {
  return (isFromIncluded ? value >= from : value > from) && (isToIncluded ? value <= to : value < to);
}
