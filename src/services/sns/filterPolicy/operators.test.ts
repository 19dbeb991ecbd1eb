import { describe, expect, it } from 'vitest';
import { type FilterableAttribute, FilterableMessage } from './filterableMessage.ts';
import { compileFilterPolicy } from './filterPolicy.ts';

type Attributes = Readonly<Record<string, FilterableAttribute>>;

function passes(policy: unknown, attributes: Attributes): boolean {
  const compiled = compileFilterPolicy(JSON.stringify(policy), 'MessageAttributes');
  return compiled.matches(new FilterableMessage({ attributes, body: 'a text' }));
}

function bodyPasses(policy: unknown, body: unknown): boolean {
  const text = typeof body === 'string' ? body : JSON.stringify(body);
  return compileFilterPolicy(JSON.stringify(policy), 'MessageBody').matches(
    new FilterableMessage({ attributes: {}, body: text }),
  );
}

const string = (StringValue: string): FilterableAttribute => ({ DataType: 'String', StringValue });
const number = (StringValue: string): FilterableAttribute => ({ DataType: 'Number', StringValue });
const array = (...elements: unknown[]): FilterableAttribute => ({
  DataType: 'String.Array',
  StringValue: JSON.stringify(elements),
});

/** What of a policy's values matches which values of a property, in attributes and in bodies alike. */
describe.each<[string, unknown[], unknown[], unknown[]]>([
  ['exact strings', ['rugby', 'tennis'], ['rugby', 'tennis'], ['baseball', 'Rugby', 'rugby ', '']],
  ['exact numbers', [301.5, 7], [301.5, 7, 7.0], [301, -7, '7']],
  ['exact numbers beyond what is compared', [123456789012], [123456789012], [123456789013]],
  ['exact strings of digits', ['7'], ['7'], [7]],
  ['the keyword true', [true], [true], [false, 'true', 1]],
  ['the keywords false and null', [false, null], [false, null], [0, 'null', '']],
  ['prefix', [{ prefix: 'bas' }], ['baseball', 'basketball', 'bas'], ['rugby', 'ba', 'Baseball', 1]],
  ['an empty prefix', [{ prefix: '' }], ['baseball', ''], [1, null]],
  ['suffix', [{ suffix: 'ball' }], ['baseball', 'basketball', 'ball'], ['rugby', 'balls', 'BALL', 1]],
  ['equals-ignore-case', [{ 'equals-ignore-case': 'tennis' }], ['tennis', 'TENNIS', 'TenNis'], ['rugby', 'tenni']],
  ['wildcard', [{ wildcard: '*ball' }], ['baseball', 'ball'], ['balloon', 'BALL', 7]],
  ['wildcard in the middle', [{ wildcard: 'log-*-2025.txt' }], ['log-app-2025.txt', 'log--2025.txt'], ['log-2025.txt']],
  ['several wildcards', [{ wildcard: '*/src/*.js' }], ['app/src/index.js', '/src/.js'], ['app/src.js', 'src/a.js']],
  ['wildcards that may not overlap', [{ wildcard: 'a*a' }], ['aa', 'aba'], ['a']],
  ['wildcards that may not overlap inside', [{ wildcard: '*ab*bc*' }], ['abbc', 'xab-bcx'], ['abc']],
  ['wildcards that may not overlap at the end', [{ wildcard: 'a*bc*c' }], ['abcc'], ['abc', 'abc-']],
  ['only a wildcard', [{ wildcard: '*' }], ['', 'anything'], [1, null]],
  ['no wildcard', [{ wildcard: 'ball' }], ['ball'], ['balls', 'a ball']],
  ['escaped wildcards', [{ wildcard: 'a\\**' }], ['a*', 'a*b'], ['ab', 'a']],
  ['cidr', [{ cidr: '10.0.0.0/24' }], ['10.0.0.0', '10.0.0.255'], ['10.1.1.0', '10.0.0.256', '10.0.0', 'ten', 10]],
  ['cidr from within', [{ cidr: '10.0.0.77/24' }], ['10.0.0.0'], ['10.0.1.0']],
  [
    'cidr of IPv6',
    [{ cidr: '2001:db8::/32' }],
    ['2001:db8::1', '2001:0DB8:ffff::'],
    ['2001:db9::1', '10.0.0.1', '2001:db8::1%eth0'],
  ],
  ['everything by cidr', [{ cidr: '0.0.0.0/0' }], ['1.2.3.4'], ['::1', '::ffff:1.2.3.4', '']],
  ['numeric =', [{ numeric: ['=', 301.5] }], [301.5, 3.015e2], [301, '301.5']],
  ['numeric <', [{ numeric: ['<', 0] }], [-0.1, -100], [0, 1]],
  ['numeric <=', [{ numeric: ['<=', 0] }], [-0.1, 0], [0.1]],
  ['numeric >', [{ numeric: ['>', 0] }], [0.1, 1e12], [0, -1]],
  ['numeric >=', [{ numeric: ['>=', 0] }], [0, 5], [-0.1, null]],
  ['a numeric range', [{ numeric: ['>', 0, '<=', 150] }], [0.5, 122, 150], [0, 150.5, -1, 200]],
  ['a closed numeric range', [{ numeric: ['>=', -1, '<', 1] }], [-1, 0], [1]],
  ['anything-but a string', [{ 'anything-but': 'rugby' }], ['baseball', 'Rugby', 5, null, true], ['rugby']],
  ['anything-but strings', [{ 'anything-but': ['rugby', 'tennis'] }], ['baseball', 'football'], ['rugby', 'tennis']],
  ['anything-but numbers', [{ 'anything-but': [100, 500] }], [101, 100.1, '100'], [100, 500]],
  [
    'anything-but a prefix',
    [{ 'anything-but': { prefix: 'order-' } }],
    ['data-entry', 'order_number', 5],
    ['order-cancelled'],
  ],
  ['anything-but prefixes', [{ 'anything-but': { prefix: ['a', 'b'] } }], ['c', ''], ['a1', 'b1']],
  ['anything-but a suffix', [{ 'anything-but': { suffix: 'ball' } }], ['hockey', 'balls'], ['baseball']],
  ['anything-but suffixes', [{ 'anything-but': { suffix: ['.txt', '.rtf'] } }], ['a.png'], ['a.txt', 'a.rtf']],
  ['anything-but ignoring case', [{ 'anything-but': { 'equals-ignore-case': 'tennis' } }], ['rugby'], ['TENNIS']],
  ['anything-but a list ignoring case', [{ 'anything-but': { 'equals-ignore-case': ['a', 'B'] } }], ['c'], ['A', 'b']],
  ['anything-but a wildcard', [{ 'anything-but': { wildcard: 'test-*' } }], ['prod-us', 'test'], ['test-staging']],
  [
    'anything-but wildcards',
    [{ 'anything-but': { wildcard: ['*/lib/*', '*/bin/*'] } }],
    ['/usr/share/x'],
    ['/usr/lib/x', '/usr/bin/x'],
  ],
  ['any of several', ['a', { prefix: 'b' }, 1, { numeric: ['>', 5] }], ['a', 'bb', 1, 6], ['c', 2]],
  [
    'several anything-but, of which one always matches',
    [{ 'anything-but': 'a' }, { 'anything-but': 'b' }],
    ['a', 'b'],
    [],
  ],
  ['exists', [{ exists: true }], ['fans', 7, false], [null, '']],
  ['absence', [{ exists: false }], [], ['fans', 7, false, null]],
])('%s', (_, values, matching, others) => {
  const policy = { key: values };

  it.each([...matching.map((value) => [value, true]), ...others.map((value) => [value, false])])(
    '%j: %j',
    (value, expected) => {
      expect(bodyPasses(policy, { key: value, other: 1 })).toBe(expected);
      expect(bodyPasses(policy, { key: [value] })).toBe(expected);
      expect(passes(policy, { key: array(value) })).toBe(expected);
      if (typeof value === 'number') expect(passes(policy, { key: number(String(value)) })).toBe(expected);
      if (typeof value === 'string') expect(passes(policy, { key: string(value) })).toBe(expected);
    },
  );
});

