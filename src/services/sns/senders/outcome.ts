import type { Outcome } from '../delivery.ts';
import type { Answer } from './httpClient.ts';
import { loggedCharacters } from './limits.ts';

/** As AWS has it: 429 and 5xx may be better later, everything else that is not 2xx stays as it is. */
export function isTemporary(status: number): boolean {
  return status === 429 || status >= 500;
}

export function outcomeOf(answer: Answer): Outcome {
  if (answer.kind === 'unreachable') return { kind: 'failed', permanent: answer.permanent, reason: answer.reason };
  const { status, body, dwellTimeMs } = answer;
  if (status >= 200 && status < 300) return delivered(status, body, dwellTimeMs);
  const aside = status >= 300 && status < 400 ? '; redirects are not followed' : '';
  return failed(status, `The endpoint answered with status ${status}${aside}.`);
}

export function delivered(statusCode: number, response: string, dwellTimeMs: number): Outcome {
  const providerResponse = response.slice(0, loggedCharacters);
  return { kind: 'delivered', statusCode, dwellTimeMs, ...(providerResponse !== '' && { providerResponse }) };
}

export function failed(statusCode: number, reason: string): Outcome {
  return { kind: 'failed', permanent: !isTemporary(statusCode), statusCode, reason };
}

export function permanently(reason: string): Outcome {
  return { kind: 'failed', permanent: true, reason };
}

export function forNow(reason: string): Outcome {
  return { kind: 'failed', permanent: false, reason };
}

/** The push service says that no device has this token any more. */
export function deadToken(statusCode: number, reason: string): Outcome {
  return { kind: 'failed', permanent: true, statusCode, reason, disableEndpoint: true };
}
