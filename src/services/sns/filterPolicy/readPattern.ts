import { invalidPolicy } from './errors.ts';
import type { JsonToken } from './jsonTokens.ts';
import * as limits from './limits.ts';
import { readNetwork } from './network.ts';
import type { PolicyReader } from './policyReader.ts';
import type { NumericRange, Scalar, ValuePattern } from './valuePattern.ts';
import { readWildcard } from './wildcard.ts';

/** The array of values of a field. The reader stands at its opening bracket, and afterwards at the closing one. */
export function readPatterns(reader: PolicyReader): readonly ValuePattern[] {
  const patterns: ValuePattern[] = [];
  for (let token = reader.next(); token.kind !== ']'; token = reader.next()) {
    patterns.push(token.kind === '{' ? readExpression(reader) : { kind: 'equals', value: readScalar(reader) });
  }
  if (patterns.length === 0) reader.fail('Empty arrays are not allowed');
  return patterns;
}

function readScalar(reader: PolicyReader): Scalar {
  const { kind } = reader.current;
  if (kind === 'null') return null;
  if (kind === 'true' || kind === 'false') return kind === 'true';
  if (kind === 'string' || kind === 'number') return readStringOrNumber(reader);
  return reader.fail('Match value must be String, number, true, false, or null');
}

type Operator = (reader: PolicyReader) => ValuePattern;

const operators: ReadonlyMap<string, Operator> = new Map<string, Operator>([
  ['prefix', (reader) => ({ kind: 'prefix', text: readTextOf('prefix', reader) })],
  ['suffix', (reader) => ({ kind: 'suffix', text: readTextOf('suffix', reader) })],
  ['equals-ignore-case', (reader) => ({ kind: 'equals-ignore-case', text: readTextOf('equals-ignore-case', reader) })],
  ['wildcard', (reader) => toWildcard(readTextOf('wildcard', reader), reader)],
  ['cidr', readCidr],
  ['numeric', readNumeric],
  ['exists', readExists],
  ['anything-but', readAnythingBut],
]);

/** `{ "operator": operand }`, up to and with the closing brace. */
function readExpression(reader: PolicyReader): ValuePattern {
  if (reader.next().kind !== 'name') reader.fail('Match expression name not found');
  const name = reader.current.text;
  const readOperand = operators.get(name) ?? reader.fail(`Unrecognized match type ${name}`);
  reader.next();
  const pattern = readOperand(reader);
  if (reader.next().kind !== '}') {
    const isList = name === 'numeric' || name === 'anything-but';
    reader.fail(isList ? 'Too many elements in numeric expression' : 'Only one key allowed in match expression');
  }
  return pattern;
}

function readTextOf(operator: string, reader: PolicyReader): string {
  if (reader.current.kind !== 'string') reader.fail(`${operator} match pattern must be a string`);
  return reader.readText();
}

function toWildcard(text: string, reader: PolicyReader): ValuePattern {
  const reading = readWildcard(text);
  return 'problem' in reading ? reader.fail(reading.problem) : { kind: 'wildcard', ...reading };
}

function readCidr(reader: PolicyReader): ValuePattern {
  // AWS says the name of another operator here.
  if (reader.current.kind !== 'string') reader.fail('prefix match pattern must be a string');
  const network = readNetwork(reader.readText());
  if ('problem' in network) throw invalidPolicy(network.problem);
  return { kind: 'cidr', network };
}

function readExists(reader: PolicyReader): ValuePattern {
  const { kind } = reader.current;
  if (kind !== 'true' && kind !== 'false') reader.fail('exists match pattern must be either true or false.');
  return { kind: 'exists', exists: kind === 'true' };
}

/** `["=", 5]`, or one of the comparisons, or a range of `>` or `>=` and `<` or `<=`, in this order. */
function readNumeric(reader: PolicyReader): ValuePattern {
  if (reader.current.kind !== '[') reader.fail('Value of numeric must be an array.');
  if (reader.next().kind !== 'string') reader.fail(`Invalid member in numeric match: ${reader.current.text}`);
  const operator = reader.readText();
  const operand = reader.next();
  if (operator !== '=' && !isComparison(operator)) reader.fail(`Unrecognized numeric range operator: ${operator}`);
  const bound = readBound(operator === '=' ? 'equals' : operator, operand, reader);
  const isLowerBound = operator === '>' || operator === '>=';
  if (reader.next().kind === ']') return { kind: 'numeric', range: rangeOf(operator, bound) };
  if (!isLowerBound) reader.fail('Too many elements in numeric expression');
  return { kind: 'numeric', range: readUpperBound(rangeOf(operator, bound), reader) };
}