describe('keys', () => {
  it('have to match all', () => {
    const policy = { customer_interests: ['rugby'], price_usd: [{ numeric: ['>', 100] }] };
    expect(passes(policy, { customer_interests: string('rugby'), price_usd: number('100.5') })).toBe(true);
    expect(passes(policy, { customer_interests: string('rugby'), price_usd: number('100') })).toBe(false);
    expect(passes(policy, { customer_interests: string('rugby') })).toBe(false);
  });

  it('accept the example of the guide', () => {
    const attributes = {
      customer_interests: array('soccer', 'rugby', 'hockey'),
      store: string('example_corp'),
      event: string('order_placed'),
      price_usd: number('210.75'),
    };
    const accepting = {
      store: ['example_corp'],
      event: [{ 'anything-but': 'order_cancelled' }],
      customer_interests: ['rugby', 'football', 'baseball'],
      price_usd: [{ numeric: ['>=', 100] }],
    };
    const rejecting = {
      store: ['example_corp'],
      event: ['order_cancelled'],
      encrypted: [false],
      customer_interests: ['basketball', 'baseball'],
    };
    expect(passes(accepting, attributes)).toBe(true);
    expect(passes(rejecting, attributes)).toBe(false);
    expect(passes({ ...accepting, encrypted: [false] }, attributes)).toBe(false);
  });

  it('may be alternatives', () => {
    const policy = {
      f1: ['v1'],
      $or: [{ f2: ['v2', 'v3'] }, { f3: ['v4'], $or: [{ f4: ['v5'] }, { f5: [{ exists: false }] }] }],
    };
    const f1 = string('v1');
    expect(passes(policy, { f1, f2: string('v3') })).toBe(true);
    expect(passes(policy, { f1, f3: string('v4'), f4: string('v5'), f5: string('x') })).toBe(true);
    expect(passes(policy, { f1, f3: string('v4') })).toBe(true);
    expect(passes(policy, { f1, f3: string('v4'), f5: string('x') })).toBe(false);
    expect(passes(policy, { f1, f2: string('v4') })).toBe(false);
    expect(passes(policy, { f2: string('v2') })).toBe(false);
  });

  it('take the later of two values', () => {
    const policy = { a: ['x'], $or: [{ a: ['y'] }, { b: ['z'] }] };
    expect(passes(policy, { a: string('y') })).toBe(true);
    expect(passes(policy, { a: string('x') })).toBe(false);
    expect(passes(policy, { a: string('x'), b: string('z') })).toBe(true);
  });

  it('named $or that are no operator are looked up', () => {
    expect(passes({ $or: ['x'] }, { $or: string('x') })).toBe(true);
    expect(bodyPasses({ $or: { a: ['x'] } }, { $or: { a: 'x' } })).toBe(true);
  });
});

