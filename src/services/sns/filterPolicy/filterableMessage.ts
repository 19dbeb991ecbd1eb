import {
  isJsonArray,
  isJsonObject,
  isScalar,
  type JsonObject,
  type JsonValue,
  memberOf,
  readMessageBody,
} from './messageBody.ts';
import type { Scalar } from './valuePattern.ts';

/** A message attribute as it is published. */
export interface FilterableAttribute {
  readonly DataType?: string | undefined;
  readonly StringValue?: string | undefined;
}

/**
 * A published message as policies see it. Made once per message and shown to every subscription's policy: what is parsed
 * is parsed when the first policy asks, and once.
 */
export class FilterableMessage {
  readonly #attributes: Readonly<Record<string, FilterableAttribute>>;
  readonly #bodyText: string;
  #values: ReadonlyMap<string, readonly Scalar[]> | undefined;
  #body: JsonObject | 'none' | undefined;

  constructor(message: { attributes: Readonly<Record<string, FilterableAttribute>>; body: string }) {
    this.#attributes = message.attributes;
    this.#bodyText = message.body;
  }

  /** The values of the attributes that can be filtered by. */
  get attributes(): ReadonlyMap<string, readonly Scalar[]> {
    this.#values ??= readAttributes(this.#attributes);
    return this.#values;
  }

  /** Undefined if the body is no JSON object. */
  get body(): JsonObject | undefined {
    this.#body ??= readMessageBody(this.#bodyText) ?? 'none';
    return this.#body === 'none' ? undefined : this.#body;
  }
}

/** An attribute without a value is not there for a policy: one with binary data, or an empty array. */
function readAttributes(attributes: Readonly<Record<string, FilterableAttribute>>): Map<string, readonly Scalar[]> {
  const values = new Map<string, readonly Scalar[]>();
  for (const [name, attribute] of Object.entries(attributes)) {
    const ofAttribute = readAttribute(attribute);
    if (ofAttribute.length > 0) values.set(name, ofAttribute);
  }
  return values;
}

function readAttribute({ DataType = '', StringValue }: FilterableAttribute): readonly Scalar[] {
  const [type, subtype] = DataType.split('.');
  if (StringValue === undefined || (type !== 'String' && type !== 'Number')) return [];
  const elements = subtype === 'Array' ? readArray(StringValue) : undefined;
  if (elements !== undefined) return elements;
  const number = type === 'Number' && StringValue.trim() !== '' ? Number(StringValue) : Number.NaN;
  return [Number.isFinite(number) ? number : escapeTwice(StringValue)];
}

/** Undefined of what is no array: such a value is taken as it is. */
function readArray(text: string): readonly Scalar[] | undefined {
  try {
    const value: JsonValue = JSON.parse(text);
    if (!isJsonArray(value)) return undefined;
    return value.filter(isScalar).map((element) => (typeof element === 'string' ? escapeTwice(element) : element));
  } catch {
    return undefined;
  }
}

/**
 * AWS's guide: a quotation mark or a backslash must be escaped twice in a policy for attributes, or it won't match. So
 * the escaped text is what policies are compared with.
 */
function escapeTwice(text: string): string {
  return text.replaceAll(/["\\]/g, '\\$&');
}

/** All values that steps lead to, through any array. */
export function valuesAt(value: JsonValue | undefined, steps: readonly string[]): Scalar[] {
  if (value === undefined) return [];
  if (isJsonArray(value)) return value.flatMap((element) => valuesAt(element, steps));
  const [step, ...others] = steps;
  if (step === undefined) return isScalar(value) ? [value] : [];
  return isJsonObject(value) ? valuesAt(memberOf(value, step), others) : [];
}
