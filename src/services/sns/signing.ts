/**
 * Signatures of envelopes. What is signed is a text of some of the envelope's fields, in the order of their bytes, each
 * as its name and its value on a line of their own (SNS Developer Guide, "Verifying the signatures of messages"):
 *
 *     Message \n ... \n MessageId \n ... \n Subject \n ... \n Timestamp \n ... \n TopicArn \n ... \n Type \n ... \n
 *
 * The subscription is not among them, so all subscriptions of a topic get the same signature.
 */
import { createPrivateKey, hash, type KeyObject, sign } from 'node:crypto';
import { promisify } from 'node:util';

/** SHA1withRSA and SHA256withRSA. */
export type SignatureVersion = '1' | '2';

export type EnvelopeType = 'Notification' | 'SubscriptionConfirmation' | 'UnsubscribeConfirmation';

/** `SubscribeURL` and `Token` are a confirmation's, `Subject` is a notification's that has one. */
export interface SignedFields {
  readonly Type: EnvelopeType;
  readonly Message: string;
  readonly MessageId: string;
  readonly Subject?: string | undefined;
  readonly SubscribeURL?: string | undefined;
  readonly Timestamp: string;
  readonly Token?: string | undefined;
  readonly TopicArn: string;
}

const signedNames = {
  Notification: ['Message', 'MessageId', 'Subject', 'Timestamp', 'TopicArn', 'Type'],
  SubscriptionConfirmation: ['Message', 'MessageId', 'SubscribeURL', 'Timestamp', 'Token', 'TopicArn', 'Type'],
  UnsubscribeConfirmation: ['Message', 'MessageId', 'SubscribeURL', 'Timestamp', 'Token', 'TopicArn', 'Type'],
} as const;

export function textToSign(fields: SignedFields): string {
  let text = '';
  for (const name of signedNames[fields.Type]) {
    const value = fields[name];
    if (value !== undefined) text += `${name}\n${value}\n`;
  }
  return text;
}

const digests = { '1': 'RSA-SHA1', '2': 'RSA-SHA256' } as const;

const signInBackground = promisify(sign);

/** Signatures that are kept: of a message that goes to many subscriptions, or is tried again. 400 bytes each. */
const signaturesKept = 4_096;

/**
 * Signs with one private key, and each text once: a signature takes a millisecond of CPU, which a message with 1,000
 * subscriptions must not take 1,000 times. The latest signatures are kept by the digest of their texts.
 *
 * `signAhead` does the work in another thread, and `sign` then finds it done; `sign` alone does it at once.
 */
export class Signer {
  readonly #key: KeyObject;
  /** In the order in which they were made, the oldest first. */
  readonly #signatures = new Map<string, string>();

  constructor(privateKey: string) {
    this.#key = createPrivateKey(privateKey);
  }

  /** How many signatures are known. */
  get kept(): number {
    return this.#signatures.size;
  }

  /** In base64, as envelopes hold it. */
  sign(version: SignatureVersion, text: string): string {
    const name = nameOf(version, text);
    return this.#signatures.get(name) ?? this.#keep(name, sign(digests[version], Buffer.from(text), this.#key));
  }

  async signAhead(version: SignatureVersion, text: string): Promise<string> {
    const name = nameOf(version, text);
    const known = this.#signatures.get(name);
    return known ?? this.#keep(name, await signInBackground(digests[version], Buffer.from(text), this.#key));
  }

  #keep(name: string, bytes: Buffer): string {
    const signature = bytes.toString('base64');
    this.#signatures.set(name, signature);
    if (this.#signatures.size > signaturesKept) {
      for (const oldest of this.#signatures.keys()) {
        this.#signatures.delete(oldest);
        break;
      }
    }
    return signature;
  }
}

function nameOf(version: SignatureVersion, text: string): string {
  return version + hash('sha256', text, 'base64');
}
