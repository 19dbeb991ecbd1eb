import type { Input, SnsError } from './queryCall.ts';

const valueInvalid = (message: string): SnsError => ({ status: 400, code: 'ParameterValueInvalid', message });

/** What is wrong with a message attribute, and how AWS says so. */
export const wrongAttributes: [string, Input, SnsError][] = [
  [
    'an empty text',
    { attr1: { DataType: 'String', StringValue: '' } },
    valueInvalid(
      "The message attribute 'attr1' must contain non-empty message attribute value for message attribute type 'String'.",
    ),
  ],
  [
    'no value',
    { attr1: { DataType: 'String' } },
    valueInvalid(
      "The message attribute 'attr1' must contain non-empty message attribute value for message attribute type 'String'.",
    ),
  ],
  [
    'empty bytes',
    { attr1: { DataType: 'Binary', BinaryValue: '' } },
    valueInvalid(
      "The message attribute 'attr1' must contain non-empty message attribute value for message attribute type 'Binary'.",
    ),
  ],
  [
    'bytes in a text',
    { attr1: { DataType: 'String', BinaryValue: 'AgME' } },
    valueInvalid("The message attribute 'attr1' with type 'String' must use field 'String'."),
  ],
  [
    'bytes in a number',
    { attr1: { DataType: 'Number', BinaryValue: 'AgME' } },
    valueInvalid("The message attribute 'attr1' with type 'Number' must use field 'String'."),
  ],
  [
    'a text in bytes',
    { attr1: { DataType: 'Binary', StringValue: '123' } },
    valueInvalid("The message attribute 'attr1' with type 'Binary' must use field 'Binary'."),
  ],
  [
    'a type of nobody',
    { attr1: { DataType: 'InvalidType', StringValue: '123' } },
    valueInvalid(
      "The message attribute 'attr1' has an invalid message attribute type, the set of supported type prefixes is Binary, Number, and String.",
    ),
  ],
  [
    'a type that only begins right',
    { attr1: { DataType: 'Stringprefixed', StringValue: '123' } },
    valueInvalid(
      "The message attribute 'attr1' has an invalid message attribute type, the set of supported type prefixes is Binary, Number, and String.",
    ),
  ],
  [
    'a long name',
    { ['a'.repeat(257)]: { DataType: 'String', StringValue: '123' } },
    valueInvalid('Length of message attribute name must be less than 256 bytes.'),
  ],
  [
    'a sign in the name',
    { 'a^*?': { DataType: 'String', StringValue: '123' } },
    valueInvalid(
      "Invalid non-alphanumeric character '#x5E' was found in the message attribute name. Can only include alphanumeric characters, hyphens, underscores, or dots.",
    ),
  ],
  [
    'a dot at the start',
    { '.abc': { DataType: 'String', StringValue: '123' } },
    valueInvalid("Invalid message attribute name starting with character '.' was found."),
  ],
  [
    'a dot at the end',
    { 'abc.': { DataType: 'String', StringValue: '123' } },
    valueInvalid("Invalid message attribute name ending with character '.' was found."),
  ],
  [
    'two dots',
    { 'a..bc': { DataType: 'String', StringValue: '123' } },
    valueInvalid("Message attribute name can not have successive '.' character."),
  ],
];
