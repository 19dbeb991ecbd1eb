import { AnsweredElsewhere, AwsError } from '#aws';
import { OwnerLost } from './ownerLost.ts';
import { StaleQueue } from './remoteQueues.ts';

/** How often a call is made anew because its queue has changed meanwhile. */
const attemptsMax = 5;

/**
 * What is known of a queue may be out of date. A call to it is turned down then, and the operation begins again. Where nothing
 * was done, nobody has said whether that was right: such requests go where the queues are, refusals and all. `onUnexpected` is
 * told of what is no refusal, for there it may go well.
 */
export async function withFreshQueues(
  operation: () => Promise<unknown>,
  onUnexpected: (error: unknown) => void,
): Promise<unknown> {
  for (let attempt = 1; attempt <= attemptsMax; attempt += 1) {
    try {
      const output = await operation();
      if (!hasFailed(output as BatchOutput)) return output;
      break;
    } catch (error) {
      if (error instanceof StaleQueue) continue;
      // It may have been done: asking another process would do it twice.
      if (error instanceof OwnerLost) throw outcomeUnknown();
      if (!(error instanceof AwsError || error instanceof AnsweredElsewhere)) onUnexpected(error);
      break;
    }
  }
  throw new AnsweredElsewhere();
}

function outcomeUnknown(): AwsError {
  return new AwsError('InternalFailure', 'The process that owned the queue has ended.', { httpStatus: 500 });
}

interface BatchOutput {
  readonly Successful?: readonly unknown[];
  readonly Failed?: readonly unknown[];
}

function hasFailed({ Successful = [], Failed = [] }: BatchOutput = {}): boolean {
  return Failed.length > 0 && Successful.length === 0;
}
