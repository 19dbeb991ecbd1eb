import { invalidParameter } from './errors.ts';

/** The texts of a message that was published with MessageStructure `json`, by protocol. */
export type StructuredMessage = Readonly<Record<string, string>>;

const defaultKey = 'default';

/**
 * Members that are no text are ignored, and of one that comes twice the last counts: measured, against the
 * documentation. `default` must be there, unless the message goes to one endpoint: then it may name that one alone.
 */
export function parseMessageStructure(text: string, target: 'topic' | 'endpoint' = 'topic'): StructuredMessage {
  const members = parseObject(text);
  if (members === undefined) throw invalidStructure('JSON message body failed to parse');
  const texts: Record<string, string> = Object.create(null);
  for (const [name, value] of Object.entries(members)) {
    if (typeof value === 'string') texts[name] = value;
  }
  if (target === 'topic' && texts[defaultKey] === undefined) {
    throw invalidStructure('No default entry in JSON message body');
  }
  return texts;
}

/** `protocol` is a subscription's, or the platform of an endpoint: `GCM`, `APNS_SANDBOX`. */
export function textFor(message: StructuredMessage, protocol: string): string | undefined {
  return message[protocol] ?? message[defaultKey];
}

function parseObject(text: string): object | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

function invalidStructure(reason: string): Error {
  return invalidParameter(`Message Structure - ${reason}`);
}
