/**
 * Message attributes. They are stored in the very encoding that their MD5 is taken of (SQS Developer Guide, "Calculating
 * the MD5 message digest for message attributes"), so one pass gives both:
 *
 *     { length(4) name, length(4) type, 01 for text or 02 for binary, length(4) value } for each, sorted by name
 */
import { hash } from 'node:crypto';
import { invalidParameter } from './errors.ts';
import * as limits from './limits.ts';

export interface AttributeValue {
  readonly StringValue?: string | undefined;
  readonly BinaryValue?: Uint8Array | undefined;
  readonly StringListValues?: readonly string[] | undefined;
  readonly BinaryListValues?: readonly Uint8Array[] | undefined;
  readonly DataType?: string | undefined;
}

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
 * The attributes that a receive asked for: by name, by `prefix.*`, or all of them by `All` or `.*`. Nothing asked,
 * nothing given.
 */
export function selectAttributes(encoded: Buffer, wanted: readonly string[] | undefined): Buffer {
  if (encoded.length === 0 || wanted === undefined || wanted.length === 0) return noAttributes;
  if (wanted.includes('All') || wanted.includes('.*')) return encoded;
  const all = decodeAttributes(encoded);
  const isWanted = (name: string) =>
    wanted.some((each) => each === name || (each.endsWith('.*') && name.startsWith(each.slice(0, -1))));
  return encodeAttributes(Object.fromEntries(Object.entries(all).filter(([name]) => isWanted(name)))).encoded;
}

function checkAttribute(name: string, attribute: AttributeValue): { type: string; transport: number; value: Buffer } {
  checkName(name);
  const type = attribute.DataType ?? '';
  if (type === '')
    throw invalidParameter(`The message attribute '${name}' must contain a non-empty message attribute type.`);
  const kind = /^(String|Number|Binary)(\..+)?$/.exec(type)?.[1];
  if (kind === undefined || type.length > limits.attributeTypeLength) {
    throw invalidParameter(
      `The message attribute '${name}' has an invalid message attribute type, the set of supported type prefixes is Binary, Number, and String.`,
    );
  }
  if (attribute.StringListValues?.length || attribute.BinaryListValues?.length) {
    throw invalidParameter('Message attribute list values in SendMessage operation are not supported.');
  }
  const value = kind === 'Binary' ? attribute.BinaryValue : attribute.StringValue;
  const other = kind === 'Binary' ? attribute.StringValue : attribute.BinaryValue;
  if (value === undefined || value.length === 0) {
    throw invalidParameter(
      `The message attribute '${name}' must contain a non-empty message attribute value for message attribute type '${kind}'.`,
    );
  }
  if (other !== undefined)
    throw invalidParameter(`The message attribute '${name}' has conflicting values for type '${kind}'.`);
  if (typeof value === 'string') checkText(name, kind, value);
  return typeof value === 'string'
    ? { type, transport: textValue, value: Buffer.from(value) }
    : { type, transport: binaryValue, value: Buffer.from(value) };
}

function checkName(name: string): void {
  const valid =
    /^[A-Za-z0-9_.-]+$/.test(name) && !/^\.|\.\.|\.$/.test(name) && name.length <= limits.attributeNameLength;
  if (!valid) {
    throw invalidParameter(
      `The message attribute name '${name}' is invalid. Attribute name can contain A-Z, a-z, 0-9, underscore (_), hyphen (-), and period (.) characters.`,
    );
  }
  if (/^(aws|amazon)\./i.test(name)) {
    throw invalidParameter(
      `The message attribute name '${name}' is invalid. You can't use message attribute names beginning with 'AWS.' or 'Amazon.' because these are reserved for internal use.`,
    );
  }
}

function checkText(name: string, kind: string, value: string): void {
  if (kind === 'Number' && !/^[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?$/.test(value)) {
    throw invalidParameter(`Can't cast the value of message (user) attribute '${name}' to a number.`);
  }
  if (hasForbiddenCharacters(value)) {
    throw invalidParameter(`Invalid binary character was found in the value of the message attribute '${name}'.`);
  }
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

/** The order of Java's String.compareTo, which AWS's digests are in; names are ASCII. */
function byCodeUnits(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
