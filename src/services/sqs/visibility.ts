import type { AwsError } from '#aws/contract';
import { invalidValue, messageNotInflight, missingParameter } from './errors.ts';
import { visibilityTimeoutSeconds } from './limits.ts';

/** Seconds. */
export function checkVisibilityTimeout(seconds: number | undefined): number {
  if (seconds === undefined) throw missingParameter('VisibilityTimeout');
  const { min, max } = visibilityTimeoutSeconds;
  if (seconds >= min && seconds <= max) return seconds;
  throw invalidValue(seconds, 'VisibilityTimeout', `VisibilityTimeout must be an integer between ${min} and ${max}.`);
}

/** What AWS answers when a visibility could not be changed; undefined when it was. */
export function visibilityError(
  outcome: 'changed' | 'gone' | 'not-in-flight' | 'beyond-limit',
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
    default:
      return outcome satisfies never;
  }
}
