import type { CallContext, Operation, ServedService } from '#aws/contract';
import type { SqsOperations } from '#aws/generated/sqs';
import type { QueueHandle, ServedQueues } from '#runtime';
import type { Encryption } from './encryption.ts';
import type { Quotas } from './quotas.ts';
import type { ReceiptHandles } from './receiptHandle.ts';

/** The part of a queue that messages come and go by. */
export type MessageQueue = Pick<
  QueueHandle,
  'record' | 'send' | 'receive' | 'cancelReceive' | 'release' | 'delete' | 'changeVisibility'
>;

/** What the operations on messages work with. They need not run where the queues are. */
export interface SqsMessages {
  readonly partition: {
    queue(accountId: string, region: string, name: string): MessageQueue | Promise<MessageQueue | undefined>;
  };
  readonly receiptHandles: ReceiptHandles;
  readonly encryption: Encryption;
  /** Absent unless AWS's limits of requests per second are enforced; see `checkQuota`. */
  readonly quotas: Quotas | undefined;
}

/** What SQS's operations work with. */
export interface Sqs extends SqsMessages {
  readonly partition: ServedQueues;
  /** Whether a purge, and a new queue of a deleted one's name, must wait for 60 seconds, as in AWS. */
  readonly strictTiming: boolean;
}

type OperationOn<Services, Name extends keyof SqsOperations> = Operation<
  Services,
  SqsOperations[Name]['input'],
  SqsOperations[Name]['output']
>;

export type SqsOperation<Name extends keyof SqsOperations> = OperationOn<Sqs, Name>;
export type SqsMessageOperation<Name extends keyof SqsOperations> = OperationOn<SqsMessages, Name>;

/** As the edge calls them: each takes its own input, which the codecs made by the contract. */
export function bind<Services>(
  operations: { readonly [name: string]: Operation<Services, never, unknown> },
  services: Services,
  attempt: (operation: () => Promise<unknown>) => Promise<unknown>,
): ServedService['operations'] {
  const bound = Object.entries(operations).map(([name, operation]) => {
    return [name, (input: never, context: CallContext) => attempt(() => operation(services, input, context))];
  });
  return Object.fromEntries(bound);
}
