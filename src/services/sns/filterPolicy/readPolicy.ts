import { nestedInAttributes, PolicyRefusal, tooComplex, tooLarge, tooManyKeys } from './errors.ts';
import * as limits from './limits.ts';
import { PolicyReader } from './policyReader.ts';
import { readPatterns } from './readPattern.ts';
import type { ValuePattern } from './valuePattern.ts';
import { wildcardPoints } from './wildcard.ts';

export type FilterPolicyScope = 'MessageAttributes' | 'MessageBody';

/** What a policy asks of one property. */
export interface Field {
  /** The names that lead to it, joined by dots. AWS takes a dot within a name for such a step too. */
  readonly path: string;
  /** How many objects it is in. */
  readonly depth: number;
  readonly patterns: readonly ValuePattern[];
}

/** Fields that all have to match, by path. */
export type Alternative = ReadonlyMap<string, Field>;

/** A policy matches when one of its alternatives does; without `$or` there is one. None: an empty policy. */
export function readPolicy(text: string, scope: FilterPolicyScope): readonly Alternative[] {
  if (Buffer.byteLength(text) > limits.policyBytes) throw tooLarge(limits.policyBytes);
  const reader = new PolicyReader(text);
  if (reader.isEmptyObject) return [];
  const { topLevelKeys, alternatives, isTooComplex } = readDocument(reader);
  const fields = alternatives.flatMap((alternative) => [...alternative.values()]);
  if (scope === 'MessageAttributes' && fields.some(({ depth }) => depth > 1)) throw nestedInAttributes();
  if (topLevelKeys.size > limits.topLevelKeys) throw tooManyKeys(limits.topLevelKeys);
  if (fields.some(({ path }) => path.split('.').length > limits.nestingDepth)) throw tooComplex();
  if (isTooComplex || countCombinations(alternatives) > limits.combinations) throw tooComplex();
  checkWildcards(new Set(fields));
  return alternatives;
}

/** Written with `$or` or, as AWS promises, with a property of that name if it can't be the operator. */
function readDocument(reader: PolicyReader): DocumentReading {
  const withOperator = tryToRead(reader, true);
  const reading = withOperator instanceof PolicyRefusal ? tryToRead(reader, false) : withOperator;
  if (reading instanceof DocumentReading) return reading;
  // Both failed: who writes `$or` means the operator.
  throw withOperator;
}

function tryToRead(reader: PolicyReader, knowsOr: boolean): DocumentReading | PolicyRefusal {
  try {
    reader.rewind();
    return new DocumentReading(reader, knowsOr);
  } catch (error) {
    if (error instanceof PolicyRefusal) return error;
    throw error;
  }
}

/** Names that AWS keeps for operators, those it has and those it may get. */
const reservedInAlternatives: ReadonlySet<string> = new Set(
  (
    'exactly equals-ignore-case prefix suffix anything-but exists wildcard numeric cidr = < <= > >= regex ' +
    'not-wildcard not-equals-ignore-case date-after date-on-or-after date-before date-on-or-before in-date-range ' +
    'ip-address-in-range ip-address-not-in-range'
  ).split(' '),
);

/** What `$or` multiplies lies in `alternatives`; a field is added to all of them. */
class DocumentReading {
  readonly topLevelKeys = new Set<string>();
  alternatives: Map<string, Field>[] = [new Map()];
  /** Every alternative is a combination. Beyond their number only the syntax is still of interest. */
  isTooComplex = false;
  readonly #reader: PolicyReader;
  readonly #knowsOr: boolean;

  constructor(reader: PolicyReader, knowsOr: boolean) {
    this.#reader = reader;
    this.#knowsOr = knowsOr;
    if (reader.next().kind !== '{') reader.fail('Filter is not an object');
    this.#readObject([], false);
  }

  #readObject(path: readonly string[], isInAlternative: boolean): void {
    const reader = this.#reader;
    if (reader.next().kind === '}') reader.fail('Empty objects are not allowed');
    for (; reader.current.kind !== '}'; reader.next()) {
      const name = reader.current.text;
      if (path.length === 0 && !isInAlternative) this.topLevelKeys.add(name);
      if (this.#knowsOr && name === '$or') this.#readAlternatives(path);
      else this.#readMember([...path, name], isInAlternative);
    }
  }

  #readMember(path: readonly string[], isInAlternative: boolean): void {
    const reader = this.#reader;
    const name = path.at(-1) ?? '';
    if (isInAlternative && reservedInAlternatives.has(name)) {
      reader.fail(`${name} is Ruler reserved fieldName which cannot be used inside $or.`);
    }
    const { kind } = reader.next();
    if (kind === '{') this.#readObject(path, isInAlternative);
    else if (kind === '[') this.#addField(path);
    else reader.fail(`"${name}" must be an object or an array`);
  }

  #addField(path: readonly string[]): void {
    const field = { path: path.join('.'), depth: path.length, patterns: readPatterns(this.#reader) };
    // The later of two of one path stays.
    for (const alternative of this.alternatives) alternative.set(field.path, field);
  }

  #readAlternatives(path: readonly string[]): void {
    const reader = this.#reader;
    if (reader.next().kind !== '[') reader.fail('It must be an Array followed with $or.');
    const before = this.alternatives;
    const after: Map<string, Field>[] = [];
    let count = 0;
    for (; reader.next().kind !== ']'; count++) {
      if (reader.current.kind !== '{') reader.fail('Only JSON object is allowed in array of $or relationship.');
      this.alternatives = this.isTooComplex ? [new Map()] : before.map((alternative) => new Map(alternative));
      this.#readObject(path, true);
      after.push(...this.alternatives);
      this.isTooComplex ||= after.length > limits.combinations;
      if (this.isTooComplex) after.length = 1;
    }
    if (count < 2) reader.fail('There must have at least 2 Objects in $or relationship.');
    this.alternatives = after;
  }
}

function countCombinations(alternatives: readonly Alternative[]): number {
  const counts = alternatives.map((alternative) =>
    [...alternative.values()].reduce((product, { patterns, depth }) => product * patterns.length * depth, 1),
  );
  return counts.reduce((sum, count) => sum + count, 0);
}

function checkWildcards(fields: ReadonlySet<Field>): void {
  let points = 0;
  for (const { patterns } of fields) {
    const wildcards = patterns.flatMap(piecesOf);
    if (wildcards.some((pieces) => pieces.length - 1 > limits.wildcardsPerPattern)) throw tooComplex();
    points += wildcards.reduce((sum, pieces) => sum + wildcardPoints(pieces), 0) * wildcards.length;
  }
  if (points > limits.wildcardPoints) throw tooComplex();
}

function piecesOf(pattern: ValuePattern): readonly (readonly string[])[] {
  if (pattern.kind === 'wildcard') return [pattern.pieces];
  return pattern.kind === 'anything-but' ? pattern.patterns.flatMap(piecesOf) : [];
}
