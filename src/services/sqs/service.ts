import type { Operation } from '#aws/contract';
import type { SqsOperations } from '#aws/generated/sqs';
import type { Partition } from '#runtime';
import type { Encryption } from './encryption.ts';
import type { Quotas } from './quotas.ts';
import type { ReceiptHandles } from './receiptHandle.ts';

/** What SQS's operations work with. */
export interface Sqs {
  readonly partition: Partition;
  readonly receiptHandles: ReceiptHandles;
  readonly encryption: Encryption;
  /** Whether a purge, and a new queue of a deleted one's name, must wait for 60 seconds, as in AWS. */
  readonly strictTiming: boolean;
  /** Absent unless AWS's limits of requests per second are enforced; see `checkQuota`. */
  readonly quotas: Quotas | undefined;
}

export type SqsOperation<Name extends keyof SqsOperations> = Operation<
  Sqs,
  SqsOperations[Name]['input'],
  SqsOperations[Name]['output']
>;
