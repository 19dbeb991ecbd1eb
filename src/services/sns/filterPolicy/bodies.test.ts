import { describe, expect, it } from 'vitest';
import { FilterableMessage } from './filterableMessage.ts';
import { compileFilterPolicy } from './filterPolicy.ts';

function passes(policy: unknown, body: unknown): boolean {
  const text = typeof body === 'string' ? body : JSON.stringify(body);
  const message = new FilterableMessage({ attributes: { key: { DataType: 'String', StringValue: 'x' } }, body: text });
  return compileFilterPolicy(JSON.stringify(policy), 'MessageBody').matches(message);
}

describe('bodies recorded with AWS', () => {
  it('match prefixes in nested objects, and absence at two levels', () => {
    const policy = {
      object: { key: [{ prefix: 'auto-' }, 'hardcodedvalue'], nested_key: [{ exists: false }] },
      test: [{ exists: false }],
    };
    expect(passes(policy, { object: { key: 'auto-test' } })).toBe(true);
    expect(passes(policy, { object: { key: 'hardcodedvalue' } })).toBe(true);
    expect(passes(policy, { object: { key: 'test-auto' } })).toBe(false);
    expect(passes(policy, { object: { key: 'auto-test' }, test: 'just-exists' })).toBe(false);
    expect(passes(policy, { object: { key: 'auto-test', nested_key: 'just-exists' } })).toBe(false);
    expect(passes(policy, { object: { test: 'auto-test' } })).toBe(false);
    expect(passes(policy, { test: 'auto-test' })).toBe(false);
    expect(passes(policy, 'Regular string message')).toBe(false);
    expect(passes(policy, '"Regular string message"')).toBe(false);
  });

  it.each([
    { object: { nested: { test: 'string.value' } } },
    { 'object.nested.test': 'string.value' },
    { 'object.nested': { test: 'string.value' } },
    { object: { 'nested.test': 'string.value' } },
  ])('take a dot for a step: %j', (body) => {
    expect(passes({ 'object.nested.test': ['string.value'] }, body)).toBe(true);
    expect(passes({ object: { nested: { test: ['string.value'] } } }, body)).toBe(true);
    expect(passes({ 'object.nested.test': ['other'] }, body)).toBe(false);
  });

  it('match any element of an array', () => {
    const policy = { headers: { 'route-to': ['queue1'] } };
    expect(passes(policy, { headers: { 'route-to': ['queue3'] } })).toBe(false);
    expect(passes(policy, { headers: { 'route-to': ['queue1'] } })).toBe(true);
    expect(passes(policy, { headers: { 'route-to': ['queue2', 'queue1'] } })).toBe(true);
  });

  it('match in arrays of objects', () => {
    const policy = {
      Records: { s3: { object: { key: [{ prefix: 'auto-' }] } }, eventName: [{ prefix: 'ObjectCreated:' }] },
    };
    const record = (eventName: string, key: string) => ({ eventName, s3: { object: { key } } });
    const nested = { eventName: 'ObjectCreated:Put', s3: { object: [[{ key: 'auto-insurance-2314.xml' }]] } };
    expect(passes(policy, { Records: [nested, record('ObjectRemoved:Delete', 'home.xml')] })).toBe(true);
    expect(passes(policy, { Records: [record('ObjectRemoved:Delete', 'auto.xml')] })).toBe(false);
    expect(passes(policy, { Records: [record('ObjectCreated:Put', 'home.xml')] })).toBe(false);
    expect(passes(policy, { Records: [record('ObjectCreated:Put', 'auto-2314.xml')] })).toBe(true);
  });

  it('match alternatives at two levels', () => {
    const policy = {
      $or: [{ metricName: ['CPUUtilization', 'ReadLatency'] }, { namespace: ['AWS/EC2', 'AWS/ES'] }],
      detail: { scope: ['Service'], $or: [{ source: ['aws.cloudwatch'] }, { type: ['Alarm'] }] },
    };
    const metricName = 'CPUUtilization';
    expect(passes(policy, { metricName, detail: { scope: 'aws.cloudwatch', type: 'Alarm' } })).toBe(false);
    expect(passes(policy, { metricName, detail: { scope: 'Service', type: 'CPUUtilization' } })).toBe(false);
    expect(passes(policy, { metricName, detail: { type: 'Alarm' } })).toBe(false);
    expect(passes(policy, { metricName, detail: { scope: 'Service' } })).toBe(false);
    expect(passes(policy, { metricName, scope: 'Service' })).toBe(false);
    expect(passes(policy, { metricName, detail: { scope: 'Service', source: 'aws.cloudwatch' } })).toBe(true);
    expect(passes(policy, { namespace: 'AWS/ES', detail: { scope: 'Service', type: 'Alarm' } })).toBe(true);
  });
});

