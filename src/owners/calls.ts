/** What the process that clients know, "home", and one that owns a partition ask and tell each other. */
import type { Door } from '#edge/door';
import type { FoundElsewhere, Letter, LettersTaken, QueuePath } from '#runtime';
import type { ErrorInTransit } from './errors.ts';
import type { QueueName, QueueOwner, ReceiveAnswer, ReceiveRequest } from './queueOwner.ts';

export type { Door };

export interface OwnerSettings {
  /** Of its partition; home has 0. */
  readonly number: number;
  readonly directory: string;
  /** Of the server that the directory belongs to. */
  readonly mark: string;
  /** Nothing was ever stored there by what home knows. */
  readonly isNew: boolean;
  /** Where the edge comes in. */
  readonly door: Door;
  /** Which queues without a KMS key are encrypted. */
  readonly managedEncryption: 'default' | 'explicit';
}

export interface OwnerCalls extends Omit<QueueOwner, 'partition' | 'problem' | 'receive'> {
  /** The first call. Rejects with `StoreUnusable`. */
  open(settings: OwnerSettings): Promise<void>;
  /** All partitions are open: what needs others can start. */
  begin(): void;
  /** `waiterId` is the caller's, to cancel it by. */
  receive(waiterId: number, queue: QueueName, request: ReceiveRequest): Promise<ReceiveAnswer>;
  takeLetters(from: number, letters: readonly Letter[]): Promise<LettersTaken>;
  /** Whether the edge has to send all requests home. */
  mustForward(isAsked: boolean): void;
  /** Resolves when all is stored. */
  close(): Promise<void>;
}

export interface HomeCalls {
  find(path: QueuePath): Promise<FoundElsewhere | undefined>;
  ship(to: number, letters: readonly Letter[]): Promise<LettersTaken>;
  keysMoved(dataKeyIds: readonly string[]): Promise<void>;
  /** Why the partition's store does not take everything; undefined when it does again. */
  problem(error: ErrorInTransit | undefined): void;
  committed(all: readonly Commit[]): void;
  commitFailed(error: ErrorInTransit): void;
  /** What went wrong where nobody waits for it. */
  failed(error: ErrorInTransit, text: string): void;
}

export interface Commit {
  readonly operations: number;
  readonly milliseconds: number;
}
