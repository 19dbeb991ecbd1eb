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

/** Whose attributes they are, in the words of AWS's refusals. */
export type AttributeOwner = '(user)' | 'system';

/** Checks and encodes; `size` is what counts towards the message's limit: names, types and values. */
export function encodeAttributes(
  attributes: Attributes | undefined,
  owner: AttributeOwner = '(user)',
): { encoded: Buffer; size: number } {
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
    checkName(name, owner);
    const { type, transport, value } = checkAttribute(name, attributes[name] ?? {}, owner);
    const nameBytes = Buffer.from(name);
    const typeBytes = Buffer.from(type);
    size += nameBytes.length + typeBytes.length + value.length;
    parts.push(length(nameBytes), nameBytes, length(typeBytes), typeBytes, Buffer.of(transport), length(value), value);
  }
  return { encoded: Buffer.concat(parts), size };
}

export function decodeAttributes(encoded: Buffer): Record<string, AttributeValue> {
  // Without a prototype, so that the name `__proto__` is one like any other.
  const attributes: Record<string, AttributeValue> = Object.create(null);
  for (const { name, type, transport, value } of readAttributes(encoded)) {
    attributes[name] =
      transport === textValue
        ? { StringValue: value.toString(), DataType: type }
        : { BinaryValue: value, DataType: type };
  }
  return attributes;
}

interface EncodedAttribute {
  readonly name: string;
  readonly type: string;
  readonly transport: number;
  readonly value: Buffer;
  /** All of it as it is encoded. */
  readonly bytes: Buffer;
}

function readAttributes(encoded: Buffer): EncodedAttribute[] {
  const attributes: EncodedAttribute[] = [];
  let offset = 0;
  const next = (): Buffer => {
    const start = offset + 4;
    offset = start + encoded.readUInt32BE(offset);
    return encoded.subarray(start, offset);
  };
  while (offset < encoded.length) {
    const start = offset;
    const name = next().toString();
    const type = next().toString();
    const transport = encoded.readUInt8(offset);
    offset += 1;
    const value = next();
    attributes.push({ name, type, transport, value, bytes: encoded.subarray(start, offset) });
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
  const isWanted = (name: string) =>
    wanted.some((each) => each === name || (each.endsWith('.*') && name.startsWith(each.slice(0, -'.*'.length))));
  const selected = readAttributes(encoded).filter(({ name }) => isWanted(name));
  return Buffer.concat(selected.map(({ bytes }) => bytes));
}

/** The texts, and which of them comes first, are AWS's, measured there. */
function checkAttribute(
  name: string,
  attribute: AttributeValue,
  owner: AttributeOwner,
): { type: string; transport: number; value: Buffer } {
  const { DataType: type = '', StringValue: text, BinaryValue: bytes } = attribute;
  if (attribute.StringListValues?.length || attribute.BinaryListValues?.length) {
    throw invalidParameter('Message attribute list values in SendMessage operation are not supported.');
  }
  if (type === '' && text === undefined && bytes === undefined) {
    throw invalidParameter(
      `The message ${owner} attribute '${name}' must contain a non-empty message attribute value.`,
    );
  }
  const kind = checkType(name, type, owner);
  if (text === '' || bytes?.length === 0 || (text === undefined && bytes === undefined)) {
    throw invalidParameter(`Message ${owner} attribute '${name}' must contain a non-empty value of type '${kind}'.`);
  }
  if (text !== undefined && bytes !== undefined) {
    throw invalidParameter(`Message ${owner} attribute '${name}' must have a single value.`);
  }
  const field = kind === 'Binary' ? 'Binary' : 'String';
  const value = kind === 'Binary' ? bytes : text;
  if (value === undefined) {
    throw invalidParameter(`Message ${owner} attribute '${name}' with type '${kind}' must use field '${field}'.`);
  }
  if (typeof value === 'string') checkText(name, kind, value, owner);
  return typeof value === 'string'
    ? { type, transport: textValue, value: Buffer.from(value) }
    : { type, transport: binaryValue, value: Buffer.from(value) };
}

function checkType(name: string, type: string, owner: AttributeOwner): string {
  if (type === '') {
    throw invalidParameter(`The message ${owner} attribute '${name}' must contain a non-empty message attribute type.`);
  }
  const kind = /^(String|Number|Binary)(\..+)?$/.exec(type)?.[1];
  if (kind === undefined) {
    throw invalidParameter(
      `The type of message ${owner} attribute '${name}' is invalid. You must use only the following supported type prefixes: Binary, Number, String.`,
    );
  }
  if (type.length > limits.attributeTypeLength) {
    throw invalidParameter(`Message ${owner} attribute type must be shorter than 256 bytes.`);
  }
  if (hasForbiddenCharacters(type)) throw invalidAttributeContents();
  return kind;
}

/** Latin letters with accents pass, against the documentation: measured. */
const nameCharacters = /^[A-Za-z0-9_.\u00c0-\u017f-]+$/;

function checkName(name: string, owner: AttributeOwner): void {
  if (name === '') throw invalidParameter(`The request must contain non-empty message ${owner} attribute names.`);
  if (name.length > limits.attributeNameLength) {
    throw invalidParameter(`Message ${owner} attribute name must be shorter than 256 bytes.`);
  }
  if (!nameCharacters.test(name)) {
    throw invalidParameter(
      // The words and the space at the end are AWS's.
      `Message ${owner} attributes name can only contain upper and lower score characters, digits, periods, hyphens and underscores. `,
    );
  }
  if (/^(aws|amazon)\./i.test(name)) {
    throw invalidParameter(
      "You can't use message attribute names beginning with 'AWS.' or 'Amazon'. These strings are reserved for internal use.",
    );
  }
  const misplaced = misplacedDot(name);
  if (misplaced !== undefined) throw invalidParameter(`Message ${owner} attribute name must not ${misplaced}.`);
}

function misplacedDot(name: string): string | undefined {
  if (name.startsWith('.')) return "begin with character '.'";
  if (name.endsWith('.')) return "end with character '.'";
  return name.includes('..') ? "have successive '.' characters" : undefined;
}

function checkText(name: string, kind: string, value: string, owner: AttributeOwner): void {
  if (kind === 'Number' && !/^[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?$/.test(value)) {
    throw invalidParameter(`Can't cast the value of message ${owner} attribute '${name}' to a number.`);
  }
  if (hasForbiddenCharacters(value)) throw invalidAttributeContents();
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: the control characters that XML 1.0, and so SQS, excludes
const forbidden = /[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]/;

/** Whether text holds what SQS can't carry: characters outside XML 1.0, or half of a surrogate pair. */
export function hasForbiddenCharacters(text: string): boolean {
  return forbidden.test(text) || !text.isWellFormed();
}

/** U+FFFE and U+FFFF in UTF-8. */
const forbiddenInUtf8 = [Buffer.of(0xef, 0xbf, 0xbe), Buffer.of(0xef, 0xbf, 0xbf)];

/** The same of UTF-8 that is known to have neither control characters nor halves of pairs. */
export function hasForbiddenBytes(bytes: Buffer): boolean {
  return forbiddenInUtf8.some((each) => bytes.includes(each));
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
