import fc from 'fast-check';
import { expect, test } from 'vitest';
import { publishedAttributes, showAttributes } from './attributeForms.ts';

test('attributes are shown with their type and a text', () => {
  const shown = showAttributes({
    colour: { DataType: 'String', StringValue: 'blue' },
    tags: { DataType: 'String.Array', StringValue: '["a",1]' },
    price: { DataType: 'Number', StringValue: '99.12' },
    image: { DataType: 'Binary.png', BinaryValue: Buffer.of(1, 2) },
  });
  expect({ ...shown }).toEqual({
    colour: { Type: 'String', Value: 'blue' },
    tags: { Type: 'String.Array', Value: '["a",1]' },
    price: { Type: 'Number', Value: '99.12' },
    image: { Type: 'Binary.png', Value: 'AQI=' },
  });
  expect(Object.keys(showAttributes(undefined))).toEqual([]);
});

test('what was shown can be published again', () => {
  const text = fc.record({ DataType: fc.constantFrom('String', 'Number', 'String.Array'), StringValue: fc.string() });
  const bytes = fc.record({
    DataType: fc.constantFrom('Binary', 'Binary.gif'),
    BinaryValue: fc.uint8Array().map((array) => Buffer.from(array)),
  });
  fc.assert(
    fc.property(fc.dictionary(fc.string(), fc.oneof(text, bytes)), (attributes) => {
      expect({ ...publishedAttributes(showAttributes(attributes)) }).toEqual({ ...attributes });
    }),
  );
});
