import { describe, expect, it } from 'vitest';
import { AwsError } from '#aws/contract';
import { filterPolicyLimitExceeded } from './errors.ts';
import { compileFilterPolicy, type FilterPolicyScope, readFilterPolicyScope } from './filterPolicy.ts';

const at = (column: number, line = 1) =>
  `\n at [Source: REDACTED (\`StreamReadFeature.INCLUDE_SOURCE_IN_LOCATION\` disabled); line: ${line}, column: ${column}]`;

/** What SetSubscriptionAttributes says, without its `Invalid parameter: `. */
function refusalOf(policy: unknown, scope: FilterPolicyScope = 'MessageAttributes'): string {
  const error = errorOf(() => compileFilterPolicy(typeof policy === 'string' ? policy : JSON.stringify(policy), scope));
  expect(error.message.startsWith('Invalid parameter: ')).toBe(true);
  return error.message.slice('Invalid parameter: '.length);
}

function errorOf(call: () => unknown): AwsError {
  try {
    call();
  } catch (error) {
    if (error instanceof AwsError) return error;
    throw error;
  }
  throw new Error('nothing was refused');
}

const values = (count: number) => Array.from({ length: count }, (_, index) => `value${index}`);

describe('refusals recorded from AWS', () => {
  it.each([
    [{ key: [['value']] }, 'Match value must be String, number, true, false, or null', 10],
    [{ key: [{ 'wrong-operator': true }] }, 'Unrecognized match type wrong-operator', 31],
    [{ key: [{ suffix: 'value', prefix: 'value2' }] }, 'Only one key allowed in match expression', 37],
    [{ key: [{ suffix: 100 }] }, 'suffix match pattern must be a string', 22],
    [{ key: [{ suffix: null }] }, 'suffix match pattern must be a string', 23],
    [{ key: { suffix: 'value' } }, '"suffix" must be an object or an array', 19],
    [{ key: [{ suffix: [] }] }, 'suffix match pattern must be a string', 20],
    [{ key: [{ suffix: ['test', 'test2'] }] }, 'suffix match pattern must be a string', 20],
    [{ key: { suffix: 'value', prefix: 'value' } }, '"suffix" must be an object or an array', 19],
    [{ key: { 'not-an-operator': 'value' } }, '"not-an-operator" must be an object or an array', 28],
    [{ key: [{ numeric: [] }] }, 'Invalid member in numeric match: ]', 22],
    [{ key: [{ numeric: ['operator'] }] }, 'Unrecognized numeric range operator: operator', 32],
    [{ key: [{ numeric: [1, '<='] }] }, 'Invalid member in numeric match: 1', 22],
    [{ key: [{ numeric: ['=', '000'] }] }, 'Value of equals must be numeric', 26],
    [{ key: [{ numeric: ['>='] }] }, 'Value of >= must be numeric', 26],
    [{ key: [{ numeric: ['<', 100, '>', 10] }] }, 'Too many elements in numeric expression', 30],
    [{ key: [{ numeric: ['>=', 1, '>', 2] }] }, 'Bad numeric range operator: >', 31],
    [{ key: [{ numeric: ['>', 3, '<', 1] }] }, 'Bottom must be less than top', 33],
    [{ key: [{ numeric: ['>', 20, '<='] }] }, 'Value of <= must be numeric', 33],
    [{ key: [{ numeric: ['>', 20, 30] }] }, 'Bad value in numeric range: 30', 30],
    [{ key: [{ numeric: ['>', 20, 'test'] }] }, 'Bad numeric range operator: test', 34],
    [{ key: [{ numeric: ['>', '20', '<', '30'] }] }, 'Value of > must be numeric', 26],
    [{ key: [{ numeric: ['>', 20, '<', '30'] }] }, 'Value of < must be numeric', 33],
    [{ key: [{ numeric: ['>', 20, '<', 30, '<', 50] }] }, 'Too many terms in numeric range expression', 36],
    [{ key: [{ exists: null }] }, 'exists match pattern must be either true or false.', 23],
    [{ key: [{ exists: 'no' }] }, 'exists match pattern must be either true or false.', 20],
    [{ key: [{ 'anything-but': { 'wrong-operator': null } }] }, 'Unsupported anything-but pattern: wrong-operator', 47],
    [{ key: [{ 'anything-but': { exists: false } }] }, 'Unsupported anything-but pattern: exists', 40],
    [{ key: [{ 'anything-but': { prefix: false } }] }, 'prefix match pattern must be a string', 40],
    [{ key_a: 'value_one' }, '"key_a" must be an object or an array', 11],
  ])('%j', (policy, reason, column) => {
    expect(refusalOf(policy)).toBe(`FilterPolicy: ${reason}${at(column)}`);
  });

  it('counts columns in the text without white space', () => {
    expect(refusalOf('{\n  "key": [ [ "value" ] ]\n}')).toBe(refusalOf({ key: [['value']] }));
  });

  it('of what is no JSON, with the position in the text as it came', () => {
    const reason =
      "failed to parse JSON. Unexpected character ('i' (code 105)): was expecting double-quote to start field name";
    expect(refusalOf('{invalidjson}')).toBe(`FilterPolicy: ${reason}${at(2)}`);
  });

  it('of empty arrays', () => {
    expect(refusalOf({ Amount: [] })).toBe(`FilterPolicy: Empty arrays are not allowed${at(13)}`);
  });

  it('of nesting in policies for attributes, after the syntax', () => {
    expect(refusalOf({ object: { key: [{ prefix: 'auto-' }] } })).toBe(
      'Filter policy scope MessageAttributes does not support nested filter policy',
    );
    expect(() => compileFilterPolicy('{"object":{"key":["x"]}}', 'MessageBody')).not.toThrow();
  });

  it('of an unknown scope', () => {
    expect(errorOf(() => readFilterPolicyScope('RandomValue')).message).toBe(
      'Invalid parameter: FilterPolicyScope: Invalid value [RandomValue]. Please use either MessageBody or MessageAttributes',
    );
    expect(readFilterPolicyScope('MessageBody')).toBe('MessageBody');
  });

  it('by Subscribe, which names its parameter', () => {
    const refused = errorOf(() => compileFilterPolicy('{"key":[]}', 'MessageAttributes', 'Subscribe'));
    expect(refused).toMatchObject({ queryCode: 'InvalidParameter', httpStatus: 400, senderFault: true });
    expect(refused.message).toBe(
      `Invalid parameter: Attributes Reason: FilterPolicy: Empty arrays are not allowed${at(10)}`,
    );
    expect(errorOf(() => compileFilterPolicy('{"a":{"b":["c"]}}', 'MessageAttributes', 'Subscribe')).message).toBe(
      'Invalid parameter: Attributes Reason: Filter policy scope MessageAttributes does not support nested filter policy',
    );
    expect(errorOf(() => readFilterPolicyScope('Both', 'Subscribe')).message).toContain(
      'Attributes Reason: FilterPolicyScope:',
    );
  });
});

