/** Message attributes in their two forms: as they are published, and as envelopes show them. */
import type { MessageAttributeValue } from '#aws/generated/sns';

export type PublishedAttributes = { readonly [name: string]: MessageAttributeValue };

export interface ShownAttribute {
  readonly Type: string;
  /** Binary ones in base64. */
  readonly Value: string;
}

export type ShownAttributes = { readonly [name: string]: ShownAttribute };

/** What SQS takes; a raw message with more fails for good (SNS Developer Guide, "Raw message delivery"). */
export const rawMessageAttributesMax = 10;

export function showAttributes(attributes: PublishedAttributes | undefined): Record<string, ShownAttribute> {
  // Without a prototype, so that the name `__proto__` is one like any other.
  const shown: Record<string, ShownAttribute> = Object.create(null);
  for (const [name, { DataType: Type, StringValue, BinaryValue }] of Object.entries(attributes ?? {})) {
    const Value = isBinary(Type) ? Buffer.from(BinaryValue ?? []).toString('base64') : (StringValue ?? '');
    shown[name] = { Type, Value };
  }
  return shown;
}

/** Back to what was published, for a queue that gets the message raw. */
export function publishedAttributes(attributes: ShownAttributes): Record<string, MessageAttributeValue> {
  const published: Record<string, MessageAttributeValue> = Object.create(null);
  for (const [name, { Type: DataType, Value }] of Object.entries(attributes)) {
    published[name] = isBinary(DataType)
      ? { DataType, BinaryValue: Buffer.from(Value, 'base64') }
      : { DataType, StringValue: Value };
  }
  return published;
}

/** `Binary`, or one with a label of the publisher's: `Binary.jpg`. */
function isBinary(dataType: string): boolean {
  return dataType === 'Binary' || dataType.startsWith('Binary.');
}