describe('bodies', () => {
  it.each(['', 'text', '[{"key":"x"}]', '"key"', '7', 'null', '{"key":"x"', '{"key":"x"} and more'])(
    'that are no JSON object match nothing: %s',
    (body) => {
      expect(passes({ key: ['x'] }, body)).toBe(false);
      expect(passes({ other: [{ exists: false }] }, body)).toBe(false);
    },
  );

  it('are not asked by policies for attributes, nor the other way round', () => {
    const message = new FilterableMessage({
      attributes: { a: { DataType: 'String', StringValue: '1' } },
      body: '{"b":"2"}',
    });
    const matches = (policy: string, scope: 'MessageAttributes' | 'MessageBody') =>
      compileFilterPolicy(policy, scope).matches(message);
    expect(matches('{"a":["1"]}', 'MessageAttributes')).toBe(true);
    expect(matches('{"a":["1"]}', 'MessageBody')).toBe(false);
    expect(matches('{"b":["2"]}', 'MessageBody')).toBe(true);
    expect(matches('{"b":["2"]}', 'MessageAttributes')).toBe(false);
  });

  it('lack what is an object, for an object is no value', () => {
    expect(passes({ store: [{ exists: false }] }, { store: { name: 'fans' } })).toBe(true);
    expect(passes({ store: [{ exists: true }] }, { store: { name: 'fans' } })).toBe(false);
    expect(passes({ store: [{ exists: false }] }, { store: [] })).toBe(true);
    expect(passes({ store: { name: [{ exists: false }] } }, { store: 'fans' })).toBe(true);
    expect(passes({ store: { name: [{ exists: false }] } }, {})).toBe(true);
  });

  it('have arrays of which one element must fulfil what is asked of it', () => {
    const policy = { employees: { firstName: ['Anna'], lastName: ['Jones'] } };
    const employees = [
      { firstName: 'Anna', lastName: 'Smith' },
      { firstName: 'Peter', lastName: 'Jones' },
    ];
    expect(passes(policy, { employees })).toBe(false);
    expect(passes(policy, { employees: [...employees, { firstName: 'Anna', lastName: 'Jones' }] })).toBe(true);
    expect(passes({ 'employees.firstName': ['Anna'], employees: { lastName: ['Jones'] } }, { employees })).toBe(false);
    expect(passes(policy, { employees: [[employees[0]], [{ firstName: ['x', 'Anna'], lastName: 'Jones' }]] })).toBe(
      true,
    );
  });

  it('lack a property in the element that has the others', () => {
    const policy = { jobs: { name: ['a'], error: [{ exists: false }] } };
    expect(passes(policy, { jobs: [{ name: 'a', error: 1 }, { name: 'a' }] })).toBe(true);
    expect(passes(policy, { jobs: [{ name: 'a', error: 1 }, { name: 'b' }] })).toBe(false);
  });

  it('lack a property in all elements if nothing else is asked', () => {
    const policy = { jobs: { error: [{ exists: false }] } };
    expect(passes(policy, { jobs: [{ name: 'a' }, { error: 1 }] })).toBe(false);
    expect(passes(policy, { jobs: [{ name: 'a' }, { name: 'b' }] })).toBe(true);
    expect(passes(policy, { jobs: [] })).toBe(true);
  });

  it('may have values and objects at the same place', () => {
    const policy = { a: ['x'], 'a.b': ['y'] };
    expect(passes(policy, { a: ['x', { b: 'y' }] })).toBe(true);
    expect(passes(policy, { a: ['x', { b: 'z' }] })).toBe(false);
    expect(passes(policy, { a: 'x', 'a.b': 'y' })).toBe(true);
  });

  it('have names with dots that meet other names', () => {
    const policy = { a: { b: ['1'], c: ['2'] } };
    expect(passes(policy, { a: { b: '1' }, 'a.c': '2' })).toBe(true);
    expect(passes(policy, { 'a.c': '2', a: { b: '1', d: {} } })).toBe(true);
    expect(passes(policy, { 'a.b': '1', 'a.c': '2', 'a.d': '3' })).toBe(true);
    expect(passes({ a: { b: ['1'] } }, { 'a.b': '0', a: [{ b: '1' }] })).toBe(true);
    expect(passes({ a: { b: ['1'] } }, { 'a.b': ['0'], 'a.b.c': 'x', a: { b: '1' } })).toBe(true);
    expect(passes(policy, { a: 'x', 'a.b': '1', 'a.c': '2' })).toBe(true);
    expect(passes(policy, { 'a.b': '1', a: ['x', 'y'], 'a.c': '2', 'a.d': '3' })).toBe(true);
    expect(passes({ 'a..b': ['1'] }, { a: { '': { b: '1' } } })).toBe(true);
  });

  it('have names that mean something to JavaScript', () => {
    const body = '{"__proto__":{"a":"x"},"constructor":"y","b.__proto__":"z"}';
    expect(passes({ ['__proto__']: { a: ['x'] }, constructor: ['y'], 'b.__proto__': ['z'] }, body)).toBe(true);
    expect(passes({ toString: [{ exists: true }] }, body)).toBe(false);
    expect(passes({ a: ['x'] }, body)).toBe(false);
    expect(passes({ toString: [{ exists: true }] }, { a: 'x' })).toBe(false);
    expect(passes({ toString: [{ exists: false }] }, { a: 'x' })).toBe(true);
  });

  it('nested deeper than AWS reads match nothing, and hurt nobody', () => {
    const nested = (depth: number) => `{"key":"x","a":${'['.repeat(depth)}${']'.repeat(depth)}}`;
    expect(passes({ key: ['x'] }, nested(900))).toBe(true);
    expect(passes({ key: ['x'] }, nested(200_000))).toBe(false);
    expect(passes({ key: ['x'] }, `{"key":"x","${'a.'.repeat(100_000)}":1}`)).toBe(false);
    expect(passes({ key: ['x'] }, `{"key":"x","${'a.'.repeat(600)}":{"${'b.'.repeat(600)}":[]}}`)).toBe(false);
  });

  it('with thousands of names with dots are read', () => {
    const names = Array.from({ length: 20_000 }, (_, index) => [`a.k${index}`, 'x']);
    expect(passes({ a: { k19999: ['x'] } }, Object.fromEntries(names))).toBe(true);
  });
});