describe('the limit of keys', () => {
  const keys = (count: number) => Object.fromEntries(values(count).map((name) => [name, ['x']]));

  it('is five at the top', () => {
    expect(refusalOf(keys(6))).toBe('FilterPolicy: Filter policy can not have more than 5 keys');
    expect(() => compileFilterPolicy(JSON.stringify(keys(5)), 'MessageAttributes')).not.toThrow();
  });

  it('does not count what is nested', () => {
    expect(() => compileFilterPolicy(JSON.stringify({ a: keys(6) }), 'MessageBody')).not.toThrow();
  });
});

describe('the limit of combinations', () => {
  const tooComplex = 'FilterPolicy: Filter policy is too complex';
  const accepts = (policy: unknown, scope: FilterPolicyScope) =>
    expect(() => compileFilterPolicy(JSON.stringify(policy), scope)).not.toThrow();

  it('is 150, of values multiplied', () => {
    expect(refusalOf({ key: values(151) })).toBe(tooComplex);
    accepts({ key: values(150) }, 'MessageAttributes');
    expect(refusalOf({ key1: values(100), key2: values(51) })).toBe(tooComplex);
    accepts({ key1: values(10), key2: values(15) }, 'MessageAttributes');
  });

  it('weighs values by their depth', () => {
    const policy = { key_a: { key_b: { key_c: values(4) } }, key_d: { key_e: values(3) }, key_f: values(3) };
    expect(refusalOf(policy, 'MessageBody')).toBe(tooComplex);
    accepts({ ...policy, key_f: values(2) }, 'MessageBody');
    // Measured in use: of these, 36 are taken and 40 refused.
    const keys = (count: number) => ({
      Records: { s3: { object: { key: values(count).map((prefix) => ({ prefix })) } } },
    });
    accepts(keys(36), 'MessageBody');
    expect(refusalOf(keys(40), 'MessageBody')).toBe(tooComplex);
  });

  it('adds what $or offers', () => {
    const policy = (sources: number, spaces: number) => ({
      source: values(sources),
      $or: [
        { metricName: values(6) },
        { metricType: values(4), $or: [{ metricId: [1234, 4321, 5678, 9012] }, { spaceId: values(spaces) }] },
      ],
    });
    expect(refusalOf(policy(4, 4))).toBe(tooComplex);
    accepts(policy(3, 7), 'MessageAttributes');
    const nested = {
      $or: [{ metricName: values(3) }, { namespace: values(2) }],
      detail: { scope: values(2), $or: [{ source: values(1) }, { type: values(3) }] },
    };
    expect(refusalOf(nested, 'MessageBody')).toBe(tooComplex);
  });

  it('is found before alternatives multiply without end', () => {
    const alternatives = { $or: [{ x: ['1'] }, { y: ['1'] }] };
    const policy = { a: Object.fromEntries(values(40).map((name) => [name, alternatives])) };
    expect(refusalOf(policy, 'MessageBody')).toBe(tooComplex);
  });

  it('is looked at after the syntax', () => {
    expect(refusalOf({ key: values(151), other: [] })).toContain('Empty arrays are not allowed');
  });
});

