/**
 * Message attributes. They are stored in the very encoding that their MD5 is taken of (SQS Developer Guide, "Calculating
 * the MD5 message digest for message attributes"), so one pass gives both:
 *
 *     { length(4) name, length(4) type, 01 for text or 02 for binary, length(4) value } for each, sorted by name
 */
import { hash } from 'node:crypto';
import type { MessageAttributeValue as AttributeValue } from '#aws/generated/sqs';
import { invalidAttributeContents, invalidParameter } from './errors.ts';
import * as limits from './limits.ts';

export type Attributes = Readonly<Record<string, AttributeValue>>;

export const noAttributes = Buffer.alloc(0);

const textValue = 1;
const binaryValue = 2;

/** Checks and encodes; `size` is what counts towards the message's limit: names, types and values. */
export function encodeAttributes(attributes: Attributes | undefined): { encoded: Buffer; size: number } {
  const names = attributes === undefined ? [] : Object.keys(attributes);
  if (attributes === undefined || names.length === 0) return { encoded: noAttributes, size: 0 };
  if (names.length > limits.messageAttributes) {
    throw invalidParameter(
      `Number of message attributes [${names.length}] exceeds the allowed maximum [${limits.messageAttributes}].`,
    );
  }
  const parts: Buffer[] = [];
  let size = 0;
  for (const name of names.sort(byCodeUnits)) {
    const { type, transport, value } = checkAttribute(name, attributes[name] ?? {});
    const nameBytes = Buffer.from(name);
    const typeBytes = Buffer.from(type);
    size += nameBytes.length + typeBytes.length + value.length;
    parts.push(length(nameBytes), nameBytes, length(typeBytes), typeBytes, Buffer.of(transport), length(value), value);
  }
  return { encoded: Buffer.concat(parts), size };
}

export function decodeAttributes(encoded: Buffer): Record<string, AttributeValue> {
  const attributes: Record<string, AttributeValue> = {};
  let offset = 0;
  const next = (): Buffer => {
    const start = offset + 4;
    offset = start + encoded.readUInt32BE(offset);
    return encoded.subarray(start, offset);
  };
  while (offset < encoded.length) {
    const name = next().toString();
    const type = next().toString();
    const transport = encoded[offset];
    offset += 1;
    const value = next();
    attributes[name] =
      transport === textValue
        ? { StringValue: value.toString(), DataType: type }
        : { BinaryValue: value, DataType: type };
  }
  return attributes;
}

/** The MD5 that SDKs check, in hex. */
export function attributesMd5(encoded: Buffer): string {
  return hash('md5', encoded, 'hex');
}

/**
 * The attributes that a receive asked for: by name, by `prefix.*` (measured: `Hel.*` brings `Hello` and `Help.Me`), or
 * all of them by `All`, `.*` or `*`. Nothing asked, nothing given.
 */
export function selectAttributes(encoded: Buffer, wanted: readonly string[] | undefined): Buffer {
  if (encoded.length === 0 || wanted === undefined || wanted.length === 0) return noAttributes;
  if (wanted.some((each) => each === 'All' || each === '.*' || each === '*')) return encoded;
  const all = decodeAttributes(encoded);
  const isWanted = (name: string) =>
    wanted.some((each) => each === name || (each.endsWith('.*') && name.startsWith(each.slice(0, -'.*'.length))));
  return encodeAttributes(Object.fromEntries(Object.entries(all).filter(([name]) => isWanted(name)))).encoded;
}

/** The texts are AWS's, measured there. */
function checkAttribute(name: string, attribute: AttributeValue): { type: string; transport: number; value: Buffer } {
  checkName(name);
  const { DataType: type = '', StringValue: text, BinaryValue: bytes } = attribute;
  if (attribute.StringListValues?.length || attribute.BinaryListValues?.length) {
    throw invalidParameter('Message attribute list values in SendMessage operation are not supported.');
  }
  if (text === undefined && bytes === undefined) {
    throw invalidParameter(`The message (user) attribute '${name}' must contain a non-empty message attribute value.`);
  }
  const kind = checkType(name, type);
  const value = kind === 'Binary' ? bytes : text;
  if (value === undefined || value.length === 0) {
    throw invalidParameter(`Message (user) attribute '${name}' must contain a non-empty value of type '${kind}'.`);
  }
  if (text !== undefined && bytes !== undefined)
    throw invalidParameter(`The message (user) attribute '${name}' has conflicting values for type '${kind}'.`);
  if (typeof value === 'string') checkText(name, kind, value);
  return typeof value === 'string'
    ? { type, transport: textValue, value: Buffer.from(value) }
    : { type, transport: binaryValue, value: Buffer.from(value) };
}

function checkType(name: string, type: string): string {
  if (type === '') {
    throw invalidParameter(`The message (user) attribute '${name}' must contain a non-empty message attribute type.`);
  }
  const kind = /^(String|Number|Binary)(\..+)?$/.exec(type)?.[1];
  if (kind === undefined) {
    throw invalidParameter(
      `The type of message (user) attribute '${name}' is invalid. You must use only the following supported type prefixes: Binary, Number, String.`,
    );
  }
  if (type.length > limits.attributeTypeLength) {
    throw invalidParameter('Message (user) attribute type must be shorter than 256 bytes.');
  }
  return kind;
}

/** Latin letters with accents pass, against the documentation: measured. */
const nameCharacters = /^[A-Za-z0-9_.\u00c0-\u017f-]+$/;

function checkName(name: string): void {
  if (name === '') throw invalidParameter('The request must contain non-empty message (user) attribute names.');
  if (name.length > limits.attributeNameLength) {
    throw invalidParameter('Message (user) attribute name must be shorter than 256 bytes.');
  }
  if (!nameCharacters.test(name)) {
    throw invalidParameter(
      // The words and the space at the end are AWS's.
      'Message (user) attributes name can only contain upper and lower score characters, digits, periods, hyphens and underscores. ',
    );
  }
  if (/^(aws|amazon)\.|^\.|\.\.|\.$/i.test(name)) {
    throw invalidParameter(
      "You can't use message attribute names beginning with 'AWS.' or 'Amazon.'. These strings are reserved for internal use. Additionally, they cannot start or end with '.'.",
    );
  }
}

function checkText(name: string, kind: string, value: string): void {
  if (kind === 'Number' && !/^[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?$/.test(value)) {
    throw invalidParameter(`Can't cast the value of message (user) attribute '${name}' to a number.`);
  }
  if (hasForbiddenCharacters(value)) throw invalidAttributeContents();
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: the control characters that XML 1.0, and so SQS, excludes
const forbidden = /[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]/;

/** Whether text holds what SQS can't carry: characters outside XML 1.0, or half of a surrogate pair. */
export function hasForbiddenCharacters(text: string): boolean {
  return forbidden.test(text) || !text.isWellFormed();
}

function length(bytes: Uint8Array): Buffer {
  const prefix = Buffer.allocUnsafe(4);
  prefix.writeUInt32BE(bytes.length);
  return prefix;
}

/** The order of Java's String.compareTo, which AWS's digests are in. */
function byCodeUnits(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
