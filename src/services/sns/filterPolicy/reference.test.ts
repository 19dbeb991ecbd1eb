import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { FilterableMessage } from './filterableMessage.ts';
import { FilterIndex } from './filterIndex.ts';
import { compileFilterPolicy } from './filterPolicy.ts';
import { JsonSyntaxError, readJsonTokens } from './jsonTokens.ts';

/**
 * Compiled policies against an interpreter that knows nothing of them: it takes the definition of AWS's rule engine word
 * for word, and tries everything. A body is a list of leaves; a policy matches when there is a leaf for every field, or
 * none where none may be, such that no two leaves are in different elements of one array.
 */
type Json = string | number | boolean | null | Json[] | { [name: string]: Json };
type JsonMap = { [name: string]: Json };

interface Leaf {
  readonly path: string;
  readonly value: Json;
  /** The arrays that its object is in, and in which element of each. */
  readonly elements: ReadonlyMap<object, number>;
}

const isMap = (value: Json | undefined): value is JsonMap =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

function leavesOf(object: JsonMap, prefix: string, elements: ReadonlyMap<object, number>): Leaf[] {
  return Object.entries(object).flatMap(([name, value]) => leavesAt(value, `${prefix}${name}`, elements, elements));
}

function leavesAt(value: Json, path: string, outer: Leaf['elements'], inner: Leaf['elements']): Leaf[] {
  if (Array.isArray(value)) {
    return value.flatMap((element, index) => leavesAt(element, path, outer, new Map([...inner, [value, index]])));
  }
  return isMap(value) ? leavesOf(value, `${path}.`, inner) : [{ path, value, elements: outer }];
}

function areConsistent(one: Leaf, other: Leaf): boolean {
  return [...one.elements].every(([array, index]) => (other.elements.get(array) ?? index) === index);
}

/** Every way to choose from the `$or`s, as paths with what is asked there. */
function alternativesOf(policy: JsonMap, prefix = ''): Map<string, Json[]>[] {
  let alternatives: Map<string, Json[]>[] = [new Map()];
  for (const [name, value] of Object.entries(policy)) {
    const path = `${prefix}${name}`;
    const options = optionsOf(name, value, path, prefix);
    alternatives = alternatives.flatMap((before) => options.map((option) => new Map([...before, ...option])));
  }
  return alternatives;
}

function optionsOf(name: string, value: Json | undefined, path: string, prefix: string): Map<string, Json[]>[] {
  if (name === '$or' && Array.isArray(value))
    return value.flatMap((one) => (isMap(one) ? alternativesOf(one, prefix) : []));
  if (isMap(value)) return alternativesOf(value, `${path}.`);
  return [new Map([[path, Array.isArray(value) ? value : []]])];
}

function interpret(policy: JsonMap, leaves: readonly Leaf[]): boolean {
  return alternativesOf(policy).some((fields) => findLeaves([...fields], leaves, []));
}

function findLeaves(fields: [string, Json[]][], leaves: readonly Leaf[], chosen: (Leaf | string)[]): boolean {
  const [field, ...others] = fields;
  if (field === undefined) return isAllowed(leaves, chosen);
  const [path, patterns] = field;
  const candidates: (Leaf | string)[] = leaves.filter((leaf) => leaf.path === path && accepts(patterns, leaf.value));
  if (patterns.some((pattern) => isMap(pattern) && pattern.exists === false)) candidates.push(path);
  return candidates.some((candidate) => findLeaves(others, leaves, [...chosen, candidate]));
}

function isAllowed(leaves: readonly Leaf[], chosen: readonly (Leaf | string)[]): boolean {
  const present = chosen.filter((choice) => typeof choice !== 'string');
  if (!present.every((one) => present.every((other) => areConsistent(one, other)))) return false;
  const absent = chosen.filter((choice) => typeof choice === 'string');
  return absent.every(
    (path) => !leaves.some((leaf) => leaf.path === path && present.every((other) => areConsistent(leaf, other))),
  );
}

