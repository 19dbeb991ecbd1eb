import type { MessageAttributeValue } from '#aws/generated/sns';
import type { PublishedAttributes } from './attributeForms.ts';
import { invalidAttributeValue } from './errors.ts';
import { attributeNameLength } from './limits.ts';

/** Refuses what AWS refuses, in its words. */
export function checkMessageAttributes(attributes: PublishedAttributes = {}): void {
  for (const [name, value] of Object.entries(attributes)) {
    checkName(name);
    checkValue(name, value);
  }
}

function checkName(name: string): void {
  if (name === '') throw invalidAttributeValue('The message attribute name must not be empty.');
  if (Buffer.byteLength(name) >= attributeNameLength) {
    throw invalidAttributeValue('Length of message attribute name must be less than 256 bytes.');
  }
  const wrong = /[^A-Za-z0-9_.-]/u.exec(name)?.[0];
  if (wrong !== undefined) {
    const code = wrong.codePointAt(0)?.toString(16).toUpperCase();
    throw invalidAttributeValue(
      `Invalid non-alphanumeric character '#x${code}' was found in the message attribute name. Can only include alphanumeric characters, hyphens, underscores, or dots.`,
    );
  }
  if (name.startsWith('.')) throw misplacedDot('starting');
  if (name.endsWith('.')) throw misplacedDot('ending');
  if (name.includes('..')) {
    throw invalidAttributeValue("Message attribute name can not have successive '.' character.");
  }
}

function misplacedDot(where: 'starting' | 'ending'): Error {
  return invalidAttributeValue(`Invalid message attribute name ${where} with character '.' was found.`);
}

/** That there is a type is the model's constraint. */
function checkValue(name: string, { DataType, StringValue: text, BinaryValue: bytes }: MessageAttributeValue): void {
  const kind = /^(String|Number|Binary)(\..+)?$/.exec(DataType)?.[1];
  if (kind === undefined) {
    throw invalidAttributeValue(
      `The message attribute '${name}' has an invalid message attribute type, the set of supported type prefixes is Binary, Number, and String.`,
    );
  }
  const isMissing = (text === undefined || text === '') && (bytes === undefined || bytes.length === 0);
  if (isMissing) {
    throw invalidAttributeValue(
      `The message attribute '${name}' must contain non-empty message attribute value for message attribute type '${DataType}'.`,
    );
  }
  const field = kind === 'Binary' ? 'Binary' : 'String';
  if ((field === 'Binary' ? bytes : text) === undefined) {
    throw invalidAttributeValue(`The message attribute '${name}' with type '${DataType}' must use field '${field}'.`);
  }
  if (kind === 'Number' && !/^[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?$/.test(text ?? '')) {
    throw invalidAttributeValue(`Could not cast message attribute '${name}' value to number.`);
  }
}