function readUpperBound(lower: NumericRange, reader: PolicyReader): NumericRange {
  if (reader.current.kind !== 'string') reader.fail(`Bad value in numeric range: ${reader.current.text}`);
  const operator = reader.readText();
  if (operator !== '<' && operator !== '<=') reader.fail(`Bad numeric range operator: ${operator}`);
  const to = readBound(operator, reader.next(), reader);
  if (reader.next().kind !== ']') reader.fail('Too many terms in numeric range expression');
  if (to <= lower.from) reader.fail('Bottom must be less than top');
  return { ...lower, to, isToIncluded: operator === '<=' };
}

function isComparison(operator: string): boolean {
  return operator === '<' || operator === '<=' || operator === '>' || operator === '>=';
}

function readBound(operator: string, token: JsonToken, reader: PolicyReader): number {
  if (token.kind !== 'number') reader.fail(`Value of ${operator} must be numeric`);
  return checkMagnitude(Number(token.text), reader);
}

function checkMagnitude(value: number, reader: PolicyReader): number {
  const { numericMagnitude } = limits;
  if (Math.abs(value) <= numericMagnitude) return value;
  const written = `${numericMagnitude / 1e9}.0E9`;
  return reader.fail(`Value must be between -${written} and ${written}, inclusive`);
}

function rangeOf(operator: string, bound: number): NumericRange {
  const isUpperBound = operator === '=' || operator.startsWith('<');
  const isLowerBound = operator === '=' || operator.startsWith('>');
  return {
    from: isLowerBound ? bound : Number.NEGATIVE_INFINITY,
    isFromIncluded: operator !== '>',
    to: isUpperBound ? bound : Number.POSITIVE_INFINITY,
    isToIncluded: operator !== '<',
  };
}

/** A value, a list of values of one type, or one of four operators with a text or a list of texts. */
function readAnythingBut(reader: PolicyReader): ValuePattern {
  const { kind } = reader.current;
  if (kind === '{') return readAnythingButOperator(reader);
  if (kind === '[') return { kind: 'anything-but', patterns: readExcludedValues(reader) };
  if (kind !== 'string' && kind !== 'number') {
    reader.fail('Value of anything-but must be an array or single string/number value.');
  }
  return { kind: 'anything-but', patterns: [{ kind: 'equals', value: readExcludedValue(reader) }] };
}

function readExcludedValue(reader: PolicyReader): string | number {
  const value = readStringOrNumber(reader);
  return typeof value === 'number' ? checkMagnitude(value, reader) : value;
}

function readStringOrNumber(reader: PolicyReader): string | number {
  return reader.current.kind === 'number' ? Number(reader.current.text) : reader.readText();
}

function readExcludedValues(reader: PolicyReader): readonly ValuePattern[] {
  const patterns: ValuePattern[] = [];
  const kinds = new Set<JsonToken['kind']>();
  for (let { kind } = reader.next(); kind !== ']'; { kind } = reader.next()) {
    if (kind !== 'string' && kind !== 'number') {
      reader.fail('Inside anything but list, start|null|boolean is not supported.');
    }
    kinds.add(kind);
    patterns.push({ kind: 'equals', value: readExcludedValue(reader) });
  }
  if (kinds.size !== 1) {
    reader.fail('Inside anything but list, either all values are number or string, mixed type is not supported');
  }
  return patterns;
}

function readAnythingButOperator(reader: PolicyReader): ValuePattern {
  if (reader.next().kind !== 'name') reader.fail('Anything-But expression name not found');
  const operator = reader.current.text;
  if (!isExcludable(operator)) return reader.fail(`Unsupported anything-but pattern: ${operator}`);
  const patterns: ValuePattern[] = [];
  if (reader.next().kind === '[') {
    while (reader.next().kind !== ']') patterns.push(readExcludedText(operator, reader));
    if (patterns.length === 0) reader.fail('Empty arrays are not allowed');
  } else {
    patterns.push(readExcludedText(operator, reader));
  }
  if (reader.next().kind !== '}') reader.fail('Only one key allowed in match expression');
  return { kind: 'anything-but', patterns };
}

type Excludable = 'prefix' | 'suffix' | 'equals-ignore-case' | 'wildcard';

function isExcludable(operator: string): operator is Excludable {
  return ['prefix', 'suffix', 'equals-ignore-case', 'wildcard'].includes(operator);
}

function readExcludedText(operator: Excludable, reader: PolicyReader): ValuePattern {
  const text = readTextOf(operator, reader);
  if (operator === 'wildcard') return toWildcard(text, reader);
  const excludesEverything = text === '' && operator !== 'equals-ignore-case';
  if (excludesEverything) reader.fail('Null prefix/suffix not allowed');
  return { kind: operator, text };
}