function accepts(patterns: readonly Json[], value: Json): boolean {
  return patterns.some((pattern) => (isMap(pattern) ? acceptsExpression(pattern, value) : pattern === value));
}

function acceptsExpression(expression: JsonMap, value: Json): boolean {
  const [[operator, operand]] = Object.entries(expression) as [[string, Json]];
  if (operator === 'exists') return operand === true && value !== null && value !== '';
  if (operator === 'anything-but') return !excludes(operand, value);
  if (operator === 'numeric') return typeof value === 'number' && isNumericMatch(operand as Json[], value);
  if (typeof value !== 'string') return false;
  return acceptsText(operator, String(operand), value);
}

function excludes(operand: Json, value: Json): boolean {
  if (!isMap(operand)) return [operand].flat().some((one) => one === value);
  const [[operator, texts]] = Object.entries(operand) as [[string, Json]];
  return typeof value === 'string' && [texts].flat().some((text) => acceptsText(operator, String(text), value));
}

function acceptsText(operator: string, text: string, value: string): boolean {
  if (operator === 'prefix') return value.slice(0, text.length) === text;
  if (operator === 'suffix') return value.length >= text.length && value.slice(value.length - text.length) === text;
  if (operator === 'equals-ignore-case') return value.toUpperCase() === text.toUpperCase();
  if (operator === 'cidr') return networkNumber(value, text.split('/')[1]) === networkNumber(...splitNetwork(text));
  const source = [...text]
    .map((character) => (character === '*' ? '[^]*' : character.replace(/[.\\"]/, '\\$&')))
    .join('');
  return new RegExp(`^${source}$`).test(value);
}

function splitNetwork(text: string): [string, string | undefined] {
  const [address = '', bits] = text.split('/');
  return [address, bits];
}

function networkNumber(address: string, bits: string | undefined): number {
  const bytes = address.split('.').map(Number);
  if (bytes.length !== 4) return Number.NaN;
  return Math.floor(bytes.reduce((sum, byte) => sum * 256 + byte, 0) / 2 ** (32 - Number(bits)));
}

function isNumericMatch(comparisons: readonly Json[], value: number): boolean {
  const comparing: Record<string, (bound: number) => boolean> = {
    '=': (bound) => value === bound,
    '<': (bound) => value < bound,
    '<=': (bound) => value <= bound,
    '>': (bound) => value > bound,
    '>=': (bound) => value >= bound,
  };
  return comparisons.every(
    (word, index) => index % 2 === 1 || comparing[String(word)]?.(Number(comparisons[index + 1])),
  );
}

const text = fc.constantFrom('x', 'y', 'xy', 'yx', 'X', 'xyx', '', '10.0.0.7', '10.0.1.7', '1', 'true');
const number = fc.constantFrom(0, 1, 2, 2.5, -1);
const scalar = fc.oneof(text, number, fc.constantFrom(true, false, null));
const affix = fc.constantFrom('x', 'y', 'xy', '10.0.');
const glob = fc.constantFrom('x*', '*y', '*x*', 'x*x', '*', '10.*.7', 'xy');
const oneOrMore = <T extends Json>(of: fc.Arbitrary<T>): fc.Arbitrary<Json> =>
  fc.oneof(of, fc.array(of, { minLength: 1, maxLength: 3 }));
const textOperand = (operator: string, of: fc.Arbitrary<Json>) => of.map((operand) => ({ [operator]: operand }));

const pattern: fc.Arbitrary<Json> = fc.oneof(
  { weight: 4, arbitrary: scalar },
  { weight: 2, arbitrary: fc.boolean().map((exists) => ({ exists })) },
  textOperand('prefix', affix),
  textOperand('suffix', affix),
  textOperand('equals-ignore-case', affix),
  textOperand('wildcard', glob),
  textOperand('cidr', fc.constantFrom('10.0.0.0/24', '10.0.0.0/16', '10.0.1.9/24')),
  textOperand('numeric', fc.constantFrom<Json[]>(['=', 1], ['<', 1], ['>=', 0], ['>', -1, '<=', 2], ['<=', 0])),
  fc
    .oneof(
      oneOrMore(text),
      oneOrMore(number),
      textOperand('prefix', oneOrMore(affix)),
      textOperand('suffix', oneOrMore(affix)),
      textOperand('equals-ignore-case', oneOrMore(affix)),
      textOperand('wildcard', oneOrMore(glob)),
    )
    .map((operand) => ({ 'anything-but': operand })),
);

const patterns = fc.array(pattern, { minLength: 1, maxLength: 3 });
const name = fc.constantFrom('a', 'b', 'c', 'd.a');
const objectOf = (member: fc.Arbitrary<Json>, minKeys: number): fc.Arbitrary<JsonMap> =>
  fc.dictionary(name, member, { minKeys, maxKeys: 3 });

/** Objects of patterns, some with alternatives at the end or at the beginning. */
function policyOf(member: fc.Arbitrary<Json>): fc.Arbitrary<JsonMap> {
  const plain = objectOf(member, 1);
  const alternatives = fc.array(plain, { minLength: 2, maxLength: 3 });
  return fc.oneof(
    { weight: 3, arbitrary: plain },
    { weight: 1, arbitrary: fc.tuple(plain, alternatives).map(([object, $or]) => ({ ...object, $or })) },
    { weight: 1, arbitrary: fc.tuple(plain, alternatives).map(([object, $or]) => ({ $or, ...object })) },
  );
}

const attributePolicy = policyOf(patterns);
const bodyPolicy = policyOf(fc.oneof({ weight: 2, arbitrary: patterns }, { weight: 1, arbitrary: policyOf(patterns) }));

const { body } = fc.letrec<{ body: JsonMap; value: Json }>((tie) => ({
  body: objectOf(tie('value'), 0),
  value: fc.oneof(
    { maxDepth: 4 },
    { weight: 5, arbitrary: scalar },
    { weight: 2, arbitrary: fc.array(tie('value'), { maxLength: 3 }) },
    { weight: 2, arbitrary: tie('body') },
  ),
}));

const attributes = fc.dictionary(name, fc.oneof(scalar, fc.array(scalar, { maxLength: 3 })), { maxKeys: 4 });

/** As a publisher writes values; what can't be an attribute of its own is an array of one. */
function attributeOf(value: Json) {
  if (typeof value === 'string') return { DataType: 'String', StringValue: value };
  if (typeof value === 'number') return { DataType: 'Number', StringValue: String(value) };
  return { DataType: 'String.Array', StringValue: JSON.stringify(Array.isArray(value) ? value : [value]) };
}

function messageOf(ofAttributes: JsonMap, ofBody: JsonMap): FilterableMessage {
  const entries = Object.entries(ofAttributes).map(([key, value]) => [key, attributeOf(value)] as const);
  return new FilterableMessage({ attributes: Object.fromEntries(entries), body: JSON.stringify(ofBody) });
}

function compile(policy: JsonMap, scope: 'MessageAttributes' | 'MessageBody') {
  try {
    return compileFilterPolicy(JSON.stringify(policy), scope);
  } catch (error) {
    // Those that multiply beyond the limits are no subject here.
    if (error instanceof Error && error.message.endsWith('Filter policy is too complex')) return undefined;
    throw error;
  }
}

/** Checks a comparison on many policies and messages, and that it was not the same answer every time. */
function compareOften(property: (report: (matches: boolean) => void) => void): void {
  const seen = { matching: 0, others: 0 };
  property((matches) => {
    if (matches) seen.matching++;
    else seen.others++;
  });
  expect(seen.matching).toBeGreaterThan(100);
  expect(seen.others).toBeGreaterThan(100);
}

describe('compiled policies', () => {
  it('match the attributes that the interpreter matches', () => {
    compareOften((report) => {
      fc.assert(
        fc.property(attributePolicy, attributes, (policy, ofMessage) => {
          const compiled = compile(policy, 'MessageAttributes');
          fc.pre(compiled !== undefined);
          const leaves = Object.entries(ofMessage).flatMap(([path, value]) =>
            [value].flat().map((one): Leaf => ({ path, value: one as Json, elements: new Map() })),
          );
          const expected = leaves.length > 0 && interpret(policy, leaves);
          expect(compiled?.matches(messageOf(ofMessage, {}))).toBe(expected);
          report(expected);
        }),
        { numRuns: 2_000 },
      );
    });
  });

  it('match the bodies that the interpreter matches', () => {
    compareOften((report) => {
      fc.assert(
        fc.property(bodyPolicy, body, (policy, ofMessage) => {
          const compiled = compile(policy, 'MessageBody');
          fc.pre(compiled !== undefined);
          const expected = interpret(policy, leavesOf(ofMessage, '', new Map()));
          expect(compiled?.matches(messageOf({}, ofMessage))).toBe(expected);
          report(expected);
        }),
        { numRuns: 3_000 },
      );
    });
  });

  it('are found by the index as by asking each', () => {
    const subscription = fc.record({
      key: fc.integer({ min: 0, max: 15 }),
      policy: fc.oneof(
        attributePolicy.map((policy) => compile(policy, 'MessageAttributes')),
        bodyPolicy.map((policy) => compile(policy, 'MessageBody')),
        fc.constant(undefined),
      ),
    });
    const messages = fc.array(fc.tuple(attributes, body), { minLength: 1, maxLength: 4 });
    fc.assert(
      fc.property(fc.array(subscription, { maxLength: 40 }), messages, (changes, published) => {
        const index = new FilterIndex<number>();
        const policies = new Map<number, NonNullable<ReturnType<typeof compile>>>();
        for (const { key, policy } of changes) {
          if (policy === undefined) expect(index.delete(key)).toBe(policies.delete(key));
          else {
            index.set(key, policy);
            policies.set(key, policy);
          }
        }
        expect(index.size).toBe(policies.size);
        for (const [ofAttributes, ofBody] of published) {
          const message = messageOf(ofAttributes, ofBody);
          const expected = [...policies].filter(([, policy]) => policy.matches(message)).map(([key]) => key);
          expect(index.matching(message).toSorted((a, b) => a - b)).toEqual(expected.toSorted((a, b) => a - b));
        }
      }),
      { numRuns: 400 },
    );
  });
});

describe('the reader of JSON', () => {
  const isRead = (source: string) => {
    try {
      return readJsonTokens(source).length > 0;
    } catch (error) {
      expect(error).toBeInstanceOf(JsonSyntaxError);
      return false;
    }
  };
  const isParsed = (source: string) => {
    try {
      JSON.parse(source);
      return true;
    } catch {
      return false;
    }
  };

  it('takes every JSON text', () => {
    fc.assert(
      fc.property(fc.json(), fc.nat({ max: 2 }), (source, indent) => {
        expect(isRead(JSON.stringify(JSON.parse(source), null, indent))).toBe(true);
      }),
    );
  });

  it('refuses what is not one', () => {
    const fragment = fc.constantFrom(
      '{',
      '}',
      '[',
      ']',
      '"',
      ':',
      ',',
      '"a"',
      '1',
      '-',
      '.',
      'e',
      '0',
      'true',
      'nul',
      ' ',
      '\\',
      '\n',
      'é',
    );
    fc.assert(
      fc.property(
        fc.array(fragment, { maxLength: 9 }).map((fragments) => fragments.join('')),
        (source) => {
          expect(isRead(source)).toBe(isParsed(source));
        },
      ),
      { numRuns: 5_000 },
    );
  });

  it('refuses texts with a character that was changed', () => {
    fc.assert(
      fc.property(fc.json(), fc.nat(), fc.constantFrom('', '"', ',', ']', 'x', '\\', '\u0001'), (source, seed, by) => {
        const at = seed % (source.length + 1);
        const changed = source.slice(0, at) + by + source.slice(at + 1);
        expect(isRead(changed)).toBe(isParsed(changed));
      }),
      { numRuns: 3_000 },
    );
  });
});