describe('the limits of wildcards', () => {
  const tooComplex = 'FilterPolicy: Filter policy is too complex';
  const wildcards = (...patterns: string[]) => ({ key: patterns.map((wildcard) => ({ wildcard })) });

  it('are three asterisks', () => {
    expect(() => compileFilterPolicy(JSON.stringify(wildcards('a*b*c*')), 'MessageAttributes')).not.toThrow();
    expect(refusalOf(wildcards('a*b*c*d*'))).toBe(tooComplex);
    expect(refusalOf({ key: [{ 'anything-but': { wildcard: ['x', '*a*b*c*'] } }] })).toBe(tooComplex);
    expect(() => compileFilterPolicy(JSON.stringify(wildcards('a*b*c*\\*\\*')), 'MessageAttributes')).not.toThrow();
  });

  it('are a hundred points: measured in use, four of these are taken and five refused', () => {
    const sites = (count: number) => ({ s3: wildcards(...values(count).map((site) => `*/${site}/*`)) });
    expect(() => compileFilterPolicy(JSON.stringify(sites(4)), 'MessageBody')).not.toThrow();
    expect(refusalOf(sites(5), 'MessageBody')).toBe(tooComplex);
  });

  it('are a point only for an only asterisk', () => {
    const prefixes = (count: number) => wildcards(...values(count).map((value) => `${value}*`));
    expect(() => compileFilterPolicy(JSON.stringify(prefixes(10)), 'MessageAttributes')).not.toThrow();
    expect(refusalOf(prefixes(11))).toBe(tooComplex);
  });
});

