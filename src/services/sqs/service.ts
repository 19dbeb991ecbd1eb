import type { Operation } from '#aws/contract';
import type { SqsOperations } from '#aws/generated/sqs';
import type { Partition } from '#runtime';
import type { ReceiptHandles } from './receiptHandle.ts';

/** What SQS's operations work with. */
export interface Sqs {
  readonly partition: Partition;
  readonly receiptHandles: ReceiptHandles;
}

export type SqsOperation<Name extends keyof SqsOperations> = Operation<
  Sqs,
  SqsOperations[Name]['input'],
  SqsOperations[Name]['output']
>;
