import { validation } from './errors.ts';
import { digestLength, type Signed } from './signatures.ts';

/** What Sign and Verify are given, once the algorithm is known to be one of the key's. */
export function readSigned(input: {
  readonly Message: Uint8Array;
  readonly MessageType?: string | undefined;
  readonly SigningAlgorithm: string;
}): Signed {
  const { Message: message, MessageType: type = 'RAW', SigningAlgorithm: algorithm } = input;
  if (type === 'EXTERNAL_MU') throw validation(`Message type ${type} is incompatible with algorithm ${algorithm}.`);
  const isDigest = type === 'DIGEST';
  if (isDigest && message.length !== digestLength(algorithm)) {
    throw validation(`Digest is invalid length for algorithm ${algorithm}.`);
  }
  return { algorithm, message, isDigest };
}
