/** The door at the edge, where signatures are enforced: it verifies them here, and asks whether a call is allowed. */
import {
  type AccessOf,
  AnsweredElsewhere,
  type CallContext,
  HmacKey,
  hasSigned,
  isRefused,
  type KnownSigner,
  type RequestGuard,
  readSignature,
  type Signature,
  type SignedCall,
  type SignedRequest,
  type SignerQuestion,
} from '#aws';
import { NewestMap } from '#std/newestMap';
import { toQueues } from './frames.ts';
import { type RemoteQueues, StaleQueue } from './remoteQueues.ts';

type Caller = NonNullable<CallContext['caller']>;

interface Signer {
  readonly number: number;
  readonly key: HmacKey;
  readonly caller: Caller;
  readonly expiresAt: number;
}

const signersMax = 1_000;

/**
 * Lets in who is allowed; whoever is not, or not known, or has not signed, is answered elsewhere: by the process that has
 * the keys, which looks at the request anew and refuses it in AWS's words, or does what it asks for after all.
 */
export class EdgeGuard implements RequestGuard {
  readonly #calls: Pick<RemoteQueues, 'call'>;
  /** By the credential and the session's token. */
  readonly #signers = new NewestMap<string, Signer>(signersMax);
  readonly #asked = new Map<string, Promise<Signer>>();
  readonly #byCaller = new WeakMap<Caller, { readonly signer: Signer; readonly name: string }>();

  constructor(calls: Pick<RemoteQueues, 'call'>) {
    this.#calls = calls;
  }

  authenticate(request: SignedRequest, { contract }: Parameters<RequestGuard['authenticate']>[1]) {
    const signature = readSignature(request, { service: contract.service, now: Date.now() });
    if (isRefused(signature)) throw new AnsweredElsewhere();
    const name = nameOf(signature);
    const verified = (signer: Signer) => {
      if (signer.expiresAt <= Date.now() || !hasSigned(signature, request, signer.key)) throw new AnsweredElsewhere();
      return { identity: signer.caller, accessKeyId: signature.accessKeyId, region: signature.region };
    };
    const known = this.#signers.get(name);
    return known === undefined ? this.#ask(name, signature).then(verified) : verified(known);
  }

  /** Of a service: nothing more is needed once the call has been admitted. */
  readonly accessOf: AccessOf = async (operation, input, context) => {
    await this.#admit(operation, input, context);
    return [];
  };

  /** All that a call needs was found out by `accessOf`. */
  authorize(): void {}

  async #admit(operation: string, { QueueUrl }: { readonly QueueUrl?: string }, context: CallContext): Promise<void> {
    const { caller, region, conditions = {} } = context;
    const known = caller && this.#byCaller.get(caller);
    if (known === undefined) throw new AnsweredElsewhere();
    const call: SignedCall = { signer: known.signer.number, region, operation, input: { QueueUrl }, conditions };
    try {
      await this.#calls.call(
        toQueues.admit,
        (frame) => frame.text(JSON.stringify(call)),
        () => undefined,
      );
    } catch (error) {
      if (!(error instanceof StaleQueue)) throw error;
      if (this.#signers.get(known.name) === known.signer) this.#signers.delete(known.name);
      throw new AnsweredElsewhere();
    }
  }

  #ask(name: string, signature: Signature): Promise<Signer> {
    let asked = this.#asked.get(name);
    if (asked === undefined) {
      asked = this.#fetch(name, signature).finally(() => this.#asked.delete(name));
      this.#asked.set(name, asked);
    }
    return asked;
  }

  async #fetch(name: string, { accessKeyId, sessionToken, day, region, service }: Signature): Promise<Signer> {
    const question: SignerQuestion = { accessKeyId, sessionToken, day, region, service };
    const text = await this.#calls.call(
      toQueues.signer,
      (frame) => frame.text(JSON.stringify(question)),
      (frame) => (frame.isAtEnd ? '' : frame.text()),
    );
    if (text === '') throw new AnsweredElsewhere();
    const { number, key, principal, expiresAt = Number.POSITIVE_INFINITY } = JSON.parse(text) as KnownSigner;
    const signer = {
      number,
      key: new HmacKey(Buffer.from(key, 'base64')),
      caller: { principal, policies: [] },
      expiresAt,
    };
    this.#byCaller.set(signer.caller, { signer, name });
    this.#signers.set(name, signer);
    return signer;
  }
}

function nameOf({ credential, sessionToken = '' }: Signature): string {
  return `${credential}\n${sessionToken}`;
}
