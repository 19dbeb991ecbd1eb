/**
 * The text of an error, on record only if it repeats nothing that has to stay off it. AWS's texts often show the value that
 * was wrong.
 */
import type { AuditedCall, AwsError, ServiceContract } from '#aws/contract';
import { isAccessRefusal } from './accessRefusals.ts';
import { errorMessageCharacters } from './limits.ts';
import { recordedParameters } from './parameters.ts';
import { hiddenText } from './recordedMembers.ts';

/** A text that shares so many characters with a secret is taken to repeat it; shorter secrets have to be there whole. */
const tellingCharacters = 8;
const shortestSecret = 3;

export function recordedMessage(call: AuditedCall, error: AwsError): string {
  const { contract, operation, context, input } = call;
  // In debug mode a text about a signature goes on with what should have been signed, tokens included.
  const [text = ''] = error.message.split('\n', 1);
  const clipped = text.slice(0, errorMessageCharacters);
  if (input === undefined) {
    // Before the input is known, only texts about signatures are known not to repeat it; these two repeat a header.
    const isSafe = isAccessRefusal(error) && error.queryCode !== 'IncompleteSignature';
    return context === undefined && isSafe ? clipped : hiddenText;
  }
  // What policies decide is said of principals, actions and resources, which are all on record.
  if (isAccessRefusal(error)) return clipped;
  const shapeName = contract.operations[operation]?.input ?? '';
  const recorded = JSON.stringify(recordedParameters(contract, shapeName, input) ?? {});
  const isRepeated = (secret: string) => repeats(clipped, secret) && !recorded.includes(written(secret));
  return textsOf(contract, shapeName, input).some(isRepeated) ? hiddenText : clipped;
}

function repeats(message: string, secret: string): boolean {
  if (secret.length < shortestSecret) return false;
  const telling = secret.slice(0, tellingCharacters);
  return message.includes(telling) || message.includes(written(telling));
}

/** As it stands within JSON. */
function written(text: string): string {
  return JSON.stringify(text).slice(1, -1);
}

/** Every text in an input, the keys of maps too; bytes as base64 and as they are. */
function textsOf(contract: ServiceContract, shapeName: string, value: unknown): string[] {
  if (value === undefined || value === null) return [];
  const shape = contract.shapes[shapeName];
  switch (shape?.type) {
    case 'structure': {
      const given = value as Readonly<Record<string, unknown>>;
      return Object.entries(shape.members).flatMap(([name, member]) => textsOf(contract, member.shape, given[name]));
    }
    case 'list':
      return (value as readonly unknown[]).flatMap((each) => textsOf(contract, shape.member.shape, each));
    case 'map':
      return Object.entries(value).flatMap(([key, each]) => [key, ...textsOf(contract, shape.value.shape, each)]);
    case 'blob': {
      const bytes = Buffer.from(value as Uint8Array);
      return [bytes.toString('base64'), bytes.toString(), bytes.toString('latin1')];
    }
    default:
      return typeof value === 'string' ? [value] : [];
  }
}