describe('what AWS’s rule engine refuses besides', () => {
  it.each([
    [{ key: [{}] }, 'Match expression name not found'],
    [{ key: [{ numeric: '=' }] }, 'Value of numeric must be an array.'],
    [{ key: [{ numeric: ['<', 6e9] }] }, 'Value must be between -5.0E9 and 5.0E9, inclusive'],
    [
      { key: [{ 'anything-but': [] }] },
      'Inside anything but list, either all values are number or string, mixed type is not supported',
    ],
    [
      { key: [{ 'anything-but': ['a', 1] }] },
      'Inside anything but list, either all values are number or string, mixed type is not supported',
    ],
    [{ key: [{ 'anything-but': [null] }] }, 'Inside anything but list, start|null|boolean is not supported.'],
    [{ key: [{ 'anything-but': true }] }, 'Value of anything-but must be an array or single string/number value.'],
    [{ key: [{ 'anything-but': {} }] }, 'Anything-But expression name not found'],
    [{ key: [{ 'anything-but': { prefix: '' } }] }, 'Null prefix/suffix not allowed'],
    [{ key: [{ 'anything-but': { suffix: [] } }] }, 'Empty arrays are not allowed'],
    [{ key: [{ wildcard: 7 }] }, 'wildcard match pattern must be a string'],
    [{ key: [{ wildcard: 'a**' }] }, 'Consecutive wildcard characters at pos 2'],
    [{ key: [{ wildcard: 'é\\x' }] }, 'Invalid escape character at pos 3'],
    [{ key: [{ cidr: ['10.0.0.0/24'] }] }, 'prefix match pattern must be a string'],
    [{ a: { b: {} } }, 'Empty objects are not allowed'],
    [['key'], 'Filter is not an object'],
    ['"key"', 'Filter is not an object'],
    [{ $or: [{ a: ['x'] }] }, 'There must have at least 2 Objects in $or relationship.'],
    [{ $or: [{ a: ['x'] }, 'b'] }, 'Only JSON object is allowed in array of $or relationship.'],
    [{ $or: [{ a: ['x'] }, { prefix: ['b'] }] }, 'prefix is Ruler reserved fieldName which cannot be used inside $or.'],
  ])('%j', (policy, reason) => {
    expect(refusalOf(policy, 'MessageBody').startsWith(`FilterPolicy: ${reason}\n at [Source: `)).toBe(true);
  });

  it.each([
    ['10.0.0.0', "Malformed CIDR, one '/' required"],
    ['10.0.0.0/', "Malformed CIDR, one '/' required"],
    ['10.0.0.0/x', 'Malformed CIDR, mask bits must be an integer'],
    ['10.0.0.0/-1', 'Malformed CIDR, mask bits must not be negative'],
    ['10.0.0.0/32', 'IPv4 mask bits must be < 32'],
    ['2001:db8::/128', 'IPv6 mask bits must be < 128'],
    ['10.0.0.256/24', 'Invalid IP address: 10.0.0.256'],
    ['example/24', 'Nonstandard IP address: example'],
  ])('the network %s, without a position', (cidr, reason) => {
    expect(refusalOf({ key: [{ cidr }] })).toBe(`FilterPolicy: ${reason}`);
  });
});

