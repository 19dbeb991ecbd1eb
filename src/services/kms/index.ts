import { AwsError, type CallContext, type ServedService } from '#aws/contract';
import { kms as contract } from '#aws/generated/kms';
import {
  type Clock,
  CommitFailed,
  type KeyRing,
  type KeyUse,
  type Partition,
  systemClock,
  Turns,
  type Vault,
} from '#runtime';
import { Lazily } from '#std/lazily';
import { type AccessCaller, accessOf, type KeyAccess } from './access.ts';
import { Agenda } from './agenda.ts';
import { deleteIfDue } from './deletion.ts';
import { createKeyRing } from './keyRing.ts';
import { Keys } from './keys.ts';
import { tellingUses } from './keyUses.ts';
import { rotateIfDue } from './rotation.ts';
import { servedNames } from './served.ts';
import type { Kms } from './service.ts';

export { type AccessCaller, decideAccess, type KeyAccess } from './access.ts';

/** Loaded with the first call: a server that nobody asks about keys starts sooner without them. */
const operations = new Lazily(async () => (await import('./operations.ts')).operations);

export interface KmsOptions {
  /** By which keys are deleted and rotated: the partition's own, if that is not the system's. */
  readonly clock?: Clock;
  /** What went wrong where nobody waits for it. */
  readonly report?: (error: Error) => void;
  /** Told of each use of a key by another service. */
  readonly keyUsed?: (use: KeyUse) => void;
}

/** KMS with what it does by itself: deletions and rotations. */
export interface RunningKms {
  readonly service: ServedService;
  /** For the other services. */
  readonly keys: KeyRing;
  /** What a call needs to be allowed; see `decideAccess`. */
  accessOf(operation: string, input: unknown, caller: AccessCaller): Promise<readonly KeyAccess[]>;
  /** Resolves when nothing that is due is under way. */
  settled(): Promise<void>;
  /** Before the partition is closed. */
  close(): Promise<void>;
}

export function createKms(partition: Partition, vault: Vault, options: KmsOptions = {}): RunningKms {
  const { clock = systemClock, report = () => undefined, keyUsed } = options;
  const agenda = new Agenda(partition, {
    clock,
    report,
    act: ({ work, key }) => (work === 'delete' ? deleteIfDue(kms, key) : rotateIfDue(kms, key)),
  });
  const kms: Kms = { partition, vault, keys: new Keys(partition, vault), turns: new Turns(), agenda };
  // What came due while no server ran.
  agenda.lookAgain();
  return {
    service: { contract, operations: bind(kms) },
    keys: keyUsed === undefined ? createKeyRing(kms) : tellingUses(createKeyRing(kms), keyUsed),
    accessOf: (operation, input, caller) => accessOf(kms, operation, input, caller),
    settled: () => agenda.settled(),
    close: () => agenda.close(),
  };
}

/** Each operation takes its own input, which the codecs made by the contract. */
function bind(kms: Kms): ServedService['operations'] {
  const bound = servedNames.map((name) => {
    const call = async (input: never, context: CallContext) => {
      const { [name]: operation } = await operations.get();
      return (operation as (kms: Kms, input: never, context: CallContext) => Promise<unknown>)(kms, input, context);
    };
    return [name, (input: never, context: CallContext) => call(input, context).catch(refuse)];
  });
  return Object.fromEntries(bound);
}

/** What the runtime throws, as AWS says it. */
function refuse(error: unknown): never {
  if (!(error instanceof CommitFailed)) throw error;
  throw new AwsError('ServiceUnavailable', `Nothing was changed: the data could not be stored. ${error.message}`, {
    httpStatus: 503,
  });
}