describe('attributes', () => {
  it('that are absent match nothing but absence', () => {
    const other = { other: string('x') };
    for (const value of [null, '', { 'anything-but': 'x' }, { exists: true }, { wildcard: '*' }]) {
      expect(passes({ key: [value] }, other)).toBe(false);
    }
    expect(passes({ key: [{ exists: false }] }, other)).toBe(true);
    expect(passes({ key: ['x', { exists: false }] }, other)).toBe(true);
    expect(passes({ key: ['x', { exists: false }] }, { key: string('x') })).toBe(true);
    expect(passes({ key: ['x', { exists: false }] }, { key: string('y') })).toBe(false);
  });

  it('of which there are none match not even absence', () => {
    expect(passes({ key: [{ exists: false }] }, {})).toBe(false);
    expect(passes({ key: [null, { 'anything-but': 'whatever' }] }, {})).toBe(false);
  });

  it('match everything that has none if the policy is empty', () => {
    expect(passes({}, {})).toBe(true);
    expect(bodyPasses({}, 'no JSON')).toBe(true);
  });

  it('that are arrays match with any element', () => {
    const policy = { interests: ['rugby', { prefix: 'b' }] };
    expect(passes(policy, { interests: array('soccer', 'rugby') })).toBe(true);
    expect(passes(policy, { interests: array('soccer', 'baseball') })).toBe(true);
    expect(passes(policy, { interests: array('soccer') })).toBe(false);
    expect(passes({ interests: [{ 'anything-but': ['rugby'] }] }, { interests: array('rugby', 'baseball') })).toBe(
      true,
    );
    expect(passes({ interests: [{ 'anything-but': ['rugby'] }] }, { interests: array('rugby') })).toBe(false);
    const numbers = { DataType: 'Number.Array', StringValue: '[100, 50]' };
    expect(passes({ price: [{ 'anything-but': [100, 500] }] }, { price: numbers })).toBe(true);
  });

  it('that are empty arrays are not there', () => {
    expect(passes({ interests: [{ exists: true }] }, { interests: array(), other: string('x') })).toBe(false);
    expect(passes({ interests: [{ exists: false }] }, { interests: array(), other: string('x') })).toBe(true);
  });

  it('that only say they are arrays are taken as they are', () => {
    const value = { DataType: 'String.Array', StringValue: "['rugby']" };
    expect(passes({ interests: ['rugby'] }, { interests: value })).toBe(false);
    expect(passes({ interests: ["['rugby']"] }, { interests: value })).toBe(true);
  });

  it('of custom types are of the type before the dot', () => {
    expect(
      passes({ price: [{ numeric: ['=', 5] }] }, { price: { DataType: 'Number.float', StringValue: '5.0' } }),
    ).toBe(true);
    expect(passes({ price: ['5'] }, { price: { DataType: 'String.price', StringValue: '5' } })).toBe(true);
  });

  it('with binary data are not there', () => {
    const data = { DataType: 'Binary', BinaryValue: new Uint8Array([1]) };
    expect(passes({ data: [{ exists: true }] }, { data, other: string('x') })).toBe(false);
    expect(passes({ data: [{ exists: false }] }, { data, other: string('x') })).toBe(true);
    expect(passes({ other: [{ exists: false }] }, { data })).toBe(false);
  });

  it('compare numbers as numbers', () => {
    expect(passes({ price: [{ numeric: ['=', 301.5] }] }, { price: number('3.015e2') })).toBe(true);
    expect(passes({ price: [301.5] }, { price: number(' 301.50 ') })).toBe(true);
    expect(passes({ price: [{ numeric: ['=', 301.5] }] }, { price: string('301.5') })).toBe(false);
    expect(passes({ price: [{ numeric: ['<', 5] }] }, { price: number('') })).toBe(false);
  });

  it('with quotation marks or backslashes are matched by escaping them twice', () => {
    const quoted = { key: string('say "hi"') };
    expect(passes({ key: ['say "hi"'] }, quoted)).toBe(false);
    expect(passes({ key: ['say \\"hi\\"'] }, quoted)).toBe(true);
    expect(passes({ key: [{ suffix: '\\\\b' }] }, { key: string('a\\b') })).toBe(true);
    expect(bodyPasses({ key: ['say "hi"'] }, { key: 'say "hi"' })).toBe(true);
  });

  it('have names with dots that are just names', () => {
    expect(passes({ 'a.b': ['x'] }, { 'a.b': string('x') })).toBe(true);
  });

  it('named like members of every object are looked up all the same', () => {
    expect(passes({ constructor: [{ exists: true }] }, { other: string('x') })).toBe(false);
    expect(passes({ toString: ['x'] }, { toString: string('x') })).toBe(true);
  });
});
