/**
 * What processes at the edge ask of the one that has the keys and the policies, where signatures are enforced. They verify
 * signatures, which is the dear part, with keys that they are given for a day, a region and a service. Whether the holder
 * may make a call is asked for each call, so nothing that was revoked is honoured.
 */
import type { CredentialHolder } from '#access';
import { NewestMap } from '#std/newestMap';
import type { CallContext, ServedService } from './contract.ts';
import type { Guard, KeyHolders } from './guard.ts';
import { deriveSigningKey, type Signature } from './sigv4/index.ts';

/** Of a signature, what its key depends on. */
export type SignerQuestion = Pick<Signature, 'accessKeyId' | 'sessionToken' | 'day' | 'region' | 'service'>;

/** As the edge knows who signs. Plain data. */
export interface KnownSigner {
  /** Names the holder as he is now: with another policy, or another key, he has another number. */
  readonly number: number;
  /** The signing key, in base64. */
  readonly key: string;
  readonly principal: CredentialHolder['identity']['principal'];
  /** Milliseconds; of a session. */
  readonly expiresAt?: number;
}

/** A call whose signature was verified. */
export interface SignedCall {
  readonly signer: number;
  readonly region: string;
  readonly operation: string;
  /** What it is about, as `accessOf` reads it. */
  readonly input: object;
  readonly conditions: NonNullable<CallContext['conditions']>;
}

export interface EdgeAdmissionOptions {
  readonly guard: Pick<Guard, 'authorize'>;
  readonly holders: KeyHolders;
  /** Whose calls are signed. */
  readonly service: ServedService;
}

interface NumberedHolder {
  readonly holder: CredentialHolder;
  readonly accessKeyId: string;
  readonly sessionToken: string | undefined;
}

const holdersMax = 10_000;
const nobodyWaits = { gone: false, onGone: () => undefined };

export class EdgeAdmission {
  readonly #options: EdgeAdmissionOptions;
  readonly #byNumber = new NewestMap<number, NumberedHolder>(holdersMax);
  readonly #numbers = new WeakMap<CredentialHolder, number>();
  #nextNumber = 1;

  constructor(options: EdgeAdmissionOptions) {
    this.#options = options;
  }

  /** Undefined where there is no such key, or not any more. */
  async signer(asked: SignerQuestion): Promise<KnownSigner | undefined> {
    const { accessKeyId, sessionToken } = asked;
    const holder = await this.#options.holders.credentialHolder(accessKeyId, sessionToken);
    if (holder === undefined) return undefined;
    const number = this.#numbers.get(holder) ?? this.#nextNumber++;
    this.#numbers.set(holder, number);
    this.#byNumber.set(number, { holder, accessKeyId, sessionToken });
    const { secretAccessKey, identity, expiresAt } = holder;
    return {
      number,
      key: deriveSigningKey(secretAccessKey, asked).toString('base64'),
      principal: identity.principal,
      ...(expiresAt !== undefined && { expiresAt }),
    };
  }

  /** `stale`: the number is not the holder's any more. Throws the refusal where the call is not allowed. */
  async admit(call: SignedCall): Promise<'admitted' | 'stale'> {
    const { guard, holders, service } = this.#options;
    const known = this.#byNumber.get(call.signer);
    if (known === undefined) return 'stale';
    const { accessKeyId, sessionToken, holder } = known;
    const found = holders.credentialHolder(accessKeyId, sessionToken);
    if ((found instanceof Promise ? await found : found) !== holder) return 'stale';
    const context: CallContext = {
      ...{ accountId: holder.identity.principal.accountId, region: call.region, accessKeyId, caller: holder.identity },
      ...{ conditions: call.conditions, requestId: '', endpoint: '', client: nobodyWaits },
    };
    const needed = service.accessOf?.(call.operation, call.input as never, context) ?? [];
    guard.authorize(needed instanceof Promise ? await needed : needed, context, service.contract);
    holders.used(accessKeyId, call.region, service.contract.service);
    return 'admitted';
  }
}
