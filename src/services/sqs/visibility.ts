import type { AwsError } from '#aws/contract';
import { invalidValue, messageNotInflight, missingParameter, receiptHandleExpired } from './errors.ts';
import { visibilityTimeoutSeconds } from './limits.ts';

/** Seconds; `place` is the entry of a batch. */
export function checkVisibilityTimeout(seconds: number | undefined, place = ''): number {
  if (seconds === undefined) throw missingParameter(`${place}VisibilityTimeout`);
  const { min, max } = visibilityTimeoutSeconds;
  if (seconds >= min && seconds <= max) return seconds;
  throw invalidValue(seconds, 'VisibilityTimeout', `VisibilityTimeout must be an integer between ${min} and ${max}.`);
}

/** What AWS answers when a visibility could not be changed; undefined when it was. */
export function visibilityError(
  outcome: 'changed' | 'gone' | 'not-in-flight' | 'beyond-limit' | 'expired',
  entry: { readonly ReceiptHandle?: string | undefined; readonly VisibilityTimeout?: number | undefined },
): AwsError | undefined {
  switch (outcome) {
    case 'changed':
      return undefined;
    case 'gone':
      return invalidValue(
        entry.ReceiptHandle ?? '',
        'ReceiptHandle',
        'Message does not exist or is not available for visibility timeout change.',
      );
    case 'not-in-flight':
      return messageNotInflight();
    case 'beyond-limit':
      return invalidValue(
        entry.VisibilityTimeout ?? 0,
        'VisibilityTimeout',
        `Total VisibilityTimeout for the message is beyond the limit [${visibilityTimeoutSeconds.max} seconds].`,
      );
    case 'expired':
      return receiptHandleExpired(entry.ReceiptHandle ?? '');
    default:
      return outcome satisfies never;
  }
}
