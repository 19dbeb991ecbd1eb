/** What one service needs of another's queues, without importing it: who puts the server together hands it over. */
import type { NewMessage } from '#engines/queue';
import type { QueueHandle } from './queueHandle.ts';

/** A queue, wherever it is: what is sent to it depends on its record. */
type KnownQueue = Pick<QueueHandle, 'record'>;

/** A message as its sender means it. */
export interface QueueMessage {
  readonly body: string | SplitText;
  readonly attributes?: Readonly<Record<string, QueueMessageAttribute>>;
  /** Of a standard queue too: it serves its groups in turn. */
  readonly groupId?: string;
  readonly deduplicationId?: string;
  /** A FIFO queue takes the deduplication id once more for each of these. */
  readonly repetition?: string;
  readonly traceHeader?: string;
  /** Account id. */
  readonly senderId: string;
  /** The topic that sends it, and the service it belongs to: where policies are enforced, the queue's has to allow both. */
  readonly source?: { readonly arn: string; readonly service: string };
}

/** A text that differs from queue to queue in the middle. */
export interface SplitText {
  readonly before: string;
  readonly after: string;
}

export interface QueueMessageAttribute {
  readonly DataType: string;
  readonly StringValue?: string;
  readonly BinaryValue?: Uint8Array;
}

/** Implemented by SQS. */
export interface QueueEncoder {
  /** Checks and encodes once what may go to a thousand queues. */
  prepare(message: QueueMessage, keys: QueueKeys): PreparedMessage;
  /** For messages of one source within one commit. */
  keys(source?: QueueMessage['source']): QueueKeys;
}

/** The keys of those queues that encrypt what they hold. */
export interface QueueKeys {
  /**
   * Resolves when messages can be encoded for the queue; undefined if they can be already. A key that can't be used is no
   * error: the queue refuses the messages.
   */
  ready(queue: KnownQueue): Promise<void> | undefined;
}

/**
 * What one queue gets; `middle` is what a body of two parts has between them there. Undefined if the queue refuses such a
 * message: it is too long, or has too many attributes.
 */
export type PreparedMessage = (queue: KnownQueue, middle?: string) => NewMessage | undefined;

/** For whom a key is used. */
export interface KeyUser {
  readonly accountId: string;
  readonly region: string;
  /**
   * Who asks the service, as `#access` describes an identity; its policies and the key's decide. Absent where signatures are
   * not enforced: then everybody may use every key.
   */
  readonly caller?: object;
  /** `sqs`: the service that uses the key on the caller's behalf. */
  readonly service?: string;
}

/** Implemented by KMS. Everything throws `KeyUnusable`. */
export interface KeyRing {
  /** 32 bytes, plain and as they are stored. `reference`: an id, an ARN or an alias. */
  generateDataKey(
    reference: string,
    user: KeyUser,
    encryptionContext: Readonly<Record<string, string>>,
  ): Promise<{ readonly plaintext: Buffer; readonly sealed: Buffer; readonly keyArn: string }>;
  /** What was sealed; it names its key itself. Without `user`, nobody is asked whether he may. */
  openDataKey(sealed: Uint8Array, encryptionContext: Readonly<Record<string, string>>, user?: KeyUser): Promise<Buffer>;
  describe(
    reference: string,
    user: KeyUser,
  ): Promise<{ readonly arn: string; readonly keyState: 'Enabled' | 'Disabled' | 'PendingDeletion' }>;
}

/** What another service asked of a key, for whoever keeps a record. */
export interface KeyUse {
  readonly operation: 'GenerateDataKey' | 'Decrypt' | 'DescribeKey';
  /** As a client would have sent it. */
  readonly input: object;
  /** Absent if the key was not found. */
  readonly keyArn?: string;
  readonly user?: KeyUser;
  readonly error?: Error;
}

/** Why KMS did not do what another service needed; the message is KMS's own. */
export class KeyUnusable extends Error {
  readonly reason:
    | 'disabled'
    | 'not-found'
    | 'pending-deletion'
    | 'access-denied'
    | 'invalid-usage'
    | 'invalid-ciphertext';

  constructor(reason: KeyUnusable['reason'], message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'KeyUnusable';
    this.reason = reason;
  }
}
