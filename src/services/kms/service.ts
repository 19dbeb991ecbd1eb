import type { Identity } from '#access';
import type { CallContext } from '#aws/contract';
import type { KmsOperations } from '#aws/generated/kms';
import type { Partition, Turns, Vault } from '#runtime';
import type { Agenda } from './agenda.ts';
import type { Keys } from './keys.ts';

/** What KMS's operations work with. */
export interface Kms {
  readonly partition: Partition;
  readonly vault: Vault;
  readonly keys: Keys;
  /** For operations that read, decide and write. By the path of a key, or of an account and region. */
  readonly turns: Turns;
  readonly agenda: Pick<Agenda, 'lookAgain'>;
}

/** A call, with who makes it where signatures are enforced. */
export type KmsContext = CallContext & { readonly caller?: Identity };

export type KmsOperation<Name extends keyof KmsOperations> = (
  kms: Kms,
  input: KmsOperations[Name]['input'],
  context: KmsContext,
) => Promise<KmsOperations[Name]['output']>;