describe('what AWS’s JSON parser refuses', () => {
  const validValues = "(JSON String, Number, Array, Object or token 'null', 'true' or 'false')";
  it.each([
    ['policy', `Unrecognized token 'policy': was expecting ${validValues}`, 7],
    ['{"a":tru}', `Unrecognized token 'tru': was expecting ${validValues}`, 9],
    ['{"a":["b"],}', "Unexpected character ('}' (code 125)): was expecting double-quote to start field name", 12],
    ['{"a":["b",]}', `Unexpected character (']' (code 93)): expected a valid value ${validValues}`, 11],
    ['{"a" ["b"]}', "Unexpected character ('[' (code 91)): was expecting a colon to separate field name and value", 6],
    ['{"a":["b" "c"]}', `Unexpected character ('"' (code 34)): was expecting comma to separate Array entries`, 11],
    ['{"a":["b"] "c":[]}', `Unexpected character ('"' (code 34)): was expecting comma to separate Object entries`, 12],
    ['{"a":["b"}', `Unexpected close marker '}': expected ']' (for Array starting at ${at(6).slice(5)})`, 10],
    ['{"a":["b"]', `Unexpected end-of-input: expected close marker for Object (start marker at ${at(1).slice(5)})`, 11],
    ['{"a":["b', 'Unexpected end-of-input: was expecting closing quote for a string value', 9],
    [
      '{"a":["\t"]}',
      'Illegal unquoted character ((CTRL-CHAR, code 9)): has to be escaped using backslash to be included in string value',
      9,
    ],
    ['{"a":["\\x"]}', "Unrecognized character escape 'x' (code 120)", 10],
    [
      '{"a":["\\u12g4"]}',
      "Unexpected character ('g' (code 103)): expected a hex-digit for character escape sequence",
      12,
    ],
    ['{"a":[01]}', 'Invalid numeric value: Leading zeroes not allowed', 8],
    ['{"a":[1.]}', "Unexpected character (']' (code 93)) in numeric value: Decimal point not followed by a digit", 9],
    [
      '{"a":[-x]}',
      "Unexpected character ('x' (code 120)) in numeric value: expected digit (0-9) to follow minus sign, for valid numeric value",
      8,
    ],
    ['{"a":[“b”]}', `Unexpected character ('“' (code 8220 / 0x201c)): expected a valid value ${validValues}`, 7],
    ['', 'Unexpected end-of-input', 1],
  ])('%s', (text, reason, column) => {
    expect(refusalOf(text)).toBe(`FilterPolicy: failed to parse JSON. ${reason}${at(column)}`);
  });

  it('counts lines', () => {
    expect(refusalOf('{\n "a":\r\n  b }')).toContain(at(4, 3));
  });

  it('stops at a depth of a thousand', () => {
    const text = `${'{"a":'.repeat(1_001)}[]${'}'.repeat(1_001)}`;
    expect(refusalOf(text, 'MessageBody')).toContain(
      'Document nesting depth (1001) exceeds the maximum allowed (1000,',
    );
  });

  it('reads long texts', () => {
    const wide = `{"a":["${'x'.repeat(250_000)}"]}`;
    expect(() => compileFilterPolicy(wide, 'MessageBody')).not.toThrow();
    const quotes = `{"a":["${'\\"'.repeat(100_000)}"]}`;
    expect(() => compileFilterPolicy(quotes, 'MessageBody')).not.toThrow();
    expect(refusalOf(`{"${'a.'.repeat(100_000)}":["x"]}`, 'MessageBody')).toBe(
      'FilterPolicy: Filter policy is too complex',
    );
  });
});

describe('policies', () => {
  it('are refused over 256 KB', () => {
    expect(refusalOf(`{"a":["${'ö'.repeat(131_072)}"]}`)).toBe(
      'FilterPolicy: Filter policy can not have more than 262144 bytes',
    );
  });

  it('may be empty, which lets everything through', () => {
    expect(compileFilterPolicy(' { } ', 'MessageAttributes').isEmpty).toBe(true);
    expect(compileFilterPolicy('{"a":[1]}', 'MessageAttributes').isEmpty).toBe(false);
  });

  it('may have a property named $or that is not the operator', () => {
    expect(() => compileFilterPolicy('{"$or":{"a":["x"]}}', 'MessageBody')).not.toThrow();
    expect(refusalOf('{"$or":{"a":["x"]}}', 'MessageAttributes')).toContain('does not support nested filter policy');
    expect(() => compileFilterPolicy('{"$or":["x"]}', 'MessageAttributes')).not.toThrow();
  });

  it('are counted', () => {
    expect(filterPolicyLimitExceeded()).toMatchObject({ queryCode: 'FilterPolicyLimitExceeded', httpStatus: 403 });
  });
});
