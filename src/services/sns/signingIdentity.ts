import type { Partition } from '#runtime';
import { certificatePath, makeSigningIdentity, type SigningIdentity } from './certificate.ts';
import type { EnvelopeSettings } from './envelope.ts';
import { Signer } from './signing.ts';
import type { Topic } from './topics.ts';

/** What signs, and what proves it. */
export interface Signing {
  readonly signer: Signer;
  /** PEM. */
  readonly certificate: string;
  /** Where the certificate is served. */
  readonly path: string;
}

const kind = 'sns-signing-identity';
const path = 'current';

/** The server's key and certificate, made when they are first needed, and kept in the store. */
export class SigningKeys {
  readonly #partition: Partition;
  #current: Promise<Signing> | undefined;

  constructor(partition: Partition) {
    this.#partition = partition;
    // The one in memory may have been in the commit that failed.
    partition.onStateLost(() => {
      this.#current = undefined;
    });
  }

  get(): Promise<Signing> {
    this.#current ??= this.#load().catch((error: unknown) => {
      this.#current = undefined;
      throw error;
    });
    return this.#current;
  }

  async #load(): Promise<Signing> {
    const { entities } = this.#partition;
    let identity = await entities.get<SigningIdentity>(kind, path);
    if (identity === undefined) {
      identity = await makeSigningIdentity(new Date(this.#partition.now()));
      await entities.write({ kind, path, value: identity });
    }
    const { privateKey, certificate } = identity;
    return { signer: new Signer(privateKey), certificate, path: certificatePath(certificate) };
  }
}

/** What a topic's envelopes hold besides the message; `publicUrl` is where the receiver finds this server. */
export function envelopeSettings(topic: Topic, signing: Signing, publicUrl: string): EnvelopeSettings {
  return {
    publicUrl,
    signingCertUrl: `${publicUrl}${signing.path}`,
    signatureVersion: topic.record.attributes.SignatureVersion === '2' ? '2' : '1',
    signer: signing.signer,
  };
}
